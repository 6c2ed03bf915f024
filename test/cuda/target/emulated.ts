/** The CUDA target on the emulator, with a compiler under test: what an emitted kernel is by NVRTC, and what it then does. */
import type { TestContext } from 'vitest'
import { type Cuda, type OpenOptions, openCuda } from '../../../runtime/cuda/open.ts'
import { loadOrSkip, type NvrtcUnderTest } from '../nvrtc.ts'

/** Opened for one test, and closed with it. Where the compiler is missing, the test is skipped, or fails as `loadOrSkip` says. */
export const emulated = async (
  nvrtc: NvrtcUnderTest,
  context: TestContext,
  options: Omit<OpenOptions, 'device' | 'nvrtc'> = {},
): Promise<Cuda> => {
  const { path } = await loadOrSkip(nvrtc, context)
  const cuda = await openCuda({ ...options, device: 'emulator', nvrtc: path })
  context.onTestFinished(() => cuda[Symbol.dispose]())
  return cuda
}
