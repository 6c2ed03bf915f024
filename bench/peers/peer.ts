/** What a contender is to the benchmark: something that prepares a job, runs it many times, and shows its result. */
import type { Job } from '../cases.ts'

/** Results by name, channels first: `y`, or the gradients `x` and (gaussian) `weight`. */
export type Results = Readonly<Record<string, Float32Array>>

export interface Prepared {
  /** One call: everything from inputs that lie ready to a finished result. */
  run(): void | Promise<void>
  /** The result of a call, in the layout that all compare in; not timed. */
  results(): Results | Promise<Results>
  dispose(): void
}

export interface Peer {
  readonly name: string
  /** What a reader must know to judge the figures: layout, what is allocated, what is computed besides. */
  readonly notes: readonly string[]
  prepare(job: Job): Prepared | Promise<Prepared>
}
