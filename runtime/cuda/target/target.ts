/** The CUDA target: emits kernels, compiles them by NVRTC, and runs them on a GPU or on the emulator. */
import { defaultSchedule } from '../../../codegen/cuda/default.ts'
import type { Argument } from '../../../codegen/cuda/emit.ts'
import { refuse } from '../../../codegen/cuda/refuse.ts'
import { type CudaSchedule, cudaAxes } from '../../../codegen/cuda/schedule.ts'
import { sizeOfLevel } from '../../../codegen/gpu/launch.ts'
import { type Program, programsOf } from '../../../codegen/program.ts'
import { type CheckedArguments, checkArguments, checkCotangents } from '../../../dsl/arguments.ts'
import { ArgumentError } from '../../../dsl/errors.ts'
import type { CheckedOperator } from '../../../dsl/expression.ts'
import type { Geometry, StorageType } from '../../../dsl/geometry.ts'
import { joinShape } from '../../../dsl/layout.ts'
import { type StoredType, storageByName, storages } from '../../../dsl/storage.ts'
import { elements, type Tensor } from '../../../dsl/tensor.ts'
import { sizesOf } from '../../launch-sizes.ts'
import { checkAxes, pinnedOf } from '../../pinned.ts'
import type { DeviceKernel, Kept, LaunchOptions, Target, TargetOptions, Tensors } from '../../target.ts'
import type { CudaDevice, DeviceMemory, Observation } from '../device.ts'
import { Binding } from './binding.ts'
import { type Bound, launchAll } from './launches.ts'
import { type Compiling, DirectionSource } from './source.ts'
import { CudaTensor } from './tensor.ts'

/** The default schedule with the pinned axes put in, or the reason why not. */
export const cudaScheduleFor = (
  program: Program,
  dtype: StorageType,
  pinned: Readonly<Record<string, unknown>> = {},
): CudaSchedule => {
  checkAxes('cuda', cudaAxes, pinned)
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
    forward: new DirectionSource(
      programs.forward,
      cudaScheduleFor(programs.forward, dtype, pinnedOf(schedule, 'forward')),
      dtype,
      setting,
    ),
    backward: new DirectionSource(
      programs.backward,
      cudaScheduleFor(programs.backward, dtype, pinnedOf(schedule, 'backward')),
      dtype,
      setting,
    ),
  }
  await Promise.all([directions.forward.prepare(), directions.backward.prepare()])
  const storage = storageByName(operator, dtype)
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
    isBackward: boolean,
  ): DeviceMemory | undefined => {
    const { name } = argument.buffer
    const there = kept && savedBy.get(kept)?.get(name)
    if (there && there.bytes === needed) return there
    if (isBackward)
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

  /** Runs a direction; `prepare` says what is made. */
  const run = (
    direction: 'forward' | 'backward',
    checked: CheckedArguments,
    given: Readonly<Record<string, Tensor | number>>,
    { seed = 0n, kept, stream }: LaunchOptions,
    prepare: (binding: Binding, resident: boolean) => void,
  ): Tensors => {
    const sizes = sizesOf(checked)
    const binding = new Binding(device)
    let failed = true
    try {
      prepare(
        binding,
        Object.values(given).some((x) => x instanceof CudaTensor && x.device === device),
      )
      const bind = (argument: Argument): Bound => {
        const length = sizeOfLevel(argument.buffer.level, sizes)
        if (argument.holds === 'saved') {
          const memory = savedMemory(argument, Math.max(1, length * bytesOf(argument)), kept, direction === 'backward')
          if (memory) return { pointer: memory.pointer, memory }
        }
        const { role, name } = argument.buffer
        const read = (): Tensor | number | undefined => (role === 'cotangent' ? given[`cotangent ${name}`] : given[name])
        const of = typeof read() === 'object' ? elements((read() as Tensor).shape) : length
        return binding.of(argument, bytesOf(argument), of, read, storedAs(argument))
      }
      const { observe } = setting
      launchAll(directions[direction].for(sizes, binding.alignment(Object.values(given))), {
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
    forward: (inputs, launch = {}) => {
      const checked = checkArguments(operator, geometry, inputs, launch.seed, { dtype })
      const shape = joinShape(geometry, { ...checked, extents: checked.outExtents })
      return run('forward', checked, inputs, launch, (binding, resident) => {
        for (const { to } of programs.forward.stages[0]?.stores ?? []) {
          const stored = to.type === 'int' ? 'int32' : storage(to.name)
          binding.make('result', to.name, { shape, stored, resident }, launch.out)
        }
      })
    },
    backward: (inputs, cotangents, launch = {}) => {
      const checked = checkArguments(operator, geometry, inputs, launch.seed, { dtype })
      checkCotangents(operator, geometry, cotangents, checked, { dtype })
      const given = {
        ...inputs,
        ...Object.fromEntries(Object.entries(cotangents).map(([name, tensor]) => [`cotangent ${name}`, tensor])),
      }
      return run('backward', checked, given, launch, (binding, resident) => {
        for (const { to } of programs.backward.stages.flatMap((stage) => stage.stores)) {
          if (to.role !== 'gradient') continue
          const value = inputs[to.name]!
          const shape = typeof value === 'number' ? [] : value.shape
          binding.make('gradient', to.name, { shape, stored: storage(to.name), resident }, launch.out)
        }
      })
    },
    source: { forward: directions.forward.usual.source, backward: directions.backward.usual.source },
  }
}

/** The target over a device and a compiler. `description` is what reports call both. */
export const cudaTarget = (description: string, setting: CudaSetting): Target => ({
  device: description,
  compile: (operator, geometry, options) => compileCuda(operator, geometry, options, setting),
})
