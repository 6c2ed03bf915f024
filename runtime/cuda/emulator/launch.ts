/** One launch: blocks one after the other, threads one after the other, and what is found and counted meanwhile. */
import { Block } from './block.ts'
import { type Counts, countInstructions, TrafficCounter } from './counts.ts'
import { engine } from './engine.ts'
import { LaunchError, WatchdogError } from './errors.ts'
import { accessKinds, type imports } from './helpers.ts'
import { type KernelArgument, type PtxKernel, packArguments } from './kernel.ts'
import { counters, known, parameters, registers, shadow, symbols } from './layout.ts'
import { hex, type Memory } from './memory.ts'
import { Races } from './races.ts'
import { type Finding, Report, type Site } from './report.ts'
import { accessBytes, spaceOf } from './rules/memory.ts'
import { arithmeticFunctions } from './runtime-functions.ts'

export type Extents = readonly [x: number, y: number, z: number]

export interface LaunchRequest {
  readonly grid: Extents
  readonly block: Extents
  /** Bytes of dynamic shared memory. */
  readonly sharedBytes?: number
  readonly args: readonly KernelArgument[]
  /** Allocations of which the launch has to write each byte once: what is missing, or written twice, is a finding. */
  readonly outputs?: readonly number[]
  /** Milliseconds until an endless kernel is ended; a minute by default. */
  readonly timeLimit?: number
}

export interface LaunchReport {
  /** Empty for a kernel that did nothing wrong. */
  readonly findings: readonly Finding[]
  /** Whether a fault (an access out of bounds or misaligned) ended the launch before its end. */
  readonly faulted: boolean
  readonly counts: Counts
}

/** Backward branches between two looks at the clock. */
const fuel = 1 << 18

/** Thrown through the kernel's code to end a launch at a fault; never seen outside. */
class Fault extends Error {}

const mostShared = 227 * 1024

const check = ({ name, maxThreads, translation }: PtxKernel, { grid, block, sharedBytes = 0 }: LaunchRequest): void => {
  const limits = { grid: [2 ** 31 - 1, 65_535, 65_535], block: [1024, 1024, 64] } as const
  for (const [what, extents] of Object.entries({ grid, block })) {
    const most = limits[what as keyof typeof limits]
    if (extents.length !== 3 || extents.some((one, k) => !Number.isInteger(one) || one < 1 || one > most[k]!))
      throw new LaunchError(`a ${what} of ${extents.join(' x ')}: each extent is an integer from 1 to ${most.join(', ')}`)
  }
  const threads = block[0] * block[1] * block[2]
  const bound = maxThreads ?? 1024
  if (threads > bound)
    throw new LaunchError(
      `a block of ${threads} threads: kernel ${name} takes at most ${bound}${maxThreads ? ' (__launch_bounds__)' : ''}`,
    )
  if (!Number.isInteger(sharedBytes) || sharedBytes < 0 || sharedBytes + translation.sharedBytes > mostShared)
    throw new LaunchError(`${sharedBytes} bytes of dynamic shared memory: with the kernel's own, 0 to ${mostShared} are possible`)
}

class Launch {
  readonly #memory: Memory
  readonly #kernel: PtxKernel
  readonly #request: LaunchRequest
  readonly #report = new Report()
  readonly #shared: number
  readonly #sharedBytes: number
  readonly #frames: number
  readonly #locals: number
  /** From one thread's local memory to the next one's. */
  readonly #localStride: number
  readonly #races: Races | null
  readonly #warpEpochs = new Int32Array(32)
  readonly #traffic: TrafficCounter
  readonly #run: (entry: number, frame: number) => number
  readonly #waits: boolean
  readonly #deadline: number
  readonly #threads: number
  #block: readonly number[] = [0, 0, 0]
  #thread = 0
  #started = 0

  constructor(memory: Memory, kernel: PtxKernel, request: LaunchRequest) {
    this.#memory = memory
    this.#kernel = kernel
    this.#request = request
    const { translation, code } = kernel
    const [x, y, z] = request.block
    this.#threads = x * y * z
    this.#waits = translation.waits.size > 0
    const dynamic = request.sharedBytes ?? 0
    this.#sharedBytes = dynamic > 0 ? translation.dynamicOffset + dynamic : translation.sharedBytes
    this.#localStride = translation.localBytes + 64
    this.#shared = memory.allocate(this.#sharedBytes, 'shared memory', true)
    this.#frames = memory.allocate(this.#waits ? translation.frameBytes * this.#threads : 64, 'saved registers', true)
    this.#locals = memory.allocate(this.#waits ? this.#localStride * this.#threads : this.#localStride, 'local memory', true)
    const sharing = code.instructions.filter(
      (one) => ['ld', 'st', 'atom', 'red'].includes(one.opcode) && ['shared', 'generic'].includes(spaceOf(one)),
    )
    const unit = Math.min(4, ...sharing.map(accessBytes))
    this.#races = this.#sharedBytes > 0 ? new Races(this.#sharedBytes, unit) : null
    this.#traffic = new TrafficCounter(code, this.#shared, this.#sharedBytes)
    this.#deadline = performance.now() + (request.timeLimit ?? 60_000)
    this.#run = this.#instantiate()
  }

  #instantiate(): (entry: number, frame: number) => number {
    const races = this.#races
    const functions = {
      ...arithmeticFunctions,
      fault: (instruction: number, address: bigint, bytes: number, kind: number) =>
        this.#fault(instruction, address, bytes, kind),
      traffic: this.#traffic.note,
      race: races
        ? (instruction: number, address: number, bytes: number, mode: number) =>
            this.#race(races, instruction, address, bytes, mode)
        : () => {},
      outOfFuel: () => this.#lookAtClock(),
      trap: (instruction: number) => {
        const { sourceLine, ptxLine } = this.#kernel.code.instructions[instruction]!
        throw new LaunchError(
          `kernel ${this.#kernel.name} trapped, at ${sourceLine ? `source line ${sourceLine}` : `PTX line ${ptxLine}`}`,
        )
      },
    } satisfies Record<keyof typeof imports, unknown>
    const instance = new engine.Instance(this.#kernel.wasm, { env: { memory: this.#memory.wasm, ...functions } })
    return instance.exports.run as (entry: number, frame: number) => number
  }

  run(): LaunchReport {
    const { translation, code } = this.#kernel
    const { grid } = this.#request
    const { view } = this.#memory
    translation.blocks.forEach((_, k) => {
      view.setBigInt64(counters + 8 * k, 0n, true)
    })
    this.#writeRegisters()
    this.#awaitOutputs()
    let faulted = false
    try {
      for (let z = 0; z < grid[2]; z++)
        for (let y = 0; y < grid[1]; y++) for (let x = 0; x < grid[0]; x++) this.#runBlock([x, y, z])
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      faulted = true
    } finally {
      this.#traffic.endWarp()
    }
    if (!faulted) this.#findUnwritten()
    const { loads, stores, shared, conflicts, untraced } = this.#traffic
    return {
      findings: this.#report.findings,
      faulted,
      counts: {
        threads: this.#started,
        instructions: countInstructions(code, translation.blocks, (k) => Number(view.getBigInt64(counters + 8 * k, true))),
        globalLoads: loads,
        globalStores: stores,
        shared: { accesses: shared, conflicts },
        untraced,
      },
    }
  }

  /** Gives back what the launch took, whatever happened. */
  end(): void {
    for (const pointer of this.#request.outputs ?? []) {
      const { bytes } = this.#memory.allocation(pointer)
      const states = this.#memory.bytes.subarray(pointer + shadow, pointer + shadow + bytes)
      states.forEach((state, k) => {
        states[k] = state & ~(known.awaited | known.written)
      })
    }
    for (const pointer of [this.#shared, this.#frames, this.#locals]) this.#memory.free(pointer, true)
  }

  #writeRegisters(): void {
    const { words } = this.#memory
    const { grid, block, sharedBytes = 0 } = this.#request
    words.set(block, registers.ntid >> 2)
    words.set(grid, registers.nctaid >> 2)
    words[registers.shared >> 2] = this.#shared
    words[registers.sharedBytes >> 2] = this.#sharedBytes
    words[registers.dynamicBytes >> 2] = sharedBytes
    words[registers.fuel >> 2] = fuel
  }

  #runBlock(block: Extents): void {
    const { memory, host } = { memory: this.#memory, host: this.#request }
    const { shared } = this.#kernel.translation
    this.#block = block
    memory.words.set(block, registers.ctaid >> 2)
    if (this.#sharedBytes > 0) {
      memory.mark(this.#shared, this.#sharedBytes, 0)
      for (const { offset, bytes } of shared) memory.mark(this.#shared + offset, bytes, known.accessible)
      const dynamic = host.sharedBytes ?? 0
      if (dynamic > 0) memory.mark(this.#shared + this.#sharedBytes - dynamic, dynamic, known.accessible)
    }
    if (this.#races) this.#races.epoch++
    this.#warpEpochs.fill(0)
    if (this.#waits) this.#runWaiting()
    else
      for (let warp = 0; warp < this.#threads; warp += 32) {
        for (let thread = warp; thread < Math.min(this.#threads, warp + 32); thread++) {
          this.#enter(thread, true)
          this.#run(0, this.#frames)
        }
        this.#traffic.endWarp()
      }
    // A grid of many short blocks has no backward branch.
    if ((block[0] & 63) === 0) this.#lookAtClock()
  }

  #runWaiting(): void {
    const { words } = this.#memory
    const { waits, frameBytes } = this.#kernel.translation
    const frame = (thread: number): number => this.#frames + thread * frameBytes
    new Block({
      threads: this.#threads,
      waits,
      run: (thread, entry) => {
        this.#enter(thread, entry === 0)
        return this.#run(entry, frame(thread))
      },
      endWarp: () => this.#traffic.endWarp(),
      read: (thread, slot) => words[(frame(thread) + slot) >> 2]!,
      write: (thread, slot, value) => {
        words[(frame(thread) + slot) >> 2] = value
      },
      site: (instruction, thread) => this.#site(instruction, thread),
      find: (kind, message, site) => this.#report.add(kind, message, site),
      passBarrier: () => {
        if (this.#races) this.#races.epoch++
      },
      passWarpBarrier: (warp) => {
        this.#warpEpochs[warp]!++
      },
    }).run()
  }

  /** Makes a thread the running one; `fresh` where it has not run before. */
  #enter(thread: number, fresh: boolean): void {
    const { words } = this.#memory
    const [x, y] = this.#request.block
    this.#thread = thread
    words[registers.tid >> 2] = thread % x
    words[(registers.tid >> 2) + 1] = Math.floor(thread / x) % y
    words[(registers.tid >> 2) + 2] = Math.floor(thread / (x * y))
    words[registers.laneid >> 2] = thread & 31
    words[registers.warpid >> 2] = thread >> 5
    const local = this.#locals + (this.#waits ? thread * this.#localStride : 0)
    words[registers.local >> 2] = local
    if (fresh) {
      this.#started++
      for (const { offset, bytes } of this.#kernel.translation.local) this.#memory.mark(local + offset, bytes, known.accessible)
    }
    this.#traffic.startLane(thread & 31)
    if (this.#races) {
      this.#races.thread = thread
      this.#races.warpEpoch = this.#warpEpochs[thread >> 5]!
    }
  }

  #threadPlace(thread: number): readonly number[] {
    const [x, y] = this.#request.block
    return [thread % x, Math.floor(thread / x) % y, Math.floor(thread / (x * y))]
  }
  #site(instruction: number, thread: number | null): Site {
    return {
      instruction: this.#kernel.code.instructions[instruction]!,
      block: this.#block,
      thread: thread === null ? null : this.#threadPlace(thread),
    }
  }

  /** An access is not as it should be. A GPU faults at some; the others are recorded, and happen. */
  #fault(instruction: number, signed: bigint, bytes: number, kindIndex: number): void {
    const kind = accessKinds[kindIndex]!
    const address = Number(BigInt.asUintN(64, signed))
    const where = this.#kernel.code.instructions[instruction]!
    const what = `${kind === 'load' ? 'a load' : kind === 'store' ? 'a store' : 'an atomic'} of ${bytes} bytes at`
    if (address >= shadow - 32) this.#stop('out-of-bounds', `${what} ${hex(address)}, beyond all memory`, instruction)
    const described = `${what} ${this.#memory.describe(address)}`
    const states = this.#memory.bytes.subarray(address + shadow, address + shadow + bytes)
    if (states.some((state) => !(state & known.accessible))) this.#stop('out-of-bounds', described, instruction)
    if (address % bytes !== 0) this.#stop('misaligned', `${described}, which is no multiple of ${bytes}`, instruction)
    if (kind === 'store') {
      if (this.#report.isNew('double-write', where))
        this.#report.add('double-write', `${described}: an output is written twice`, this.#site(instruction, this.#thread))
    } else if (this.#report.isNew('uninitialised', where)) {
      this.#report.add('uninitialised', `${described}, which nothing has written`, this.#site(instruction, this.#thread))
    }
  }
  #stop(kind: 'out-of-bounds' | 'misaligned', message: string, instruction: number): never {
    this.#report.add(kind, message, this.#site(instruction, this.#thread))
    throw new Fault(message)
  }

  #race(races: Races, instruction: number, address: number, bytes: number, mode: number): void {
    const offset = address - this.#shared
    if (offset < 0 || offset >= this.#sharedBytes) return
    const race = races.access(offset, bytes, mode)
    if (!race || !this.#report.isNew('shared-race', this.#kernel.code.instructions[instruction]!)) return
    const does = mode === 0 ? 'reads' : 'writes'
    const message = `thread ${this.#thread} ${does} byte ${offset} of shared memory, ${race.how} by ${race.other} with no barrier between`
    this.#report.add('shared-race', message, this.#site(instruction, this.#thread))
  }

  #lookAtClock(): void {
    this.#memory.words[registers.fuel >> 2] = fuel
    if (performance.now() > this.#deadline)
      throw new WatchdogError(
        `kernel ${this.#kernel.name} did not end within ${this.#request.timeLimit ?? 60_000} ms, in block (${this.#block.join(', ')}): an endless loop, or a wait for another thread`,
      )
  }

  #awaitOutputs(): void {
    for (const pointer of this.#request.outputs ?? []) {
      const { bytes } = this.#memory.allocation(pointer)
      const states = this.#memory.bytes.subarray(pointer + shadow, pointer + shadow + bytes)
      states.forEach((state, k) => {
        states[k] = state | known.awaited
      })
    }
  }
  #findUnwritten(): void {
    for (const pointer of this.#request.outputs ?? []) {
      const { bytes, name } = this.#memory.allocation(pointer)
      const states = this.#memory.bytes.subarray(pointer + shadow, pointer + shadow + bytes)
      const first = states.findIndex((state) => !(state & known.written))
      if (first < 0) continue
      const missing = states.reduce((sum, state) => sum + (state & known.written ? 0 : 1), 0)
      this.#report.addAlone(
        'unwritten',
        `${missing} of ${bytes} bytes of '${name}' were not written, the first being byte ${first}`,
      )
    }
  }
}

/** Runs a kernel; `globals` are the addresses of its module's variables. */
export const launch = (memory: Memory, kernel: PtxKernel, globals: readonly number[], request: LaunchRequest): LaunchReport => {
  check(kernel, request)
  for (const pointer of request.outputs ?? []) memory.allocation(pointer)
  packArguments(kernel, request.args, memory.view, parameters)
  globals.forEach((address, k) => {
    memory.words[(symbols + 8 * k) >> 2] = address
  })
  const running = new Launch(memory, kernel, request)
  try {
    return running.run()
  } finally {
    running.end()
  }
}
