/**
 * Where candidates are tried, one after the other: each is held against the definition before its time counts for anything.
 * The default kernel is the reference: it is held against the oracle on a part that the oracle can go through, and all others
 * against it, on the whole, and against the oracle too.
 */

import { outputSize } from '../../../dsl/geometry.ts'
import { joinShape } from '../../../dsl/layout.ts'
import { arrays } from '../../../dsl/storage.ts'
import { elements, type Tensor } from '../../../dsl/tensor.ts'
import { oracleBackward, oracleForward } from '../../../oracle/oracle.ts'
import type { DeviceKernel, LaunchOptions, Tensors } from '../../target.ts'
import type { Fault, Ok, Outcome, Takes } from '../outcome.ts'
import type { Problem, Schedule } from '../subject.ts'
import { dataFor, type Sizes, sampleOf, type TrialData } from './data.ts'
import { WrongReferenceError } from './errors.ts'
import { differenceOf, type Made, storedBy } from './right.ts'
import { inTurn, interleave, measure, type Timed, type Timing } from './timing.ts'
import type { Guarded, Workplace } from './workplace.ts'

export interface Bench extends Disposable {
  /** @param best - the best time so far in milliseconds; infinite where there is none */
  trial(schedule: Schedule, best: number): Promise<Outcome>
  /** Times candidates that were right side by side; `undefined` for one that fails now. */
  again(schedules: readonly Schedule[]): Promise<readonly (Ok | undefined)[]>
  /** Milliseconds of moving once what a call reads and writes; `undefined` where nothing tells. */
  readonly limitMs: number | undefined
  /** Whether nothing more can be tried on the device. */
  readonly isBroken: boolean
}

/** Copies of all tensors together exceed what a cache holds; more than a few only cost time. */
const beyondCaches = 64 << 20
const mostCopies = 8

/** Tensors of one call. */
interface Copy {
  readonly given: Readonly<Record<string, Tensor>>
  readonly cotangents: Tensors
  readonly out: Readonly<Record<string, Guarded>>
  readonly options: LaunchOptions
}

/** A fault with what it is told by. */
class CandidateFault extends Error {
  readonly kind: Fault['kind']

  constructor(kind: Fault['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const mapped = <T, U>(of: Readonly<Record<string, T>>, make: (value: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, make(value, name)]))

class TargetBench implements Bench {
  readonly #problem: Problem
  readonly #place: Workplace
  /** A part that the oracle can go through, and what it says of it. */
  readonly #sample: { readonly copy: Copy; readonly want: Made }
  readonly #copies: readonly Copy[]
  readonly limitMs: number | undefined
  #reference: Made | undefined

  constructor(problem: Problem, place: Workplace, seed: number) {
    this.#problem = problem
    this.#place = place
    const sizes = sampleOf(problem)
    const part = dataFor(problem, sizes, seed)
    this.#sample = { copy: this.#copyOf(part, sizes), want: this.#byOracle(part) }
    // Where no time is taken, more planes than the part has would show nothing new; sizes that are constants stay.
    const whole: Sizes = place.time ? problem : { ...sizes, extents: problem.extents }
    const data = dataFor(problem, whole, seed + 1)
    const tensors = [...Object.values(data.inputs), ...Object.values(data.cotangents)]
    const bytes = tensors.reduce((sum, tensor) => sum + tensor.data.byteLength, 0)
    const count = place.time ? Math.min(mostCopies, Math.max(1, Math.ceil(beyondCaches / bytes))) : 1
    this.#copies = Array.from({ length: count }, () => this.#copyOf(data, whole))
    this.limitMs = this.#timeOfMoving(bytes + this.#bytesWritten())
  }

  #bytesWritten(): number {
    const stored = storedBy(this.#problem)
    const all = Object.entries(this.#copies[0]!.out)
    return all.reduce((sum, [name, { tensor }]) => sum + elements(tensor.shape) * arrays[stored(name)].BYTES_PER_ELEMENT, 0)
  }

  /** Half of the bytes that a copy moves are read, and half are written. */
  #timeOfMoving(bytes: number): number | undefined {
    const { time, copy } = this.#place
    if (!time || !copy) return undefined
    const call = inTurn(this.#copies.map(() => copy(Math.ceil(bytes / 2))))
    return measure({ time, call }, Number.POSITIVE_INFINITY).ms
  }

  /** @throws WrongReferenceError where the default kernel itself is wrong */
  async open(): Promise<this> {
    try {
      const kernel = await this.#compile({})
      this.#againstOracle(kernel)
      this.#reference = this.#run(kernel, this.#copies[0]!)
    } catch (error) {
      if (!(error instanceof CandidateFault)) throw error
      const { operator, direction } = this.#problem
      throw new WrongReferenceError(
        `the default kernel of ${operator.name}, ${direction}, cannot be a reference (${error.kind}): ${error.message}. ` +
          'Nothing is tuned. This is a mistake in Poolwright: please report it, with the command.',
      )
    }
    return this
  }

  async trial(schedule: Schedule, best: number): Promise<Outcome> {
    try {
      const kernel = await this.#compile(schedule)
      const takes = await this.#takes(kernel)
      // A kernel for fixed sizes runs on no others.
      if (schedule.extents === 'dynamic') this.#againstOracle(kernel)
      const difference = differenceOf(this.#problem, this.#run(kernel, this.#copies[0]!), this.#reference!)
      if (difference !== undefined) throw new CandidateFault('wrong', difference)
      const timed = this.#timed(kernel)
      const ok: Ok = timed ? okOf(this.#timing(() => measure(timed, best))) : { kind: 'ok', ms: null }
      return { ...ok, ...(takes && { takes }) }
    } catch (error) {
      if (!(error instanceof CandidateFault)) throw error
      return { kind: error.kind, message: error.message }
    }
  }

  async again(schedules: readonly Schedule[]): Promise<readonly (Ok | undefined)[]> {
    const kernels = await Promise.all(schedules.map((schedule) => this.#compile(schedule).catch(() => undefined)))
    const timed = kernels.map((kernel) => kernel && this.#timed(kernel))
    const timings = interleave(timed.filter((one) => one !== undefined))
    let k = 0
    return timed.map((one) => (one ? okOf(timings[k++]!) : undefined))
  }

  get isBroken(): boolean {
    return this.#place.isBroken()
  }

  [Symbol.dispose](): void {
    this.#place[Symbol.dispose]()
  }

  #byOracle({ inputs, cotangents, seed }: TrialData): Made {
    const { operator, geometry, direction, dtype, results } = this.#problem
    const options = { dtype, ...(seed !== undefined && { seed }) }
    return direction === 'forward'
      ? oracleForward(operator, geometry, inputs, { ...options, results })
      : oracleBackward(operator, geometry, inputs, cotangents, options)
  }

  #copyOf(data: TrialData, { samples, channels, extents }: Sizes): Copy {
    const { operator, geometry, direction, results } = this.#problem
    const stored = storedBy(this.#problem)
    const place = this.#place
    const outShape = joinShape(geometry, { samples, channels, extents: outputSize(geometry, extents) })
    const out =
      direction === 'forward'
        ? Object.fromEntries(results.map((name) => [name, outShape] as const))
        : Object.fromEntries(
            operator.tensors.flatMap(({ name, role }) => (role === 'noise' ? [] : [[name, data.inputs[name]!.shape] as const])),
          )
    return {
      given: mapped(data.inputs, (tensor, name) => place.given(tensor, stored(name))),
      cotangents: mapped(data.cotangents, (tensor, name) => place.given(tensor, stored(name))),
      out: mapped(out, (shape, name) => place.guarded(shape, stored(name))),
      options: data.seed === undefined ? {} : { seed: data.seed },
    }
  }

  async #compile(schedule: Schedule): Promise<DeviceKernel> {
    const { operator, geometry, direction, dtype, pinned, results } = this.#problem
    const options = { dtype, results, schedule: { [direction]: { ...pinned, ...schedule } } }
    try {
      const kernel = await this.#place.target.compile(operator, geometry, options)
      // Text that is made, and compiled, when it is first asked for.
      void kernel.source[direction]
      return kernel
    } catch (error) {
      throw this.#faultOf(error, 'compiling')
    }
  }

  #faultOf(error: unknown, doing: 'compiling' | 'launching'): CandidateFault {
    return new CandidateFault(this.#place.faultOf(error, doing), messageOf(error))
  }

  /** What a kernel takes of the device. One whose registers spill is out: memory is what kernels wait for anyway. */
  async #takes(kernel: DeviceKernel): Promise<Takes | undefined> {
    const takes = await this.#place.takes?.(kernel.source[this.#problem.direction])
    if (takes && takes.spills > 0) throw new CandidateFault('invalid', `${takes.spills} bytes of registers spill to memory`)
    return takes
  }

  #call(kernel: DeviceKernel, { given, cotangents, out, options }: Copy): () => void {
    const launch: LaunchOptions = { ...options, out: mapped(out, ({ tensor }) => tensor) }
    return this.#problem.direction === 'forward'
      ? () => void kernel.forward(given, launch)
      : () => void kernel.backward(given, cotangents, launch)
  }

  /** Runs a kernel on poisoned tensors, and takes what it made. */
  #run(kernel: DeviceKernel, copy: Copy): Made {
    for (const guarded of Object.values(copy.out)) guarded.poison()
    try {
      this.#call(kernel, copy)()
    } catch (error) {
      throw this.#faultOf(error, 'launching')
    }
    for (const [name, guarded] of Object.entries(copy.out)) {
      const harm = guarded.harm()
      if (harm !== undefined) throw new CandidateFault('wrong', `${name}: ${harm}`)
    }
    return mapped(copy.out, (guarded) => ({ shape: guarded.tensor.shape, data: guarded.read().slice() }))
  }

  #againstOracle(kernel: DeviceKernel): void {
    const { copy, want } = this.#sample
    const difference = differenceOf(this.#problem, this.#run(kernel, copy), want)
    if (difference !== undefined) throw new CandidateFault('wrong', difference)
  }

  /** A fault may show only after many launches. */
  #timing<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw this.#faultOf(error, 'launching')
    }
  }

  #timed(kernel: DeviceKernel): Timed | undefined {
    const { time } = this.#place
    return time && { time, call: inTurn(this.#copies.map((copy) => this.#call(kernel, copy))) }
  }
}

const okOf = ({ ms, lower, upper, hasty }: Timing): Ok => ({ kind: 'ok', ms, lower, upper, ...(hasty && { hasty }) })

/**
 * A bench for a problem, on fresh random numbers.
 * @throws WrongReferenceError where the default kernel is not what the oracle says
 */
export const benchOn = (problem: Problem, place: Workplace, seed: number): Promise<Bench> =>
  new TargetBench(problem, place, seed).open()
