/** Kernels that need no compiler, and their launches: PTX that the emulator's tests keep. */

import type { KernelArgument } from '../../../runtime/cuda/arguments.ts'
import type { DeviceFunction, DeviceMemory } from '../../../runtime/cuda/device.ts'
import type { DriverDevice } from '../../../runtime/cuda/driver/device.ts'
import { f32, i32, ptxOf } from '../emulator/device.ts'

export { f32, i32 }

/** Of one file, without a binary: as for a GPU that is newer than the compiler. */
export const ptxModule = (name: 'shapes' | 'faults', arch = 80) => ({ ptx: ptxOf(name, arch), cubin: new Uint8Array() })

export const pointer = (memory: DeviceMemory, offset = 0): KernelArgument => ({
  type: 'u64',
  value: memory.pointer + BigInt(offset),
})

export const uploaded = (device: DriverDevice, data: ArrayBufferView): DeviceMemory => {
  const memory = device.allocate(data.byteLength, 'data')
  memory.write(data)
  return memory
}

export const floats = (memory: DeviceMemory, count = memory.bytes / 4): number[] => {
  const out = new Float32Array(count)
  memory.read(out)
  return [...out]
}

/** `tile` writes the sum of each element and its neighbours. */
export const launchTile = (tile: DeviceFunction, x: DeviceMemory, y: DeviceMemory, n: number, stream?: bigint): void => {
  tile.launch({
    grid: [Math.ceil(n / 128), 1, 1],
    block: [128, 1, 1],
    args: [pointer(x), pointer(y), i32(n)],
    ...(stream !== undefined && { stream }),
  })
}
export const neighbourSums = (x: ArrayLike<number>): number[] =>
  Array.from(x, (value, k) => Math.fround(Math.fround((x[k - 1] ?? 0) + value) + (x[k + 1] ?? 0)))
