/**
 * NVRTC in a process of its own. A text can crash the compiler or keep it busy for hours, and no thread of this process
 * survives the one or can be stopped in the other; a child can be killed. It is started when it is first needed, kept for the
 * next text, and started anew after it died.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CompilerCrashError, CudaError } from '../errors.ts'
import type { CompileAnswer, CompileRequest } from './child-messages.ts'
import { NvrtcError } from './diagnostics.ts'
import { limitTo } from './limit.ts'
import { type Compiled, type CompileOptions, type Compiler, nameOf } from './options.ts'

export interface ChildOptions {
  /** Ends a compilation that takes longer; counted from when the child turns to it. */
  readonly timeoutMs?: number
}

/** Enough for anything that Poolwright emits: kernels of 128 unrolled taps take a fifth of a second. */
const usualTimeoutMs = 30_000

/** Beside this file, and with its ending: compiled where this one is. */
const entry = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child-entry.ts' : './child-entry.js', import.meta.url))

/** A compiler in a child process: one text at a time, the rest in line. Several of them compile side by side. */
export class NvrtcChild implements Compiler {
  readonly version: readonly [number, number]
  private readonly path: string
  private readonly timeoutMs: number
  private readonly inTurn = limitTo(1)
  private process: ChildProcess | undefined

  /** @param nvrtc - what the child opens, as found here; `Nvrtc` is one */
  constructor(nvrtc: Pick<Compiler, 'version'> & { readonly path: string }, { timeoutMs = usualTimeoutMs }: ChildOptions = {}) {
    this.version = nvrtc.version
    this.path = nvrtc.path
    this.timeoutMs = timeoutMs
  }

  /**
   * Compiles in the child.
   * @throws NvrtcError where NVRTC refuses the text or an option; CompilerCrashError where it dies of it or takes too long
   */
  compile(source: string, options: CompileOptions): Promise<Compiled> {
    return this.inTurn(async () => {
      const answer = await this.ask({ source, options })
      switch (answer.kind) {
        case 'compiled':
          return answer.compiled
        case 'refused':
          throw new NvrtcError(answer.refused)
        case 'failed':
          throw new CudaError(answer.reason)
        default:
          throw answer satisfies never
      }
    })
  }

  /** Ends the child; a text that it is at fails. The next text starts another. */
  close(): void {
    this.process?.kill('SIGKILL')
    this.process = undefined
  }

  private start(): ChildProcess {
    if (this.process !== undefined) return this.process
    // Structured clones carry the binary as bytes, which JSON does not. What the compiler prints is nobody's.
    // Flags of this process are not its: to wait for a debugger, or to read a program from elsewhere, would stop it.
    const child = fork(entry, [this.path], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    })
    const forget = () => {
      if (this.process === child) this.process = undefined
    }
    // It may die while it is idle too: then the next text starts another, and nothing else is to be said about it.
    child.on('exit', forget).on('error', forget)
    this.process = child
    return child
  }

  /** Sends a request and waits for whichever comes first: the answer, the child's end, or the time limit. */
  private ask(request: CompileRequest): Promise<CompileAnswer> {
    const child = this.start()
    // While it works, the child keeps this process alive; while it waits, it does not.
    child.ref()
    child.channel?.ref()
    return new Promise<CompileAnswer>((resolve, reject) => {
      const settle = (outcome: () => void) => {
        clearTimeout(timer)
        child.off('message', onMessage).off('exit', onExit).off('error', onError)
        child.unref()
        child.channel?.unref()
        outcome()
      }
      const crash = (ending: CompilerCrashError['ending'], how: string) => {
        const what = `NVRTC ${this.version.join('.')}, compiling ${nameOf(request.options)}, ${how}.`
        const remedy = 'Nothing else is harmed: try another schedule, or a simpler formula.'
        settle(() => reject(new CompilerCrashError(`${what} ${remedy}`, ending)))
      }
      const timer = setTimeout(() => {
        this.close()
        crash('time limit', `did not end within ${this.timeoutMs} ms, and was stopped`)
      }, this.timeoutMs)
      const onMessage = (answer: CompileAnswer) => settle(() => resolve(answer))
      const onExit = (code: number | null, signal: NodeJS.Signals | null) =>
        crash(signal ?? code ?? 0, signal ? `was ended by ${signal}` : `ended its process with exit code ${code}`)
      const onError = (error: Error) => {
        settle(() => reject(new CudaError(`no process can be started for NVRTC: ${error.message}`)))
      }
      child.on('message', onMessage).on('exit', onExit).on('error', onError)
      // A child that died meanwhile cannot be sent anything; its exit, which follows, says why.
      child.send(request, () => {})
    })
  }
}
