/**
 * NVIDIA's driver library, found and started. It comes with the GPU's driver and lies where the system's loader knows it: a
 * copy from elsewhere would not fit the kernel module. `POOLWRIGHT_LIBCUDA` names another, for tests and unusual machines.
 */
import { type Ffi, FfiError, loadFfi } from '../../ffi.ts'
import { CudaMissingError } from '../errors.ts'
import { type DriverFunctions, declareDriver } from './functions.ts'
import { status, statusOf } from './status.ts'

export interface DriverLibrary {
  readonly ffi: Ffi
  readonly functions: DriverFunctions
  /** The newest CUDA that the driver serves: '13.0'. */
  readonly version: string
}

const names: Partial<Record<NodeJS.Platform, string>> = { linux: 'libcuda.so.1', win32: 'nvcuda.dll' }

const otherwise = 'Or say --device emulator, to run CUDA kernels without a GPU.'

const open = (ffi: Ffi, path: string): DriverFunctions => {
  const library = (() => {
    try {
      return ffi.open(path)
    } catch (error) {
      if (!(error instanceof FfiError)) throw error
      throw new CudaMissingError(
        `there is no NVIDIA driver here: ${error.message}. Install the driver of your GPU (the CUDA toolkit alone does not ` +
          `bring it), or name its library by POOLWRIGHT_LIBCUDA. ${otherwise}`,
      )
    }
  })()
  try {
    return declareDriver(library)
  } catch (error) {
    if (!(error instanceof FfiError)) throw error
    throw new CudaMissingError(`the NVIDIA driver is older than CUDA 11.0: ${error.message}. Update it. ${otherwise}`)
  }
}

/** What to do where the driver does not start, by its status. */
const remedies: ReadonlyMap<number, string> = new Map([
  [34, 'The library is that of the CUDA toolkit, which programs are linked with: take its folder out of LD_LIBRARY_PATH.'],
  [status.noDevice, 'This machine, container or CUDA_VISIBLE_DEVICES shows no NVIDIA GPU.'],
  [802, 'Start the fabric manager (nvidia-fabricmanager).'],
  [803, 'The driver was updated: restart the machine.'],
  [804, "The forward compatibility package is for data-centre GPUs: let the loader find the driver's own library."],
])

/**
 * Opens the driver and starts it.
 * @throws CudaMissingError where there is no driver, one that is too old, or no GPU; FfiError where koffi cannot be loaded
 */
export const loadDriver = async (): Promise<DriverLibrary> => {
  const path = process.env.POOLWRIGHT_LIBCUDA || names[process.platform]
  if (path === undefined) throw new CudaMissingError(`there is no CUDA for ${process.platform}: use another target`)
  const ffi = await loadFfi()
  const functions = open(ffi, path)
  const must = (code: number, call: string): void => {
    if (code === 0) return
    const { name, text } = statusOf(ffi, functions, code)
    const remedy = remedies.get(code) ?? 'See whether nvidia-smi works.'
    throw new CudaMissingError(
      `the NVIDIA driver does not start: ${call} gives ${name} (${code}): ${text}. ${remedy} ${otherwise}`,
    )
  }
  must(functions.cuInit(0), 'cuInit')
  const version = new Int32Array(1)
  must(functions.cuDriverGetVersion(version), 'cuDriverGetVersion')
  // 13010 is 13.1.
  return { ffi, functions, version: `${Math.floor(version[0]! / 1000)}.${Math.floor((version[0]! % 1000) / 10)}` }
}
