/** What takes part in a round on a device of WebGPU. */
import type { PeerCalls } from '../../runtime/peer.ts'
import type { Clock, Timed } from '../../runtime/timing.ts'
import type { Job } from '../cases.ts'

/** A device, as far as who takes part in a round has to know it; a browser's own is one. */
export interface Queue {
  onSubmittedWorkDone(): Promise<unknown>
}

export interface Contender {
  readonly name: string
  /** What a reader must know to judge the figures. */
  readonly notes: readonly string[]
  /** Its calls for a job; `undefined` for what it does not have. */
  prepare(job: Job): Promise<PeerCalls | undefined>
  /** Hands to the device what calls have left to be handed on, where they do; absent where they never do. */
  flush?(): void
}

/** A clock that stops when the device has done what was enqueued. */
export const clockOf =
  (queue: Queue, { flush }: Contender): Clock =>
  async (work) => {
    const start = performance.now()
    await work()
    flush?.()
    await queue.onSubmittedWorkDone()
    return performance.now() - start
  }

const times = async (call: Timed['call'], count: number): Promise<void> => {
  for (let k = 0; k < count; k++) {
    const pending = call()
    if (pending) await pending
  }
}

/**
 * So many calls at once that what they take is longer than `ms`: the way to a GPU and back takes longer than a call that a GPU does
 * fast. The first call, which compiles, does not count.
 */
export const batchOf = async ({ call, time }: Timed, ms: number): Promise<{ readonly timed: Timed; readonly calls: number }> => {
  await time(call)
  let calls = 1
  while (calls < 4096 && (await time(() => times(call, calls))) < ms) calls *= 2
  return { timed: { call: () => times(call, calls), time }, calls }
}
