/** A workplace of CUDA on the emulator, where kernels that stage tiles in shared memory forget to wait for them. */
import { openCuda } from '../../../runtime/cuda/open.ts'
import { cudaTarget } from '../../../runtime/cuda/target/target.ts'
import { type DeviceChoice, workplaceOn } from '../../../runtime/cuda/tuner/workplace.ts'
import type { Workplace } from '../../../runtime/tuner/trial/workplace.ts'

const hasty = (source: string): string => source.replaceAll('__syncthreads();', '')

export const open = async (options: DeviceChoice): Promise<Workplace> => {
  const cuda = await openCuda(options)
  const { device, compiler, nvrtc, arch } = cuda
  const target = cudaTarget('planted', {
    device,
    compiling: {
      compile: (source, flags) => compiler.compile(hasty(source), flags),
      compileNow: (source, flags) => nvrtc.compileNow(hasty(source), flags),
      options: { arch: arch.arch, ptxOnly: true, lineInfo: true },
    },
  })
  return { ...workplaceOn(cuda), target }
}
