/**
 * Where candidates are tried, one after the other: each is held against the definition before its time counts for anything.
 * The default kernel is the reference: it is held against the oracle on a part that the oracle can go through, and all others
 * against it, on the whole, and against the oracle too.
 */
import { oracleBackward, oracleForward } from '../../../oracle/oracle.ts'
import type { DeviceKernel } from '../../target.ts'
import { interleave, measure, type Pace, type Timed, type Timing } from '../../timing.ts'
import type { Fault, Ok, Outcome, Takes } from '../outcome.ts'
import type { Opened } from '../request.ts'
import type { Problem, Schedule } from '../subject.ts'
import { bytesWritten, type Copy, callOn, copyOf, seenIn } from './copies.ts'
import { dataFor, type Sizes, sampleOf, type TrialData } from './data.ts'
import { TrialError, WrongReferenceError } from './errors.ts'
import { differenceOf, type Made } from './right.ts'
import type { Workplace } from './workplace.ts'

/** A kernel that does what the definition says. */
export interface Proved {
  readonly kind: 'proved'
  /** `undefined` where time means nothing. */
  readonly timed: Timed | undefined
  readonly takes: Takes | undefined
}

export interface Bench {
  /** Compiles a candidate, and holds it against the definition. */
  prove(schedule: Schedule): Promise<Proved | Fault>
  /** @param best - the best time so far in milliseconds; infinite where there is none */
  trial(schedule: Schedule, best: number): Promise<Outcome>
  /** Times candidates that were right side by side; `undefined` for one that fails now. */
  again(schedules: readonly Schedule[]): Promise<readonly (Ok | undefined)[]>
  readonly opened: Opened
  /** Whether nothing more can be tried on the device. */
  readonly isBroken: boolean
  /** What candidates are timed on, and how many copies of it take turns. */
  readonly data: TrialData
  readonly copies: number
  /** Where what was made of the data, by whomever, is not what the definition says, in words; `undefined` where nowhere. */
  differenceOf(made: Made): string | undefined
  close(): void
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
  #limitMs: number | undefined
  #reference: Made | undefined

  constructor(problem: Problem, place: Workplace, seed: number) {
    this.#problem = problem
    this.#place = place
    const sizes = sampleOf(problem)
    const part = dataFor(problem, sizes, seed)
    this.#sample = { copy: copyOf(problem, place, part, sizes), want: this.#byOracle(part) }
    // Where no time is taken, more planes than the part has would show nothing new; sizes that are constants stay.
    const whole: Sizes = place.timed ? problem : { ...sizes, extents: problem.extents }
    this.data = dataFor(problem, whole, seed + 1)
    const count = place.timed ? Math.min(mostCopies, Math.max(1, Math.ceil(beyondCaches / this.#bytesRead))) : 1
    this.#copies = Array.from({ length: count }, () => copyOf(problem, place, this.data, whole))
  }

  get copies(): number {
    return this.#copies.length
  }

  get opened(): Opened {
    const isTimed = this.#place.timed !== undefined
    return { isTimed, ...(this.#limitMs !== undefined && { limitMs: this.#limitMs }) }
  }

  get #bytesRead(): number {
    const tensors = [...Object.values(this.data.inputs), ...Object.values(this.data.cotangents)]
    return tensors.reduce((sum, tensor) => sum + tensor.data.byteLength, 0)
  }

  /** Half of the bytes that a copy moves are read, and half are written. */
  async #timeOfMoving(): Promise<number | undefined> {
    const { timed, copy } = this.#place
    if (!timed || !copy) return undefined
    const bytes = this.#bytesRead + bytesWritten(this.#problem, this.#copies[0]!)
    return this.#timing(timed(this.#copies.map(() => copy(Math.ceil(bytes / 2)))), Number.POSITIVE_INFINITY).then(({ ms }) => ms)
  }

  /** @throws WrongReferenceError where the default kernel itself is wrong; TrialError where the device cannot carry it out */
  async open(): Promise<this> {
    try {
      this.#limitMs = await this.#timeOfMoving()
      // A kernel that is pinned to the problem's own sizes cannot run on the part that the oracle goes through.
      const kernel = await this.#compile('extents' in this.#problem.pinned ? { extents: 'dynamic' } : {})
      await this.#againstOracle(kernel)
      this.#reference = await this.#run(kernel, this.#copies[0]!)
    } catch (error) {
      if (!(error instanceof CandidateFault)) throw error
      const { operator, direction } = this.#problem
      if (this.isBroken || error.kind === 'invalid')
        throw new TrialError(`the default kernel of ${operator.name}, ${direction}, cannot be tried here: ${error.message}`)
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
      if (schedule.extents === 'dynamic') await this.#againstOracle(kernel)
      const difference = this.differenceOf(await this.#run(kernel, this.#copies[0]!))
      if (difference !== undefined) throw new CandidateFault('wrong', difference)
      return { kind: 'proved', timed: this.#ready(kernel), takes }
    } catch (error) {
      return faultIn(error)
    }
  }

  async trial(schedule: Schedule, best: number): Promise<Outcome> {
    const proved = await this.prove(schedule)
    if (proved.kind !== 'proved') return proved
    const { timed, takes } = proved
    try {
      const ok: Ok = timed ? okOf(await this.#timing(timed, best)) : { kind: 'ok', ms: null }
      return { ...ok, ...(takes && { takes }) }
    } catch (error) {
      return faultIn(error)
    }
  }

  async again(schedules: readonly Schedule[]): Promise<readonly (Ok | undefined)[]> {
    const kernels = await Promise.all(schedules.map((schedule) => this.#compile(schedule).catch(() => undefined)))
    const timed = kernels.map((kernel) => kernel && this.#ready(kernel))
    const ready = timed.filter((one) => one !== undefined)
    try {
      const timings = await interleave(ready, sideBySide)
      let k = 0
      return timed.map((one) => (one ? okOf(timings[k++]!) : undefined))
    } finally {
      for (const { release } of ready) release?.()
    }
  }

  differenceOf(made: Made): string | undefined {
    const want = Object.fromEntries(Object.entries(this.#reference!).filter(([name]) => Object.hasOwn(made, name)))
    return differenceOf(this.#problem, made, want)
  }

  get isBroken(): boolean {
    return this.#place.isBroken()
  }

  close(): void {
    this.#place.close()
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

  /** A device may tell of what went wrong when it is asked for what was made. */
  async #launching<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw this.#faultOf(error, 'launching')
    }
  }

  /** Runs a kernel on poisoned tensors, and takes what it made. */
  async #run(kernel: DeviceKernel, copy: Copy): Promise<Made> {
    const { made, harm } = await this.#launching(async () => {
      for (const guarded of Object.values(copy.out)) guarded.poison()
      callOn(kernel, this.#problem.direction, copy)()
      return seenIn(copy)
    })
    if (harm !== undefined) throw new CandidateFault('wrong', harm)
    return made
  }

  async #againstOracle(kernel: DeviceKernel): Promise<void> {
    const { copy, want } = this.#sample
    const difference = differenceOf(this.#problem, await this.#run(kernel, copy), want)
    if (difference !== undefined) throw new CandidateFault('wrong', difference)
  }

  /** A fault may show only after many launches. */
  #timing(timed: Timed, best: number): ReturnType<typeof measure> {
    return this.#launching(() => measure(timed, alone, best)).finally(() => timed.release?.())
  }

  #ready(kernel: DeviceKernel): Timed | undefined {
    return this.#place.timed?.(this.#copies.map((copy) => callOn(kernel, this.#problem.direction, copy)))
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
 * A bench for a problem, on fresh random numbers. It lets go of the place in the end, and where it cannot be.
 * @throws WrongReferenceError where the default kernel is not what the oracle says; TrialError where the device cannot carry it out
 */
export const benchOn = async (problem: Problem, place: Workplace, seed: number): Promise<Bench> => {
  try {
    return await new TargetBench(problem, place, seed).open()
  } catch (error) {
    place.close()
    throw error
  }
}
