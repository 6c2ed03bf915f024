/** The compiler's child process: compiles what its parent sends, one after the other, until the parent goes. */
import { answerParent } from '../../node/child.ts'
import type { CompileAnswer, CompileRequest } from './child-messages.ts'
import { NvrtcError } from './diagnostics.ts'
import { Nvrtc } from './nvrtc.ts'

/** The library to open: the parent has found it already. */
const path = process.argv[2]
const loading = Nvrtc.load(path === undefined ? {} : { path })
// Each request meets the same failure, and answers with it.
loading.catch(() => {})

const answer = async ({ source, options }: CompileRequest): Promise<CompileAnswer> => {
  try {
    return { kind: 'compiled', compiled: await (await loading).compile(source, options) }
  } catch (error) {
    if (error instanceof NvrtcError) return { kind: 'refused', refused: error.refused }
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

answerParent(answer)
