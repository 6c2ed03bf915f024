/** The bench in a process of its own, with a time limit: a candidate that hangs or crashes is an outcome, and the next goes on. */
import { fileURLToPath } from 'node:url'
import { moduleBeside } from '../../beside.ts'
import { Child, type Ending, endingWords } from '../../node/child.ts'
import type { Ok, Outcome } from '../outcome.ts'
import type { Opened, Trials } from '../request.ts'
import type { Schedule } from '../subject.ts'
import { TrialError, WrongReferenceError } from '../trial/errors.ts'
import type { TrialAnswer, TrialRequest } from '../trial/messages.ts'
import { openTimeoutMs, type TrialsOptions, usualTimeoutMs } from '../trial/options.ts'
import type { Where } from '../tuning.ts'

export interface ProcessOptions extends TrialsOptions {
  readonly where: Where
}

const entry = fileURLToPath(moduleBeside(import.meta.url, './entry'))

export class TrialProcess implements Trials {
  readonly #options: ProcessOptions
  readonly #timeoutMs: number
  readonly #child = new Child<TrialRequest, TrialAnswer>(entry)
  #opened: Opened | undefined

  constructor(options: ProcessOptions) {
    this.#options = options
    this.#timeoutMs = options.timeoutMs ?? usualTimeoutMs
  }

  /**
   * Opens the bench where it is not open, and says what can be known of it.
   * @throws WrongReferenceError where the default kernel is wrong; TrialError where the process fails before any candidate
   */
  async open(): Promise<Opened> {
    if (this.#child.isRunning && this.#opened) return this.#opened
    const { where, problem, seed } = this.#options
    const openOnce = () => this.#ask({ kind: 'open', where, problem, seed }, openTimeoutMs)
    let answer = await openOnce()
    // Ctrl-C reaches every process of a terminal, and this one before it could refuse: what ends, and when, is its parent's to say.
    if (answer.kind === 'ended' && answer.ending === 'SIGINT') answer = await openOnce()
    if (answer.kind !== 'opened') throw this.#trouble(answer)
    this.#opened = answer.opened
    return answer.opened
  }

  /** Tries a candidate. @throws WrongReferenceError, TrialError as {@link open} does */
  async trial(schedule: Schedule, best: number): Promise<Outcome> {
    await this.open()
    const answer = await this.#ask({ kind: 'trial', schedule, best }, this.#timeoutMs)
    if (answer.kind === 'outcome') {
      if (answer.isLast) this.#child.close()
      return answer.outcome
    }
    if (answer.kind === 'ended')
      return {
        kind: answer.ending === 'time limit' ? 'timeout' : 'launch-failed',
        message: `the process that tried it ${endingWords(answer.ending, this.#timeoutMs)}`,
      }
    throw this.#trouble(answer)
  }

  /** Times candidates that were right side by side; `undefined` for those of which that failed. */
  async again(schedules: readonly Schedule[]): Promise<readonly (Ok | undefined)[]> {
    await this.open()
    const answer = await this.#ask({ kind: 'again', schedules }, this.#timeoutMs * schedules.length)
    return answer.kind === 'timings' ? answer.timings : schedules.map(() => undefined)
  }

  close(): void {
    this.#child.close()
  }

  async #ask(request: TrialRequest, timeoutMs: number): Promise<TrialAnswer | { kind: 'ended'; ending: Ending }> {
    const reply = await this.#child.ask(request, timeoutMs)
    switch (reply.kind) {
      case 'answer':
        return reply.answer
      case 'ended':
        return reply
      case 'unstarted':
        throw new TrialError(`no process can be started to try kernels in: ${reply.reason}`)
      default:
        throw reply satisfies never
    }
  }

  #trouble(answer: TrialAnswer | { kind: 'ended'; ending: Ending }): Error {
    if (answer.kind === 'failed') {
      if (answer.name === 'WrongReferenceError') return new WrongReferenceError(answer.message)
      // Tensors that no machine has memory for are told as they would be without a process.
      if (answer.name === 'RangeError') return new RangeError(answer.message)
      return new TrialError(`the process that tries kernels failed: ${answer.message}`)
    }
    if (answer.kind !== 'ended') return new TrialError(`the process that tries kernels answered '${answer.kind}' out of turn`)
    const how = endingWords(answer.ending, openTimeoutMs)
    return new TrialError(
      `the process that tries kernels ${how}, before any candidate could be tried. ` +
        'It may want more memory or time than there is: tune for a smaller input.',
    )
  }
}
