/** The process that tries candidates: a kernel that never ends, or that takes the engine down with it, ends this process only. */
import { answerParent } from '../../node/child.ts'
import { type Bench, benchOn } from '../trial/bench.ts'
import type { TrialAnswer, TrialRequest } from '../trial/messages.ts'
import { openWorkplace } from '../trial/workplace.ts'

let bench: Bench | undefined

const open = async ({ where, problem, seed }: Extract<TrialRequest, { kind: 'open' }>): Promise<TrialAnswer> => {
  bench = await benchOn(problem, await openWorkplace(where), seed)
  return { kind: 'opened', opened: bench.opened }
}

const answer = async (request: TrialRequest): Promise<TrialAnswer> => {
  try {
    if (request.kind === 'open') return await open(request)
    if (!bench) throw new Error('a candidate comes before the bench is open')
    if (request.kind === 'trial') {
      const outcome = await bench.trial(request.schedule, request.best)
      return { kind: 'outcome', outcome, isLast: bench.isBroken }
    }
    return { kind: 'timings', timings: await bench.again(request.schedules) }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    return { kind: 'failed', name, message }
  }
}

answerParent(answer)
