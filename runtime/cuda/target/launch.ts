/** Launches CUDA kernels on a device, wherever their sources come from: emitted just now, or built ahead of time. */
import type { Argument } from '../../../codegen/cuda/emit.ts'
import { sizeOfLevel } from '../../../codegen/gpu/launch.ts'
import type { ByDirection, Direction, Signed } from '../../../codegen/signed.ts'
import { ArgumentError } from '../../../dsl/errors.ts'
import { type StoredType, storageByName, storages } from '../../../dsl/storage.ts'
import { elements } from '../../../dsl/tensor.ts'
import { type Call, callsOf, cotangentKey } from '../../launch/calls.ts'
import { sizesOf } from '../../launch/sizes.ts'
import type { DeviceKernel, Kept, Tensors } from '../../target.ts'
import type { CudaDevice, DeviceMemory, Observation } from '../device.ts'
import { Binding } from './binding.ts'
import { type Bound, launchAll } from './launches.ts'
import { type Compiling, DirectionSource, type SourceFor } from './source.ts'
import { CudaTensor } from './tensor.ts'

/** What kernels are compiled and run with. */
export interface CudaSetting {
  readonly device: CudaDevice
  readonly compiling: Compiling
  /** What a device that watches saw, launch by launch. */
  readonly observe?: (observation: Observation) => void
}

/** Carriers in device memory, between a forward and a backward launch. */
type SavedMemory = Map<string, DeviceMemory>
const savedBy = new WeakMap<object, SavedMemory>()

/**
 * The calls of a kernel on a device: sources are compiled there, and loaded.
 * @throws NvrtcError for a text that the compiler refuses, with the part of the formula
 */
export const launchCuda = async (
  setting: CudaSetting,
  signed: Signed,
  sources: ByDirection<SourceFor>,
): Promise<DeviceKernel> => {
  const { signature, dtype } = signed
  const { device } = setting
  const forward = new DirectionSource(sources.forward, setting)
  const backward = sources.backward && new DirectionSource(sources.backward, setting)
  await Promise.all([forward.prepare(), backward?.prepare()])
  const storage = storageByName(signature, dtype)
  const storedAs = ({ element, buffer }: Argument): StoredType => {
    if (element === 'int') return 'int32'
    return element === 'storage' ? dtype : buffer.role === 'carrier' ? storages[dtype].params : storage(buffer.of ?? buffer.name)
  }
  const bytes = {
    storage: storages[dtype].array.BYTES_PER_ELEMENT,
    real: storages[storages[dtype].params].array.BYTES_PER_ELEMENT,
    int: Int32Array.BYTES_PER_ELEMENT,
  }
  const bytesOf = ({ element }: Argument): number => bytes[element]

  /** Carriers that forward leaves for backward, in the caller's record; without one, they live as long as the launch. */
  const savedMemory = (
    argument: Argument,
    needed: number,
    kept: Kept | undefined,
    direction: Direction,
  ): DeviceMemory | undefined => {
    const { name } = argument.buffer
    const there = kept && savedBy.get(kept)?.get(name)
    if (there && there.bytes === needed) return there
    if (direction === 'backward')
      throw new ArgumentError(
        `the schedule saves ${name}: hand to backward, as kept, the record that forward filled from the same arguments`,
      )
    if (!kept) return undefined
    const memory = device.allocate(needed, argument.name)
    const all = savedBy.get(kept) ?? new Map<string, DeviceMemory>()
    all.get(name)?.free()
    savedBy.set(kept, all.set(name, memory))
    return memory
  }

  const run = ({ direction, checked, given, wanted, options: { seed = 0n, kept, stream, out } }: Call): Tensors => {
    const sizes = sizesOf(checked)
    const binding = new Binding(device)
    let failed = true
    try {
      const resident = Object.values(given).some((x) => x instanceof CudaTensor && x.device === device)
      for (const { role, name, shape, stored } of wanted) binding.make(role, name, { shape, stored, resident }, out)
      const bind = (argument: Argument): Bound => {
        const length = sizeOfLevel(argument.buffer.level, sizes)
        if (argument.holds === 'saved') {
          const memory = savedMemory(argument, Math.max(1, length * bytesOf(argument)), kept, direction)
          if (memory) return { pointer: memory.pointer, memory }
        }
        const { role, name } = argument.buffer
        const value = given[role === 'cotangent' ? cotangentKey(name) : name]
        const of = typeof value === 'object' ? elements(value.shape) : length
        return binding.of(argument, bytesOf(argument), of, value, storedAs(argument))
      }
      const { observe } = setting
      launchAll((direction === 'backward' && backward ? backward : forward).for(sizes, binding.alignment(Object.values(given))), {
        device,
        sizes,
        seed,
        bind,
        bytesOf,
        ...(observe && { observe }),
        ...(stream !== undefined && { stream }),
      })
      const made = binding.finish()
      failed = false
      return made
    } finally {
      binding.release(failed)
    }
  }

  return {
    ...callsOf(signed, run),
    source: { forward: forward.usual.source, backward: backward?.usual.source ?? '' },
  }
}
