/**
 * Where candidates are tried, one after the other: each is held against the definition before its time counts for anything.
 * The default kernel is the reference: it is held against the oracle on a part that the oracle can go through, and all others
 * against it, on the whole, and against the oracle too.
 */
import { oracleBackward, oracleForward } from '../../../oracle/oracle.ts'
import type { DeviceKernel } from '../../target.ts'
import { inTurn, interleave, measure, type Pace, type Timed, type Timing } from '../../timing.ts'
import type { Fault, Ok, Outcome, Takes } from '../outcome.ts'
import type { Problem, Schedule } from '../subject.ts'
import { bytesWritten, type Copy, callOn, copyOf, madeIn } from './copies.ts'
import { dataFor, type Sizes, sampleOf, type TrialData } from './data.ts'
import { WrongReferenceError } from './errors.ts'
import { differenceOf, type Made } from './right.ts'
import type { Workplace } from './workplace.ts'

/** A kernel that does what the definition says. */
export interface Proved {
  readonly kind: 'proved'
  /** `undefined` where time means nothing. */
  readonly timed: Timed | undefined
  readonly takes: Takes | undefined
}

export interface Bench extends Disposable {
  /** Compiles a candidate, and holds it against the definition. */
  prove(schedule: Schedule): Promise<Proved | Fault>
  /** @param best - the best time so far in milliseconds; infinite where there is none */
  trial(schedule: Schedule, best: number): Promise<Outcome>
  /** Times candidates that were right side by side; `undefined` for one that fails now. */
  again(schedules: readonly Schedule[]): Promise<readonly (Ok | undefined)[]>
  /** Milliseconds of moving once what a call reads and writes; `undefined` where nothing tells. */
  readonly limitMs: number | undefined
  /** Whether nothing more can be tried on the device. */
  readonly isBroken: boolean
  /** What candidates are timed on, and how many copies of it take turns. */
  readonly data: TrialData
  readonly copies: number
  /** Where what was made of the data, by whomever, is not what the definition says, in words; `undefined` where nowhere. */
  differenceOf(made: Made): string | undefined
}

/** Copies of all tensors together exceed what a cache holds; more than a few only cost time. */
const beyondCaches = 64 << 20
const mostCopies = 8

/** One candidate is measured within half a second: there are hundreds. */
const alone: Pace = { sample: 4, rounds: { least: 3, most: 15 }, total: 400 }
const sideBySide: Pace = { sample: 4, rounds: { least: 15, most: 15 }, total: Number.POSITIVE_INFINITY }

/** A fault with what it is told by. */
class CandidateFault extends Error {
  readonly kind: Fault['kind']

  constructor(kind: Fault['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

const faultIn = (error: unknown): Fault => {
  if (error instanceof CandidateFault) return { kind: error.kind, message: error.message }
  throw error
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

class TargetBench implements Bench {
  readonly #problem: Problem
  readonly #place: Workplace
  /** A part that the oracle can go through, and what it says of it. */
  readonly #sample: { readonly copy: Copy; readonly want: Made }
  readonly #copies: readonly Copy[]
  readonly data: TrialData
  limitMs: number | undefined
  #reference: Made | undefined

  constructor(problem: Problem, place: Workplace, seed: number) {
    this.#problem = problem
    this.#place = place
    const sizes = sampleOf(problem)
    const part = dataFor(problem, sizes, seed)
    this.#sample = { copy: copyOf(problem, place, part, sizes), want: this.#byOracle(part) }
    // Where no time is taken, more planes than the part has would show nothing new; sizes that are constants stay.
    const whole: Sizes = place.time ? problem : { ...sizes, extents: problem.extents }
    this.data = dataFor(problem, whole, seed + 1)
    const count = place.time ? Math.min(mostCopies, Math.max(1, Math.ceil(beyondCaches / this.#bytesRead))) : 1
    this.#copies = Array.from({ length: count }, () => copyOf(problem, place, this.data, whole))
  }

  get copies(): number {
    return this.#copies.length
  }

  get #bytesRead(): number {
    const tensors = [...Object.values(this.data.inputs), ...Object.values(this.data.cotangents)]
    return tensors.reduce((sum, tensor) => sum + tensor.data.byteLength, 0)
  }

  /** Half of the bytes that a copy moves are read, and half are written. */
  async #timeOfMoving(): Promise<number | undefined> {
    const { time, copy } = this.#place
    if (!time || !copy) return undefined
    const bytes = this.#bytesRead + bytesWritten(this.#problem, this.#copies[0]!)
    const call = inTurn(this.#copies.map(() => copy(Math.ceil(bytes / 2))))
    return (await measure({ time, call }, alone, Number.POSITIVE_INFINITY)).ms
  }

  /** @throws WrongReferenceError where the default kernel itself is wrong */
  async open(): Promise<this> {
    this.limitMs = await this.#timeOfMoving()
    try {
      // A kernel that is pinned to the problem's own sizes cannot run on the part that the oracle goes through.
      const kernel = await this.#compile('extents' in this.#problem.pinned ? { extents: 'dynamic' } : {})
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

  async prove(schedule: Schedule): Promise<Proved | Fault> {
    try {
      const kernel = await this.#compile(schedule)
      const takes = await this.#takes(kernel)
      // A kernel for fixed sizes runs on no others.
      if (schedule.extents === 'dynamic') this.#againstOracle(kernel)
      const difference = this.differenceOf(this.#run(kernel, this.#copies[0]!))
      if (difference !== undefined) throw new CandidateFault('wrong', difference)
      return { kind: 'proved', timed: this.#timed(kernel), takes }
    } catch (error) {
      return faultIn(error)
    }
  }

  async trial(schedule: Schedule, best: number): Promise<Outcome> {
    const proved = await this.prove(schedule)
    if (proved.kind !== 'proved') return proved
    const { timed, takes } = proved
    try {
      const ok: Ok = timed ? okOf(await this.#timing(measure(timed, alone, best))) : { kind: 'ok', ms: null }
      return { ...ok, ...(takes && { takes }) }
    } catch (error) {
      return faultIn(error)
    }
  }

  async again(schedules: readonly Schedule[]): Promise<readonly (Ok | undefined)[]> {
    const kernels = await Promise.all(schedules.map((schedule) => this.#compile(schedule).catch(() => undefined)))
    const timed = kernels.map((kernel) => kernel && this.#timed(kernel))
    const timings = await interleave(
      timed.filter((one) => one !== undefined),
      sideBySide,
    )
    let k = 0
    return timed.map((one) => (one ? okOf(timings[k++]!) : undefined))
  }

  differenceOf(made: Made): string | undefined {
    const want = Object.fromEntries(Object.entries(this.#reference!).filter(([name]) => Object.hasOwn(made, name)))
    return differenceOf(this.#problem, made, want)
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

  /** Runs a kernel on poisoned tensors, and takes what it made. */
  #run(kernel: DeviceKernel, copy: Copy): Made {
    for (const guarded of Object.values(copy.out)) guarded.poison()
    try {
      callOn(kernel, this.#problem.direction, copy)()
    } catch (error) {
      throw this.#faultOf(error, 'launching')
    }
    for (const [name, guarded] of Object.entries(copy.out)) {
      const harm = guarded.harm()
      if (harm !== undefined) throw new CandidateFault('wrong', `${name}: ${harm}`)
    }
    return madeIn(copy)
  }

  #againstOracle(kernel: DeviceKernel): void {
    const { copy, want } = this.#sample
    const difference = differenceOf(this.#problem, this.#run(kernel, copy), want)
    if (difference !== undefined) throw new CandidateFault('wrong', difference)
  }

  /** A fault may show only after many launches. */
  async #timing<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      throw this.#faultOf(error, 'launching')
    }
  }

  #timed(kernel: DeviceKernel): Timed | undefined {
    const { time } = this.#place
    return time && { time, call: inTurn(this.#copies.map((copy) => callOn(kernel, this.#problem.direction, copy))) }
  }
}

const okOf = ({ ms, lower, upper, hasty }: Timing & { readonly hasty?: boolean }): Ok => ({
  kind: 'ok',
  ms,
  lower,
  upper,
  ...(hasty && { hasty }),
})

/**
 * A bench for a problem, on fresh random numbers.
 * @throws WrongReferenceError where the default kernel is not what the oracle says
 */
export const benchOn = (problem: Problem, place: Workplace, seed: number): Promise<Bench> =>
  new TargetBench(problem, place, seed).open()
