/** The CUDA target: emits kernels, compiles them by NVRTC, and runs them on a GPU or on the emulator. */
import type { Argument } from '../../../codegen/cuda/emit.ts'
import { type Sizes, sizeOfLevel } from '../../../codegen/cuda/launch.ts'
import { type CudaSchedule, cudaAxes, defaultSchedule, refuse } from '../../../codegen/cuda/schedule.ts'
import { type Program, programsOf } from '../../../codegen/program.ts'
import { type CheckedArguments, checkArguments, checkCotangents } from '../../../dsl/arguments.ts'
import { ArgumentError } from '../../../dsl/errors.ts'
import type { CheckedOperator } from '../../../dsl/expression.ts'
import type { Geometry, StorageType } from '../../../dsl/geometry.ts'
import { joinShape } from '../../../dsl/layout.ts'
import { storageByName, storages } from '../../../dsl/storage.ts'
import { elements, type Tensor, type TensorData } from '../../../dsl/tensor.ts'
import type { DeviceKernel, Inputs, LaunchOptions, Target, TargetOptions, Tensors } from '../../target.ts'
import type { CudaDevice, DeviceMemory, Observation } from '../device.ts'
import { type Bound, launchAll } from './launches.ts'
import { type Compiling, DirectionSource } from './source.ts'

/** The default schedule with the pinned axes put in, or the reason why not. */
export const cudaScheduleFor = (
  program: Program,
  dtype: StorageType,
  pinned: Readonly<Record<string, unknown>> = {},
): CudaSchedule => {
  const unknown = Object.keys(pinned).find((axis) => !cudaAxes.some((x) => x === axis))
  if (unknown !== undefined)
    throw new ArgumentError(`the cuda target has no schedule axis '${unknown}': it has ${cudaAxes.join(', ')}`)
  const schedule = defaultSchedule(program, dtype, pinned)
  const reason = refuse(schedule, program, dtype)
  if (reason !== undefined) throw new ArgumentError(`the schedule is refused: ${reason}`)
  return schedule
}

/** What kernels are compiled and run with. */
export interface CudaSetting {
  readonly device: CudaDevice
  readonly compiling: Compiling
  /** What a device that watches saw, launch by launch. */
  readonly observe?: (observation: Observation) => void
}

/** Elements that memory of the device's own begins at a multiple of: allocations are of 256 bytes. */
const wholeAllocation = 256

type MakeArray = new (length: number) => TensorData

const sizesOf = ({ samples, channels, extents, outExtents, kernel }: CheckedArguments): Sizes => ({
  samples,
  channels,
  extents,
  outExtents,
  taps: elements(kernel ?? extents),
})

/** Carriers in device memory, between a forward and a backward launch. */
type SavedMemory = Map<string, DeviceMemory>
const savedBy = new WeakMap<object, SavedMemory>()

const compileCuda = async (
  operator: CheckedOperator,
  geometry: Geometry,
  options: TargetOptions,
  setting: CudaSetting,
): Promise<DeviceKernel> => {
  const { dtype, results: wanted, schedule } = options
  const { device } = setting
  const programs = programsOf(operator, geometry, wanted)
  const directions = {
    forward: new DirectionSource(programs.forward, cudaScheduleFor(programs.forward, dtype, schedule), dtype, setting),
    backward: new DirectionSource(programs.backward, cudaScheduleFor(programs.backward, dtype, schedule), dtype, setting),
  }
  await Promise.all([directions.forward.prepare(), directions.backward.prepare()])
  const storage = storageByName(operator, dtype)
  const arrayOf = (name: string): MakeArray => storages[storage(name)].array
  const bytes = {
    storage: storages[dtype].array.BYTES_PER_ELEMENT,
    real: storages[storages[dtype].params].array.BYTES_PER_ELEMENT,
    int: 4,
  }
  const bytesOf = ({ element }: Argument): number => bytes[element]
  const dataOf = (inputs: Inputs, name: string): TensorData => {
    const value = inputs[name]!
    if (typeof value !== 'number') return value.data
    const scalar = new (arrayOf(name))(1)
    scalar[0] = value
    return scalar
  }

  /** Runs a direction: `read` gives what tensors hold, `made` the tensors to be written. */
  const run = (
    direction: 'forward' | 'backward',
    checked: CheckedArguments,
    { seed = 0n, kept }: LaunchOptions,
    read: (argument: Argument) => TensorData | undefined,
    made: ReadonlyMap<string, Tensor>,
  ): void => {
    const sizes = sizesOf(checked)
    const held = new Map<string, DeviceMemory>()
    const memoryOf = (argument: Argument): DeviceMemory => {
      const key = `${argument.buffer.role} ${argument.buffer.name}`
      const known = held.get(key)
      if (known) return known
      const data = made.has(key) ? undefined : read(argument)
      const length = made.get(key)?.data.length ?? data?.length ?? sizeOfLevel(argument.buffer.level, sizes)
      const memory = device.allocate(Math.max(1, length * bytesOf(argument)), argument.name)
      held.set(key, memory)
      if (made.has(key)) return memory
      memory.write(data ?? new Uint8Array(memory.bytes))
      return memory
    }
    const saved = (argument: Argument): DeviceMemory => {
      const bytesNeeded = Math.max(1, sizeOfLevel(argument.buffer.level, sizes) * bytesOf(argument))
      const there = kept && savedBy.get(kept)?.get(argument.buffer.name)
      if (there && there.bytes === bytesNeeded) return there
      if (direction === 'backward')
        throw new ArgumentError(
          `the schedule saves ${argument.buffer.name}: hand to backward, as kept, the record that forward filled from the same arguments`,
        )
      const memory = device.allocate(bytesNeeded, argument.name)
      if (!kept) {
        // Nobody will read it: it lives as long as the launch.
        held.set(`saved ${argument.buffer.name}`, memory)
        return memory
      }
      const all = savedBy.get(kept) ?? new Map<string, DeviceMemory>()
      all.get(argument.buffer.name)?.free()
      savedBy.set(kept, all.set(argument.buffer.name, memory))
      return memory
    }
    const bind = (argument: Argument): Bound => {
      const memory = argument.holds === 'saved' ? saved(argument) : memoryOf(argument)
      return { pointer: memory.pointer, memory }
    }
    try {
      const { observe } = setting
      launchAll(directions[direction].for(sizes, wholeAllocation), {
        device,
        sizes,
        seed,
        bind,
        bytesOf,
        ...(observe && { observe }),
      })
      for (const [key, tensor] of made) {
        if (tensor.data.length === 0) continue
        held.get(key)?.read(tensor.data)
      }
    } finally {
      for (const memory of held.values()) memory.free()
    }
  }

  /** A tensor to write into: the one handed in, where it fits, or a new one. */
  const outTensor = (out: Tensors | undefined, name: string, shape: readonly number[], Data: MakeArray): Tensor => {
    const given = out?.[name]
    if (!given) return { shape, data: new Data(elements(shape)) }
    if (!(given.data instanceof Data) || given.data.length !== elements(shape))
      throw new ArgumentError(`out.${name} must be a ${Data.name} of ${elements(shape)} numbers, of shape [${shape.join(', ')}]`)
    return given
  }
  const byName = (made: ReadonlyMap<string, Tensor>): Record<string, Tensor> =>
    Object.fromEntries([...made].map(([key, tensor]) => [key.slice(key.indexOf(' ') + 1), tensor]))

  return {
    forward: (inputs, launch = {}) => {
      const checked = checkArguments(operator, geometry, inputs, launch.seed, { dtype })
      const shape = joinShape(geometry, { ...checked, extents: checked.outExtents })
      const made = new Map<string, Tensor>()
      for (const { to } of programs.forward.stages[0]?.stores ?? []) {
        const Data = to.type === 'int' ? Int32Array : arrayOf(to.name)
        made.set(`result ${to.name}`, outTensor(launch.out, to.name, shape, Data))
      }
      run('forward', checked, launch, ({ buffer }) => dataOf(inputs, buffer.name), made)
      return byName(made)
    },
    backward: (inputs, cotangents, launch = {}) => {
      const checked = checkArguments(operator, geometry, inputs, launch.seed, { dtype })
      checkCotangents(operator, geometry, cotangents, checked, { dtype })
      const made = new Map<string, Tensor>()
      for (const { to } of programs.backward.stages.flatMap((stage) => stage.stores)) {
        if (to.role !== 'gradient') continue
        const value = inputs[to.name]!
        const shape = typeof value === 'number' ? [] : value.shape
        made.set(`gradient ${to.name}`, outTensor(launch.out, to.name, shape, arrayOf(to.name)))
      }
      const read = ({ buffer }: Argument): TensorData | undefined =>
        buffer.role === 'cotangent' ? cotangents[buffer.name]?.data : dataOf(inputs, buffer.name)
      run('backward', checked, launch, read, made)
      return byName(made)
    },
    source: { forward: directions.forward.usual.source, backward: directions.backward.usual.source },
  }
}

/** The target over a device and a compiler. `description` is what reports call both. */
export const cudaTarget = (description: string, setting: CudaSetting): Target => ({
  device: description,
  compile: (operator, geometry, options) => compileCuda(operator, geometry, options, setting),
})
