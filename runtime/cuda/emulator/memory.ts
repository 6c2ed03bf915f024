/** A device's memory: allocations with gaps between them, and a shadow byte for each byte. */

import { LaunchError } from '../errors.ts'
import { engine } from './engine.ts'
import { firstAddress, guardGap, known, memoryBytes, parameters, shadow, symbols } from './layout.ts'

const poison = 0xa5

/** WebAssembly's unit of memory. */
const page = 65_536

export interface Allocation {
  readonly pointer: number
  readonly bytes: number
  readonly name: string
}

const roundUp = (value: number): number => Math.ceil(value / guardGap) * guardGap

export class Memory {
  readonly wasm = new engine.Memory({ initial: memoryBytes / page, maximum: memoryBytes / page })
  readonly bytes = new Uint8Array(this.wasm.buffer)
  readonly words = new Int32Array(this.wasm.buffer)
  readonly view = new DataView(this.wasm.buffer)
  readonly #limit: number
  /** In the order of their addresses. */
  readonly #allocations: Allocation[] = []
  #used = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Poisoned, uninitialised memory at the first gap that is wide enough. `system`: inaccessible to kernels, and unlimited. */
  allocate(bytes: number, name: string, system = false): number {
    if (!Number.isSafeInteger(bytes) || bytes < 0)
      throw new LaunchError(`'${name}' is of ${bytes} bytes: a size is a non-negative integer`)
    if (!system && this.#used + bytes > this.#limit)
      throw new LaunchError(
        `out of memory: '${name}' needs ${bytes} bytes, but ${this.#limit - this.#used} of ${this.#limit} are left`,
      )
    let pointer = firstAddress
    let at = 0
    for (; at < this.#allocations.length; at++) {
      const next = this.#allocations[at]!
      if (pointer + bytes + guardGap <= next.pointer) break
      pointer = roundUp(next.pointer + Math.max(next.bytes, 1) + guardGap)
    }
    if (pointer + bytes + guardGap > shadow)
      throw new LaunchError(`out of memory: no ${bytes} bytes in one piece are left for '${name}' of ${shadow} in all`)
    this.#allocations.splice(at, 0, { pointer, bytes, name })
    if (system) return pointer
    this.#used += bytes
    this.bytes.fill(poison, pointer, pointer + bytes)
    this.mark(pointer, bytes, known.accessible)
    return pointer
  }
  free(pointer: number, system = false): void {
    const { bytes } = this.allocation(pointer)
    this.#allocations.splice(
      this.#allocations.findIndex((one) => one.pointer === pointer),
      1,
    )
    if (!system) this.#used -= bytes
    this.mark(pointer, bytes, 0)
  }
  allocation(pointer: number): Allocation {
    const found = this.#allocations.find((one) => one.pointer === pointer)
    if (!found) throw new LaunchError(`${hex(pointer)} is no allocation of this device, or is freed already`)
    return found
  }
  /** Sets what is known of bytes. */
  mark(pointer: number, bytes: number, state: number): void {
    this.bytes.fill(state, pointer + shadow, pointer + shadow + bytes)
  }
  state(address: number): number {
    return this.bytes[address + shadow]!
  }
  /** The range within one allocation, which may begin inside of it. */
  range(pointer: number, bytes: number): void {
    const inside = this.#allocations.some((one) => pointer >= one.pointer && pointer + bytes <= one.pointer + one.bytes)
    if (!inside)
      throw new LaunchError(`${bytes} bytes at ${hex(pointer)} lie in no allocation of this device: ${this.describe(pointer)}`)
  }
  /** Where an address lies, in words. */
  describe(address: number): string {
    const before = this.#allocations.filter(({ pointer }) => pointer <= address).at(-1)
    if (address < firstAddress) return describeLow(address)
    if (!before) return `${hex(address)}, in no allocation`
    const offset = address - before.pointer
    if (offset < before.bytes) return `${hex(address)}, byte ${offset} of '${before.name}' (${before.bytes} bytes)`
    return `${hex(address)}, ${offset - before.bytes} bytes behind the end of '${before.name}' (${before.bytes} bytes)`
  }
}

const describeLow = (address: number): string => {
  if (address === 0) return 'a null pointer'
  const inParameters = address >= parameters && address < symbols
  return inParameters
    ? `${hex(address)}, byte ${address - parameters} of the parameters`
    : `${hex(address)}, below all allocations`
}

export const hex = (value: number): string => `0x${value.toString(16)}`
