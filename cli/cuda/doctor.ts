/** What this machine has of CUDA: the compiler, the driver with its GPUs, and so where kernels can run. */
import { PoolwrightError } from '../../dsl/errors.ts'
import { type DeviceFacts, type DeviceListing, listDevices } from '../../runtime/cuda/index.ts'
import { chooseArch } from '../../runtime/cuda/nvrtc/arch.ts'
import { Nvrtc } from '../../runtime/cuda/nvrtc/nvrtc.ts'
import type { Finding } from '../finding.ts'

export interface CudaFindings {
  readonly nvrtc: Finding
  readonly driver: Finding
  /** Kernels on a GPU. */
  readonly target: Finding
  /** Kernels on the emulator. */
  readonly emulator: Finding
}

/** What a look gives, or the reason why there is nothing. */
const reasonOr = async <T>(look: () => T | Promise<T>): Promise<T | string> => {
  try {
    return await look()
  } catch (error) {
    if (error instanceof PoolwrightError) return error.message
    throw error
  }
}

const missing = (detail: string): Finding => ({ available: false, detail })

const describeNvrtc = (nvrtc: Nvrtc): string => {
  const archs = nvrtc.supportedArchs()
  return `NVRTC ${nvrtc.version.join('.')}, ${nvrtc.path}, for sm_${archs[0]} to sm_${archs.at(-1)}`
}

const gib = 2 ** 30

const describeGpu = ({ ordinal, name, arch, multiprocessors, memory }: DeviceFacts): string =>
  `GPU ${ordinal}: ${name}, sm_${arch}, ${multiprocessors} multiprocessors, ${(memory / gib).toFixed(0)} GiB`

/** Whether the first GPU can have kernels. */
const findTarget = async (nvrtc: Nvrtc | string, listing: DeviceListing): Promise<Finding> => {
  const lacking = [...(listing.kind === 'none' ? ['driver'] : []), ...(typeof nvrtc === 'string' ? ['nvrtc'] : [])]
  if (listing.kind === 'none' || typeof nvrtc === 'string') return missing(`needs what is missing above: ${lacking.join(', ')}`)
  const arch = await reasonOr(() => chooseArch(listing.devices[0]?.arch, nvrtc.supportedArchs()))
  if (typeof arch === 'string') return missing(arch)
  return { available: true, detail: `--target cuda, compiled for sm_${arch.arch}; --device N names another GPU than 0` }
}

/** Looks; no GPU is woken for it. */
export const findCuda = async (): Promise<CudaFindings> => {
  const nvrtc = await reasonOr(() => Nvrtc.load({ askPython: true }))
  const listing = await listDevices()
  return {
    nvrtc: typeof nvrtc === 'string' ? missing(nvrtc) : { available: true, detail: describeNvrtc(nvrtc) },
    driver:
      listing.kind === 'none'
        ? missing(listing.reason)
        : { available: true, detail: [`for CUDA ${listing.driver}`, ...listing.devices.map(describeGpu)].join('\n') },
    target: await findTarget(nvrtc, listing),
    emulator:
      typeof nvrtc === 'string'
        ? missing('needs what is missing above: nvrtc')
        : { available: true, detail: '--target cuda --device emulator, and poolwright sanitize: CUDA kernels without a GPU' },
  }
}
