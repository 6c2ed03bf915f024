/** A launch while it runs: blocks one after the other, and what its threads call back meanwhile. */

import { LaunchError } from '../errors.ts'
import type { Extents } from '../extents.ts'
import { type AccessKind, unpackAccess } from './access.ts'
import { Block } from './block.ts'
import { Copies } from './copies.ts'
import { type Counts, countInstructions } from './counts.ts'
import { WatchdogError } from './errors.ts'
import { Fault, isReadable, problemOf } from './faults.ts'
import type { PtxKernel } from './kernel.ts'
import { counters, known, record, registers, trace } from './layout.ts'
import type { Machine, MachineHost } from './machine.ts'
import type { Memory } from './memory.ts'
import { modes, nameOf, raceBytes } from './races.ts'
import { Records } from './records.ts'
import { Report, type Site } from './report.ts'
import { watchUnit } from './rules/spaces.ts'
import { sitesOf } from './sites.ts'
import { TrafficCounter } from './traffic.ts'

export interface RunRequest {
  readonly grid: Extents
  readonly block: Extents
  /** Bytes of dynamic shared memory. */
  readonly sharedBytes: number
  /** Milliseconds until an endless kernel is ended. */
  readonly timeLimit: number
}

/** Backward branches between two looks at the clock. */
const fuel = 1 << 18

const warpSize = 32

/** Memory for a launch, or for nothing of it. */
const take = <Name extends string>(memory: Memory, sizes: Readonly<Record<Name, number>>): Record<Name, number> => {
  const taken: Partial<Record<Name, number>> = {}
  try {
    for (const name in sizes) taken[name] = memory.allocate(sizes[name], `${name} memory`, true)
    return taken as Record<Name, number>
  } catch (error) {
    for (const name in taken) memory.free(taken[name]!, true)
    throw error
  }
}

export class Run implements MachineHost {
  readonly report = new Report()
  readonly #memory: Memory
  readonly #kernel: PtxKernel
  readonly #machine: Machine
  readonly #request: RunRequest
  readonly #threads: number
  readonly #shared: { readonly start: number; readonly bytes: number }
  /** What the launch took of the device's memory. */
  readonly #taken: readonly number[]
  readonly #records: Records
  readonly #traffic: TrafficCounter
  readonly #watchUnit: number
  readonly #copies: Copies
  readonly #waiting: Block | null
  readonly #deadline: number
  #block: Extents = [0, 0, 0]

  constructor(memory: Memory, kernel: PtxKernel, machine: Machine, request: RunRequest) {
    const { translation, code } = kernel
    const { block, sharedBytes, timeLimit } = request
    this.#memory = memory
    this.#kernel = kernel
    this.#machine = machine
    this.#request = request
    this.#threads = block[0] * block[1] * block[2]
    this.#deadline = performance.now() + timeLimit
    const bytes = sharedBytes > 0 ? translation.dynamicOffset + sharedBytes : translation.sharedBytes
    const waits = translation.waits.size > 0
    // Threads that run to their end at once, one after the other, share one local memory.
    const localStride = translation.localBytes + 64
    this.#watchUnit = watchUnit(code)
    const taken = take(memory, {
      shared: bytes,
      races: raceBytes(bytes, this.#watchUnit),
      records: translation.recordBytes * this.#threads,
      local: localStride * (waits ? this.#threads : 1),
    })
    this.#taken = Object.values(taken)
    this.#shared = { start: taken.shared, bytes }
    this.#records = new Records(memory.words, taken.records, translation.recordBytes)
    this.#traffic = new TrafficCounter(memory.words, sitesOf(code), taken.shared, bytes)
    this.#copies = new Copies(memory)
    this.#waiting = waits ? this.#blockOfWaiting() : null
    memory.bytes.fill(0, taken.races, taken.races + raceBytes(bytes, this.#watchUnit))
    memory.words[registers.races >> 2] = taken.races
    this.#writeRegisters(taken.local, waits ? localStride : 0)
  }

  /** Runs to the end, or to the first fault. Says whether there was one. */
  run(): boolean {
    const [x, y, z] = this.#request.grid
    try {
      for (let k = 0; k < z; k++) for (let j = 0; j < y; j++) for (let i = 0; i < x; i++) this.#runBlock([i, j, k])
      return false
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      this.#traffic.endWarp()
      return true
    }
  }
  /** Gives back what it took, whatever happened. */
  end(): void {
    for (const pointer of this.#taken) this.#memory.free(pointer, true)
  }
  get counts(): Counts {
    const { words, view } = this.#memory
    const { code, translation } = this.#kernel
    return {
      threads: words[registers.started >> 2]!,
      instructions: countInstructions(code, translation.blocks, (k) => Number(view.getBigInt64(counters + 8 * k, true))),
      globalLoads: this.#traffic.loads,
      globalStores: this.#traffic.stores,
      shared: this.#traffic.shared,
      untraced: this.#traffic.untraced,
    }
  }

  #writeRegisters(local: number, localStride: number): void {
    const { words } = this.#memory
    const { grid, block, sharedBytes } = this.#request
    const records = this.#records
    words.fill(0, counters >> 2, (counters >> 2) + 2 * this.#kernel.translation.blocks.length)
    words.set(block, registers.ntid >> 2)
    words.set(grid, registers.nctaid >> 2)
    words[registers.shared >> 2] = this.#shared.start
    words[registers.sharedBytes >> 2] = this.#shared.bytes
    words[registers.dynamicBytes >> 2] = sharedBytes
    words[registers.fuel >> 2] = fuel
    words[registers.started >> 2] = 0
    words[registers.epoch >> 2] = 0
    words.fill(0, registers.clock >> 2, (registers.clock >> 2) + 2)
    for (let thread = 0; thread < this.#threads; thread++) {
      const [x, y, z] = this.#placeOf(thread)
      const lane = thread % warpSize
      records.set(thread, record.tid, x)
      records.set(thread, record.tid + 4, y)
      records.set(thread, record.tid + 8, z)
      records.set(thread, record.laneid, lane)
      records.set(thread, record.warpid, Math.floor(thread / warpSize))
      records.set(thread, record.local, local + thread * localStride)
      records.set(thread, record.traceStart, trace.start + lane * trace.lane)
      records.set(thread, record.thread, thread)
    }
  }

  #blockOfWaiting(): Block {
    return new Block({
      records: this.#records,
      threads: this.#threads,
      waits: this.#kernel.translation.waits,
      runWarp: (warp, entry) => this.#runWarp(warp, entry),
      site: (instruction, thread) => this.#site(instruction, thread),
      find: (kind, message, site) => this.report.add(kind, message, site),
      passBarrier: () => this.#passBarrier(),
      passWarpBarrier: (warp) => {
        this.#memory.words[(registers.warpEpochs >> 2) + warp]!++
      },
    })
  }

  #runBlock(block: Extents): void {
    const { words } = this.#memory
    this.#block = block
    for (let axis = 0; axis < 3; axis++) words[(registers.ctaid >> 2) + axis] = block[axis]!
    if (this.#shared.bytes > 0) this.#emptyShared()
    this.#passBarrier()
    words.fill(0, registers.warpEpochs >> 2, (registers.warpEpochs >> 2) + warpSize)
    this.#copies.clear()
    if (this.#waiting) this.#waiting.run()
    else for (let warp = 0; warp * warpSize < this.#threads; warp++) this.#runWarp(warp, 0)
    // A grid of many short blocks has no backward branch.
    if ((block[0] & 63) === 0) this.outOfFuel()
  }
  #runWarp(warp: number, entry: number): number {
    const records = this.#records
    const end = Math.min(this.#threads, (warp + 1) * warpSize)
    const stopped = this.#machine.runWarp(records.at(warp * warpSize), records.at(end), records.stride, entry)
    this.#traffic.endWarp()
    return stopped
  }
  /** What threads did before races with nothing that they do from now on. */
  #passBarrier(): void {
    this.#memory.words[registers.epoch >> 2]!++
  }
  #emptyShared(): void {
    const { start, bytes } = this.#shared
    const { sharedBytes } = this.#request
    this.#memory.mark(start, bytes, 0)
    for (const extent of this.#kernel.translation.shared) this.#memory.mark(start + extent.offset, extent.bytes, known.accessible)
    if (sharedBytes > 0) this.#memory.mark(start + bytes - sharedBytes, sharedBytes, known.accessible)
  }

  fault(instruction: number, address: bigint, access: number, traceEnd: number): void {
    const { bytes, kind } = unpackAccess(access)
    this.#judge(instruction, Number(BigInt.asUintN(64, address)), bytes, kind, bytes, traceEnd)
  }
  /** An access is not as it should be. A GPU faults at some; the others are recorded, and happen. */
  #judge(instruction: number, address: number, bytes: number, kind: AccessKind, aligned: number, traceEnd: number): void {
    const problem = problemOf(this.#memory, { address, bytes, kind, aligned })
    const thread = this.#records.current
    const where = this.#kernel.code.instructions[instruction]!
    if (this.report.isNew(problem.kind, where)) this.report.add(problem.kind, problem.message(), this.#site(instruction, thread))
    if (!problem.fatal) return
    this.#traffic.stop(thread % warpSize, traceEnd)
    throw new Fault()
  }
  drain(traceEnd: number): number {
    return this.#traffic.drain(traceEnd)
  }
  outOfFuel(): void {
    this.#memory.words[registers.fuel >> 2] = fuel
    if (performance.now() <= this.#deadline) return
    const { timeLimit } = this.#request
    throw new WatchdogError(
      `kernel ${this.#kernel.name} did not end within ${timeLimit} ms, in block (${this.#block.join(', ')}): an endless loop, or a wait for another thread`,
    )
  }
  trap(instruction: number): void {
    const { sourceLine, ptxLine } = this.#kernel.code.instructions[instruction]!
    throw new LaunchError(
      `kernel ${this.#kernel.name} trapped, at ${sourceLine ? `source line ${sourceLine}` : `PTX line ${ptxLine}`}`,
    )
  }

  copyLater(instruction: number, to: number, from: number, bytes: number): void {
    this.#copies.begin(this.#records.current, { instruction, to, from, bytes, read: bytes })
  }
  copyPart(instruction: number, to: number, address: bigint, bytes: number, read: number, traceEnd: number): void {
    const from = Number(BigInt.asUintN(64, address))
    if (read >>> 0 > bytes) throw new LaunchError(`kernel ${this.#kernel.name} copies ${read >>> 0} bytes into ${bytes}`)
    if (read > 0 && !isReadable(this.#memory, { address: from, bytes: read, kind: 'load', aligned: bytes }))
      this.#judge(instruction, from, read, 'load', bytes, traceEnd)
    this.#copies.begin(this.#records.current, { instruction, to, from: read > 0 ? from : to, bytes, read })
  }
  closeCopies(): void {
    this.#copies.close(this.#records.current)
  }
  awaitCopies(left: number): void {
    for (const { instruction, to, bytes } of this.#copies.finish(this.#records.current, left >>> 0))
      this.#machine.watch(to, instruction, bytes / this.#watchUnit, modes.write)
  }

  raced(instruction: number, address: number, who: number, wrote: number): void {
    const where = this.#kernel.code.instructions[instruction]!
    if (!this.report.isNew('shared-race', where)) return
    const thread = this.#records.current
    const does = where.opcode.startsWith('ld') ? 'reads' : 'writes'
    const how = `${wrote ? 'written' : 'read'} by ${nameOf(who)} with no barrier between`
    const message = `thread ${thread} ${does} byte ${address - this.#shared.start} of shared memory, ${how}`
    this.report.add('shared-race', message, this.#site(instruction, thread))
  }
  #placeOf(thread: number): Extents {
    const [x, y] = this.#request.block
    return [thread % x, Math.floor(thread / x) % y, Math.floor(thread / (x * y))]
  }
  #site(instruction: number, thread: number): Site {
    return { instruction: this.#kernel.code.instructions[instruction]!, block: this.#block, thread: this.#placeOf(thread) }
  }
}
