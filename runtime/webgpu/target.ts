/** The WebGPU target: emits WGSL, makes pipelines of it, and runs them on a device; in a browser and in Node the same. */
import { blocksOf, itemsOf, type Sizes, sizeOfArray, sizeOfLevel } from '../../codegen/gpu/launch.ts'
import { type Program, programsOf } from '../../codegen/program.ts'
import { defaultSchedule } from '../../codegen/wgsl/default.ts'
import { type Argument, emitWgsl, type WgslKernel } from '../../codegen/wgsl/emit.ts'
import { refuse } from '../../codegen/wgsl/refuse.ts'
import { type WgslSchedule, wgslAxes } from '../../codegen/wgsl/schedule.ts'
import { type CheckedArguments, checkArguments, checkCotangents } from '../../dsl/arguments.ts'
import { ArgumentError, StorageError } from '../../dsl/errors.ts'
import type { CheckedOperator } from '../../dsl/expression.ts'
import type { Geometry, StorageType } from '../../dsl/geometry.ts'
import { joinShape } from '../../dsl/layout.ts'
import { elements, type Tensor } from '../../dsl/tensor.ts'
import { numbersOf, sizesOf } from '../launch-sizes.ts'
import { checkAxes, type Pinned, pinnedOf } from '../pinned.ts'
import type { DeviceKernel, LaunchOptions, Target, TargetOptions, Tensors } from '../target.ts'
import type { GpuBuffer } from './api.ts'
import type { Dispatch, Pipeline, WebGpuDevice } from './device.ts'
import { LimitError } from './errors.ts'
import { WebGpuTensor } from './tensor.ts'

/** @throws ArgumentError for a schedule that is refused, with the reason */
export const wgslScheduleFor = (program: Program, pinned: Pinned = {}): WgslSchedule => {
  checkAxes('webgpu', wgslAxes, pinned)
  const schedule = defaultSchedule(program, pinned)
  const reason = refuse(schedule, program)
  if (reason !== undefined) throw new ArgumentError(`the schedule is refused: ${reason}`)
  return schedule
}

/** @throws StorageError for what WGSL has no type of, or not on every adapter */
const checkStorage = (dtype: StorageType): void => {
  if (dtype === 'float32') return
  throw new StorageError(
    `the webgpu target stores float32, not ${dtype}: take that (--dtype float32), or the target cuda, which has ${dtype} (--target cuda)`,
  )
}

/** The shaders of both directions, without a device: for people who want to read them. */
export const wgslSources = (
  operator: CheckedOperator,
  geometry: Geometry,
  { dtype, results, schedule }: Pick<TargetOptions, 'dtype' | 'results' | 'schedule'>,
) => {
  checkStorage(dtype)
  const programs = programsOf(operator, geometry, results)
  const made = (direction: 'forward' | 'backward') => {
    const settled = wgslScheduleFor(programs[direction], pinnedOf(schedule, direction))
    return { program: programs[direction], schedule: settled, kernels: emitWgsl(programs[direction], settled) }
  }
  return { forward: made('forward'), backward: made('backward') }
}

/** One text of all shaders: each is a module of its own. */
export const textOf = (kernels: readonly WgslKernel[]): string => kernels.map(({ source }) => source).join('\n')

/** The greatest number of an `i32`, which counts invocations and elements. */
const mostItems = 2 ** 31 - 1

/** Sizes of which products of two fit an `i32`: windows of adaptive pooling are told by such. */
const mostAdaptive = 46_340

/** @throws ArgumentError for sizes beyond what 32 bits count */
const checkSizes = (geometry: Geometry, kernels: readonly WgslKernel[], sizes: Sizes): void => {
  const largest = Math.max(...sizes.extents, ...sizes.outExtents)
  if (geometry.kind === 'adaptive' && largest > mostAdaptive)
    throw new ArgumentError(`adaptive windows on webgpu reach up to extents of ${mostAdaptive}, but one is ${largest}`)
  for (const { name, launch } of kernels) {
    const items = blocksOf(launch, sizes) * launch.threads
    if (items > mostItems)
      throw new ArgumentError(`${name} would take ${items} invocations, more than ${mostItems}: use a smaller batch`)
  }
}

type Given = Readonly<Record<string, Tensor | number>>

/** What one run writes, by role and name. */
interface Wanted {
  readonly role: 'result' | 'gradient'
  readonly name: string
  readonly shape: readonly number[]
  readonly stored: 'float32' | 'int32'
}

/** The buffers of one run: what callers hand in and get, what kernels hand to one another, and what to give back. */
class Buffers {
  readonly #device: WebGpuDevice
  readonly #byKey = new Map<string, GpuBuffer>()
  readonly #scratch: GpuBuffer[] = []
  readonly #made = new Map<string, WebGpuTensor>()

  constructor(device: WebGpuDevice) {
    this.#device = device
  }

  take(bytes: number, use: 'storage' | 'numbers', what: string): GpuBuffer {
    const buffer = this.#device.pool.take(bytes, use, what)
    this.#scratch.push(buffer)
    return buffer
  }

  /** @throws ArgumentError where what is handed in to be written is no tensor of the device, or of another size */
  make({ role, name, shape, stored }: Wanted, out: Tensors | undefined): void {
    const given = out && Object.hasOwn(out, name) ? out[name] : undefined
    if (given && !(given instanceof WebGpuTensor && given.device === this.#device))
      throw new ArgumentError(
        `out.${name} must be a WebGpuTensor of the kernel's device: make one by gpu.empty([${shape.join(', ')}])`,
      )
    if (given && (given.stored !== stored || given.length !== elements(shape)))
      throw new ArgumentError(
        `out.${name} must be ${stored} of shape [${shape.join(', ')}], but is ${given.stored} of [${given.shape.join(', ')}]`,
      )
    const tensor = given ?? WebGpuTensor.empty(this.#device, shape, stored, name)
    this.#made.set(name, tensor)
    this.#byKey.set(`${role} ${name}`, tensor.buffer)
  }

  /** The buffer of an argument; `read` gives what a tensor holds, and one that is not given is zero. */
  of({ holds, buffer: { role, name, level } }: Argument, sizes: Sizes, bytes: () => number, given: Given): GpuBuffer {
    const isTensor = holds === 'tensor'
    const key = isTensor ? `${role} ${name}` : `${holds} ${name}`
    const known = this.#byKey.get(key)
    if (known) return known
    const value = isTensor ? given[role === 'cotangent' ? `cotangent ${name}` : name] : undefined
    const bind = (): GpuBuffer => {
      if (value instanceof WebGpuTensor && value.device === this.#device) return value.buffer
      if (!isTensor) return this.take(bytes(), 'storage', name)
      const data =
        typeof value === 'number' ? Float32Array.of(value) : (value?.data ?? new Float32Array(sizeOfLevel(level, sizes)))
      const buffer = this.take(data.byteLength, 'storage', name)
      if (data.length > 0) this.#device.gpu.queue.writeBuffer(buffer, 0, data)
      return buffer
    }
    const made = bind()
    this.#byKey.set(key, made)
    return made
  }

  /** What was made, by name; the rest is given back. */
  finish(): Tensors {
    this.release()
    return Object.fromEntries(this.#made)
  }

  /** Gives back what the run alone needed; after a failure what was made for it too. */
  release(failed = false, out: Tensors = {}): void {
    for (const buffer of this.#scratch.splice(0)) this.#device.pool.give(buffer)
    if (failed) for (const [name, tensor] of this.#made) if (!Object.hasOwn(out, name)) tensor.dispose()
  }
}

interface Compiled {
  readonly kernels: readonly WgslKernel[]
  readonly pipelines: readonly Pipeline[]
}

const compileWebGpu = async (
  device: WebGpuDevice,
  operator: CheckedOperator,
  geometry: Geometry,
  options: TargetOptions,
): Promise<DeviceKernel> => {
  const { dtype } = options
  const sources = wgslSources(operator, geometry, options)
  const compiled = async (kernels: readonly WgslKernel[]): Promise<Compiled> => ({
    kernels,
    pipelines: await Promise.all(kernels.map((kernel) => device.pipeline(kernel))),
  })
  const [forward, backward] = await Promise.all([compiled(sources.forward.kernels), compiled(sources.backward.kernels)])

  const run = (
    { kernels, pipelines }: Compiled,
    checked: CheckedArguments,
    given: Given,
    wanted: readonly Wanted[],
    { seed = 0n, out }: LaunchOptions,
  ): Tensors => {
    const sizes = sizesOf(checked)
    checkSizes(geometry, kernels, sizes)
    const numbers = numbersOf(sizes, seed)
    const buffers = new Buffers(device)
    try {
      for (const one of wanted) buffers.make(one, out)
      const dispatches = kernels.flatMap((kernel, k): Dispatch[] => {
        const { arrays, numbers: of, launch, name } = kernel
        const groups = blocksOf(launch, sizes)
        const most = device.gpu.limits.maxComputeWorkgroupsPerDimension
        if (groups > most * most)
          throw new LimitError('maxComputeWorkgroupsPerDimension', most, `${name} takes ${groups} workgroups in two dimensions`)
        if (itemsOf(launch, sizes) === 0) return []
        const bound = arrays.map((argument) =>
          buffers.of(argument, sizes, () => 4 * sizeOfArray({ ...argument, level: argument.buffer.level }, sizes), given),
        )
        if (of.length === 0) return [{ ...pipelines[k]!, buffers: bound, groups }]
        const uniform = buffers.take(4 * of.length, 'numbers', `the numbers of ${name}`)
        // Unsigned and signed numbers have the same bits modulo 2^32.
        device.gpu.queue.writeBuffer(
          uniform,
          0,
          Int32Array.from(of, (one) => numbers.get(one.name)! | 0),
        )
        return [{ ...pipelines[k]!, buffers: [uniform, ...bound], groups }]
      })
      if (dispatches.length > 0) device.run(dispatches)
      return buffers.finish()
    } catch (error) {
      buffers.release(true, out)
      throw error
    }
  }

  return {
    forward: (inputs, launch = {}) => {
      const checked = checkArguments(operator, geometry, inputs, launch.seed, { dtype })
      const shape = joinShape(geometry, { ...checked, extents: checked.outExtents })
      const wanted = (sources.forward.program.stages[0]?.stores ?? []).map(({ to }): Wanted => {
        return { role: 'result', name: to.name, shape, stored: to.type === 'int' ? 'int32' : 'float32' }
      })
      return run(forward, checked, inputs, wanted, launch)
    },
    backward: (inputs, cotangents, launch = {}) => {
      const checked = checkArguments(operator, geometry, inputs, launch.seed, { dtype })
      checkCotangents(operator, geometry, cotangents, checked, { dtype })
      const named = Object.entries(cotangents).map(([name, tensor]) => [`cotangent ${name}`, tensor] as const)
      const stores = sources.backward.program.stages.flatMap((stage) => stage.stores)
      const wanted = stores
        .filter(({ to }) => to.role === 'gradient')
        .map(({ to }): Wanted => {
          const value = inputs[to.name]!
          return { role: 'gradient', name: to.name, shape: typeof value === 'number' ? [] : value.shape, stored: 'float32' }
        })
      return run(backward, checked, { ...inputs, ...Object.fromEntries(named) }, wanted, launch)
    },
    source: { forward: textOf(forward.kernels), backward: textOf(backward.kernels) },
  }
}

/** The target on a device. */
export const webGpuTarget = (device: WebGpuDevice): Target => ({
  device: device.description,
  compile: (operator, geometry, options) => compileWebGpu(device, operator, geometry, options),
  read: async (tensors) => {
    const read = async ([name, tensor]: [string, Tensor]) =>
      [name, tensor instanceof WebGpuTensor ? { shape: tensor.shape, data: await tensor.read() } : tensor] as const
    const made = Object.fromEntries(await Promise.all(Object.entries(tensors).map(read)))
    for (const tensor of Object.values(tensors)) if (tensor instanceof WebGpuTensor) tensor.dispose()
    return made
  },
})
