/** The records of a block's threads in linear memory, as translated code and the launch both see them. */
import { record, registers } from './layout.ts'

export class Records {
  readonly words: Int32Array
  /** The address of the first record, and from one to the next. */
  readonly start: number
  readonly stride: number

  constructor(words: Int32Array, start: number, stride: number) {
    this.words = words
    this.start = start
    this.stride = stride
  }

  at(thread: number): number {
    return this.start + thread * this.stride
  }
  get(thread: number, field: number): number {
    return this.words[(this.start + thread * this.stride + field) >> 2]!
  }
  set(thread: number, field: number, value: number): void {
    this.words[(this.start + thread * this.stride + field) >> 2] = value
  }
  /** The thread that runs. */
  get current(): number {
    return (this.words[registers.current >> 2]! - this.start) / this.stride
  }
  /** Lets a thread go on behind what it waited for. */
  resume(thread: number): void {
    this.set(thread, record.next, this.get(thread, record.at))
  }
}
