/** Finds and opens CUDA's runtime compiler, and keeps account of every place where it was not: `doctor` tells it. */
import { type Ffi, FfiError, loadFfi } from '../../ffi.ts'
import { declareNvrtc, type NvrtcFunctions } from './functions.ts'
import { builtinsBeside, type PlaceOptions, placesOf } from './places.ts'

export interface Tried {
  readonly where: string
  readonly path: string
  /** Why it was not there, or would not load. */
  readonly reason: string
}

export interface Found {
  readonly functions: NvrtcFunctions
  /** Its path, or the name by which the system's loader knows it. */
  readonly path: string
  readonly where: string
}

export interface NvrtcSearch {
  /** Absent where it is nowhere. */
  readonly found?: Found
  /** Every place that did not have it, in order. */
  readonly tried: readonly Tried[]
}

/** What the library opens by bare name comes first, and stays open: the loader finds it by name from then on. */
const openBeside = async (ffi: Ffi, path: string, platform: NodeJS.Platform | undefined): Promise<NvrtcFunctions> => {
  for (const builtins of await builtinsBeside(path, platform)) ffi.open(builtins)
  return declareNvrtc(ffi.open(path))
}

/**
 * Looks for NVRTC: at the path given or named by `POOLWRIGHT_NVRTC`, and only there where there is one; else through the
 * system's loader, `CUDA_PATH`, `CUDA_HOME`, `/usr/local/cuda*`, `CONDA_PREFIX` and Python's wheels.
 * @throws FfiError where the foreign function interface itself cannot be had
 */
export const findNvrtc = async (options: PlaceOptions = {}): Promise<NvrtcSearch> => {
  const ffi = await loadFfi()
  const tried: Tried[] = []
  for await (const { where, candidates, looked } of placesOf(options)) {
    if (candidates.length === 0) tried.push({ where, path: looked, reason: 'no such library is there' })
    for (const path of candidates) {
      try {
        return { found: { functions: await openBeside(ffi, path, options.platform), path, where }, tried }
      } catch (error) {
        if (!(error instanceof FfiError)) throw error
        tried.push({ where, path, reason: error.message })
      }
    }
  }
  return { tried }
}
