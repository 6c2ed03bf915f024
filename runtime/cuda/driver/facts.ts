/** What a GPU is, as the driver tells it without a context: for a device that is opened, and for `doctor`, which opens none. */
import { PoolwrightError } from '../../../dsl/errors.ts'
import { CudaMissingError } from '../errors.ts'
import { failureOf } from './failure.ts'
import type { EntryPoint } from './functions.ts'
import { type DriverLibrary, loadDriver } from './library.ts'

export interface DeviceFacts {
  readonly ordinal: number
  readonly name: string
  /** 90 for compute capability 9.0. */
  readonly arch: number
  readonly multiprocessors: number
  /** The most shared memory that a block may have, in bytes, after opting in to more than 48 KiB. */
  readonly sharedPerBlock: number
  /** Bytes of device memory. */
  readonly memory: number
  /** As nvidia-smi writes it; absent where the driver is older than CUDA 11.4. */
  readonly uuid?: string
  /** Whether memory can be had and given back in a stream's order. */
  readonly pools: boolean
  /** The newest CUDA that the driver serves: '13.0'. */
  readonly driver: string
}

/** The attributes that we read, by their numbers. */
const attributes = {
  sharedPerBlock: 8,
  multiprocessors: 16,
  major: 75,
  minor: 76,
  sharedPerBlockOptIn: 97,
  pools: 115,
} as const

const longestName = 256

const uuidText = (bytes: Uint8Array): string => {
  const hex = Buffer.from(bytes).toString('hex')
  return `GPU-${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}`
}

const mustOf = (library: DriverLibrary) => (code: number, call: EntryPoint) => {
  if (code !== 0) throw failureOf(library, { code, call, doing: 'asking the driver what the GPU is' })
}

/** How many GPUs there are. */
const countOf = (library: DriverLibrary): number => {
  const count = new Int32Array(1)
  mustOf(library)(library.functions.cuDeviceGetCount(count), 'cuDeviceGetCount')
  return count[0]!
}

/**
 * @returns the facts, and the driver's own number of the device
 * @throws CudaMissingError for an ordinal that no GPU has; DriverError for what the driver refuses
 */
export const readFacts = (library: DriverLibrary, ordinal: number): { readonly device: number; readonly facts: DeviceFacts } => {
  const { functions, version } = library
  const must = mustOf(library)
  const count = countOf(library)
  if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= count)
    throw new CudaMissingError(
      `there is no GPU ${ordinal}: this process sees ${count}, counted from 0. CUDA_VISIBLE_DEVICES says which it sees.`,
    )
  const out = new Int32Array(1)
  must(functions.cuDeviceGet(out, ordinal), 'cuDeviceGet')
  const device = out[0]!
  const attribute = (which: keyof typeof attributes): number => {
    must(functions.cuDeviceGetAttribute(out, attributes[which], device), 'cuDeviceGetAttribute')
    return out[0]!
  }
  const name = Buffer.alloc(longestName)
  must(functions.cuDeviceGetName(name, longestName, device), 'cuDeviceGetName')
  const memory = new BigUint64Array(1)
  must(functions.cuDeviceTotalMem_v2(memory, device), 'cuDeviceTotalMem_v2')
  const uuid = new Uint8Array(16)
  if (functions.cuDeviceGetUuid_v2) must(functions.cuDeviceGetUuid_v2(uuid, device), 'cuDeviceGetUuid_v2')
  const facts: DeviceFacts = {
    ordinal,
    name: name.toString('utf8', 0, name.indexOf(0)),
    arch: attribute('major') * 10 + attribute('minor'),
    multiprocessors: attribute('multiprocessors'),
    sharedPerBlock: attribute('sharedPerBlockOptIn') || attribute('sharedPerBlock'),
    memory: Number(memory[0]),
    ...(functions.cuDeviceGetUuid_v2 && { uuid: uuidText(uuid) }),
    pools: functions.cuMemAllocAsync !== undefined && functions.cuMemFreeAsync !== undefined && attribute('pools') !== 0,
    driver: version,
  }
  return { device, facts }
}

export type DeviceListing =
  | { readonly kind: 'devices'; readonly driver: string; readonly devices: readonly DeviceFacts[] }
  /** Why there is none, and what to do. */
  | { readonly kind: 'none'; readonly reason: string }

/** The GPUs of this machine; without a driver or a GPU the reason, and no error. No GPU is woken for it. */
export const listDevices = async (): Promise<DeviceListing> => {
  try {
    const library = await loadDriver()
    const devices = Array.from({ length: countOf(library) }, (_, ordinal) => readFacts(library, ordinal).facts)
    return { kind: 'devices', driver: library.version, devices }
  } catch (error) {
    if (error instanceof PoolwrightError) return { kind: 'none', reason: error.message }
    throw error
  }
}
