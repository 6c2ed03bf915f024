/** A kernel on one device: its instance, made once however often it is launched, and whom its code calls back meanwhile. */
import { engine } from './engine.ts'
import type { LaunchFunction } from './helpers/imports.ts'
import type { PtxKernel } from './kernel.ts'
import type { Memory } from './memory.ts'
import { arithmeticFunctions } from './runtime-functions.ts'

/** What a launch does for the code that runs; `helpers/imports.ts` says with what. */
export interface MachineHost extends Record<LaunchFunction, unknown> {
  fault(instruction: number, address: bigint, access: number, traceEnd: number): void
  raced(instruction: number, address: number, who: number, wrote: number): void
  drain(traceEnd: number): number
  outOfFuel(): void
  trap(instruction: number): void
  copyLater(instruction: number, to: number, from: number, bytes: number): void
  copyPart(instruction: number, to: number, from: bigint, bytes: number, read: number, traceEnd: number): void
  closeCopies(): void
  awaitCopies(left: number): void
}

export class Machine {
  /** Lets the threads run whose records lie from one address to before another; see `run-warp.ts`. */
  readonly runWarp: (start: number, end: number, stride: number, entry: number) => number
  /** Notes an access of the running thread; see `races.ts`. */
  readonly watch: (address: number, instruction: number, units: number, mode: number) => void
  #host: MachineHost | undefined

  constructor(memory: Memory, { wasm }: Pick<PtxKernel, 'wasm'>) {
    const ofLaunch: MachineHost = {
      fault: (...args) => this.#running.fault(...args),
      raced: (...args) => this.#running.raced(...args),
      drain: (end) => this.#running.drain(end),
      outOfFuel: () => this.#running.outOfFuel(),
      trap: (instruction) => this.#running.trap(instruction),
      copyLater: (...args) => this.#running.copyLater(...args),
      copyPart: (...args) => this.#running.copyPart(...args),
      closeCopies: () => this.#running.closeCopies(),
      awaitCopies: (left) => this.#running.awaitCopies(left),
    }
    const env = { memory: memory.wasm, ...arithmeticFunctions, ...ofLaunch }
    const { runWarp, watch } = new engine.Instance(wasm, { env }).exports
    this.runWarp = runWarp as Machine['runWarp']
    this.watch = watch as Machine['watch']
  }

  /** Calls back `host` from now on; `undefined` when the launch is over. */
  serve(host: MachineHost | undefined): void {
    this.#host = host
  }

  get #running(): MachineHost {
    if (this.#host) return this.#host
    throw new Error('a kernel runs outside of a launch')
  }
}
