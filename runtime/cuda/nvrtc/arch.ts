/**
 * Which architecture to compile for. A binary runs on later devices of its major number alone, PTX on all later devices; but
 * a driver refuses the PTX of a newer CUDA, and takes its binary. So the binary comes first.
 */
import { CudaMissingError } from '../errors.ts'
import type { CompileOptions } from './options.ts'

export type Arch = Pick<CompileOptions, 'arch' | 'ptxOnly'>

/** Systems on a chip: their binaries and those of cards do not run on each other, though the numbers are neighbours. */
const onChip: ReadonlySet<number> = new Set([53, 62, 72, 87, 101, 110])

/** What the emulator is given where there is no device: common, and of the older of NVRTC's two code generators. */
const usual = 80

const majorOf = (arch: number): number => Math.floor(arch / 10)

/**
 * An architecture that a caller names.
 * @throws CudaMissingError for one that the compiler does not know
 */
export const namedArch = (arch: number, supported: readonly number[]): Arch => {
  if (supported.includes(arch)) return { arch }
  throw new CudaMissingError(
    `this NVRTC does not compile for sm_${arch}: choose one of ${supported.join(', ')}, or name another NVRTC by POOLWRIGHT_NVRTC`,
  )
}

/**
 * The best that a compiler can do for a device: the highest architecture not above the device's, of its major number; else
 * PTX of the highest below it.
 * @param device - its architecture, 86 for 8.6; `undefined` for the emulator, which takes any
 * @param supported - what the compiler knows, as `Nvrtc.supportedArchs` gives it
 * @throws CudaMissingError for a device that is older than all of them, and where there are none
 */
export const chooseArch = (device: number | undefined, supported: readonly number[]): Arch => {
  if (supported.length === 0) throw new CudaMissingError('this NVRTC knows no architecture: install CUDA 11.2 or later')
  const highest = (archs: readonly number[]) => (archs.length > 0 ? Math.max(...archs) : undefined)
  // Without a device, a compiler that does not know the usual one gives the next before it, or else its first.
  if (device === undefined) return { arch: highest(supported.filter((one) => one <= usual)) ?? Math.min(...supported) }
  if (supported.includes(device)) return { arch: device }
  const below = supported.filter((one) => one < device)
  const ofSameKind = below.filter((one) => majorOf(one) === majorOf(device) && !onChip.has(one) && !onChip.has(device))
  const arch = highest(ofSameKind)
  if (arch !== undefined) return { arch }
  const compute = highest(below)
  if (compute !== undefined) return { arch: compute, ptxOnly: true }
  throw new CudaMissingError(
    `this NVRTC compiles for sm_${Math.min(...supported)} and later, and the device is sm_${device}: install the NVRTC of an older CUDA`,
  )
}
