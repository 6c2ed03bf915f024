/**
 * The compilers of CUDA that tests run on: both generations of NVRTC, where they are. `scripts/fetch-nvrtc.mjs` fetches them;
 * `POOLWRIGHT_NVRTC` and `POOLWRIGHT_NVRTC_11` name them.
 */
import '../children.ts'
import type { TestContext } from 'vitest'
import { findNvrtc } from '../../runtime/cuda/nvrtc/find.ts'
import { Nvrtc } from '../../runtime/cuda/nvrtc/nvrtc.ts'

export interface NvrtcUnderTest {
  readonly name: string
  /** `undefined` where this machine does not have it. */
  load(): Promise<Nvrtc> | undefined
}

const once = (path: string | undefined): NvrtcUnderTest['load'] => {
  let loading: Promise<Nvrtc> | undefined
  return () => {
    if (path === undefined) return undefined
    loading ??= Nvrtc.load({ path })
    return loading
  }
}

const { POOLWRIGHT_NVRTC, POOLWRIGHT_NVRTC_11 } = process.env
const anywhere = async (): Promise<string | undefined> => {
  try {
    return (await findNvrtc({ askPython: true })).found?.path
  } catch {
    // Without the FFI there is no NVRTC either; what tests it says so.
    return undefined
  }
}

export const nvrtcs: readonly NvrtcUnderTest[] = [
  { name: 'the newest NVRTC', load: once(POOLWRIGHT_NVRTC || (await anywhere())) },
  { name: 'NVRTC 11', load: once(POOLWRIGHT_NVRTC_11 || undefined) },
]

/** The compiler; where it is missing, the test is skipped, or fails where it must be there, as in CI. */
export const loadOrSkip = async ({ name, load }: NvrtcUnderTest, context: TestContext): Promise<Nvrtc> => {
  const loading = load()
  if (loading !== undefined) return loading
  const reason = `${name} is not here: node scripts/fetch-nvrtc.mjs FOLDER fetches it`
  if (process.env.POOLWRIGHT_MUST_HAVE?.split(',').includes('nvrtc')) throw new Error(reason)
  return context.skip(reason)
}
