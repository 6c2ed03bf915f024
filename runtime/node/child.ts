/**
 * A child process that answers one request at a time. What it does may crash, or never end, and no thread of this process
 * survives the one or can be stopped in the other; a child can be killed. It is started when it is first needed, kept for the
 * next request, and started anew after it died. Its program is a module that answers with {@link answerParent}.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { limitTo } from '../limit.ts'

/** How a child came to its end without an answer: past its time, or by itself, by a signal (SIGSEGV) or with an exit code. */
export type Ending = 'time limit' | NodeJS.Signals | number

export type Reply<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'ended'; readonly ending: Ending }
  /** It could not be started, for this reason. */
  | { readonly kind: 'unstarted'; readonly reason: string }

export class Child<Request extends object, Answer> {
  readonly #entry: string
  readonly #args: readonly string[]
  #process: ChildProcess | undefined
  readonly #inTurn = limitTo(1)

  /** @param entry - the path of the module that it runs */
  constructor(entry: string, args: readonly string[] = []) {
    this.#entry = entry
    this.#args = args
  }

  /** Whether a process is there: the next request finds in it what earlier ones left. */
  get isRunning(): boolean {
    return this.#process !== undefined
  }

  /** Asks, after all that was asked before. @param timeoutMs - counted from when the child turns to it */
  ask(request: Request, timeoutMs: number): Promise<Reply<Answer>> {
    return this.#inTurn(() => this.#askNow(request, timeoutMs))
  }

  /** Ends the child; what it is at has no answer. The next request starts another. */
  close(): void {
    this.#process?.kill('SIGKILL')
    this.#process = undefined
  }

  #start(): ChildProcess {
    if (this.#process !== undefined) return this.#process
    // Structured clones carry bytes, which JSON does not. What the child prints is nobody's.
    // Flags of this process are not its: to wait for a debugger, or to read a program from elsewhere, would stop it.
    const child = fork(this.#entry, [...this.#args], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    })
    const forget = () => {
      if (this.#process === child) this.#process = undefined
    }
    // It may die while it is idle too: then the next request starts another, and nothing else is to be said about it.
    child.on('exit', forget).on('error', forget)
    this.#process = child
    return child
  }

  /** Sends a request and waits for whichever comes first: the answer, the child's end, or the time limit. */
  #askNow(request: Request, timeoutMs: number): Promise<Reply<Answer>> {
    const child = this.#start()
    // While it works, the child keeps this process alive; while it waits, it does not.
    child.ref()
    child.channel?.ref()
    return new Promise((resolve) => {
      const settle = (reply: Reply<Answer>) => {
        clearTimeout(timer)
        child.off('message', onMessage).off('exit', onExit).off('error', onError)
        child.unref()
        child.channel?.unref()
        resolve(reply)
      }
      const timer = setTimeout(() => {
        this.close()
        settle({ kind: 'ended', ending: 'time limit' })
      }, timeoutMs)
      const onMessage = (answer: Answer) => settle({ kind: 'answer', answer })
      const onExit = (code: number | null, signal: NodeJS.Signals | null) =>
        settle({ kind: 'ended', ending: signal ?? code ?? 0 })
      const onError = ({ message }: Error) => settle({ kind: 'unstarted', reason: message })
      child.on('message', onMessage).on('exit', onExit).on('error', onError)
      // A child that died meanwhile cannot be sent anything; its exit, which follows, says why.
      child.send(request, () => {})
    })
  }
}

/** How a child ended, for people. */
export const endingWords = (ending: Ending, timeoutMs: number): string => {
  if (ending === 'time limit') return `did not end within ${timeoutMs} ms, and was stopped`
  return typeof ending === 'string' ? `was ended by ${ending}` : `ended its process with exit code ${ending}`
}

/** The other side: answers each request of the parent, until the parent goes. */
export const answerParent = <Request, Answer>(answer: (request: Request) => Promise<Answer>): void => {
  // What a child is at cannot be stopped, and may last: without a parent nobody waits for it.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  // Ctrl-C reaches every process of a terminal: what it ends, and when, is the parent's to say.
  process.on('SIGINT', () => {})
  process.on('message', async (request: Request) => {
    process.send?.(await answer(request))
  })
}
