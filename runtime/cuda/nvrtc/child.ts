/**
 * NVRTC in a process of its own: a text can crash the compiler, or keep it busy for hours, and harms nothing else.
 */
import { fileURLToPath } from 'node:url'
import { moduleBeside } from '../../beside.ts'
import { Child, endingWords } from '../../node/child.ts'
import { CompilerCrashError, CudaError } from '../errors.ts'
import type { CompileAnswer, CompileRequest } from './child-messages.ts'
import { NvrtcError } from './diagnostics.ts'
import { type Compiled, type CompileOptions, type Compiler, nameOf } from './options.ts'

export interface ChildOptions {
  /** Ends a compilation that takes longer; counted from when the child turns to it. */
  readonly timeoutMs?: number
}

/** Enough for anything that Poolwright emits: kernels of 128 unrolled taps take a fifth of a second. */
const usualTimeoutMs = 30_000

const entry = fileURLToPath(moduleBeside(import.meta.url, './child-entry'))

/** A compiler in a child process: one text at a time, the rest in line. Several of them compile side by side. */
export class NvrtcChild implements Compiler {
  readonly version: readonly [number, number]
  readonly #child: Child<CompileRequest, CompileAnswer>
  readonly #timeoutMs: number

  /** @param nvrtc - what the child opens, as found here; `Nvrtc` is one */
  constructor(
    { version, path }: Pick<Compiler, 'version'> & { readonly path: string },
    { timeoutMs = usualTimeoutMs }: ChildOptions = {},
  ) {
    this.version = version
    this.#child = new Child(entry, [path])
    this.#timeoutMs = timeoutMs
  }

  /**
   * Compiles in the child.
   * @throws NvrtcError where NVRTC refuses the text or an option; CompilerCrashError where it dies of it or takes too long
   */
  async compile(source: string, options: CompileOptions): Promise<Compiled> {
    const reply = await this.#child.ask({ source, options }, this.#timeoutMs)
    switch (reply.kind) {
      case 'answer':
        return this.#compiled(reply.answer)
      case 'ended': {
        const what = `NVRTC ${this.version.join('.')}, compiling ${nameOf(options)}, ${endingWords(reply.ending, this.#timeoutMs)}.`
        throw new CompilerCrashError(`${what} Nothing else is harmed: try another schedule, or a simpler formula.`, reply.ending)
      }
      case 'unstarted':
        throw new CudaError(`no process can be started for NVRTC: ${reply.reason}`)
      default:
        throw reply satisfies never
    }
  }

  /** Ends the child; a text that it is at fails. The next text starts another. */
  close(): void {
    this.#child.close()
  }

  #compiled(answer: CompileAnswer): Compiled {
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
  }
}
