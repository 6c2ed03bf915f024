/** The CUDA target on the emulator, with a compiler under test: what an emitted kernel is by NVRTC, and what it then does. */
import type { TestContext } from 'vitest'
import { type Cuda, type OpenOptions, openCuda } from '../../../runtime/cuda/open.ts'
import { cudaTarget } from '../../../runtime/cuda/target/target.ts'
import type { Target } from '../../../runtime/target.ts'
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

/** The same with a fault planted: kernels whose text is altered before it is compiled. */
export const altered = ({ device, compiler, nvrtc, arch }: Cuda, alter: (source: string) => string): Target =>
  cudaTarget('with a fault', {
    device,
    compiling: {
      compile: (source, options) => compiler.compile(alter(source), options),
      compileNow: (source, options) => nvrtc.compileNow(alter(source), options),
      options: { arch: arch.arch, ptxOnly: true, lineInfo: true },
    },
  })
