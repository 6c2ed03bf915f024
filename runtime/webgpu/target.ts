/** The WebGPU target: emits shaders, and hands them to what launches them. */
import { type Program, programsOf } from '../../codegen/program.ts'
import { defaultSchedule } from '../../codegen/wgsl/default.ts'
import { emitWgsl, type WgslKernel } from '../../codegen/wgsl/emit.ts'
import { refuse } from '../../codegen/wgsl/refuse.ts'
import { type WgslSchedule, wgslAxes } from '../../codegen/wgsl/schedule.ts'
import { ArgumentError, StorageError } from '../../dsl/errors.ts'
import type { CheckedOperator } from '../../dsl/expression.ts'
import type { Geometry, StorageType } from '../../dsl/geometry.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import { checkAxes, type Pinned, pinnedOf } from '../pinned.ts'
import { signedOf } from '../signed.ts'
import type { DeviceKernel, Target, TargetOptions } from '../target.ts'
import type { WebGpuDevice, WebGpuHandle } from './device.ts'
import { launchWebGpu } from './launch.ts'
import { type OpenWebGpuOptions, openDevice } from './open.ts'
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
  return { programs, forward: made('forward'), backward: made('backward') }
}

/** One text of all shaders: each is a module of its own. */
export const textOf = (kernels: readonly WgslKernel[]): string => kernels.map(({ source }) => source).join('\n')

const compileWebGpu = async (
  device: WebGpuDevice,
  operator: CheckedOperator,
  geometry: Geometry,
  options: TargetOptions,
): Promise<DeviceKernel> => {
  const { programs, forward, backward } = wgslSources(operator, geometry, options)
  const shaders = { forward: forward.kernels, backward: backward.kernels }
  return {
    ...(await launchWebGpu(device, signedOf(programs, options.dtype), shaders)),
    source: { forward: textOf(shaders.forward), backward: textOf(shaders.backward) },
  }
}

export interface WebGpu extends WebGpuHandle {
  /** What kernels are compiled for: hand it to `compile` as its target. */
  readonly target: Target
}

/**
 * Opens a device for kernels that are compiled at run time.
 * @throws WebGpuMissingError where there is no WebGPU or no adapter, with how to get one
 */
export const openWebGpu = async (options: OpenWebGpuOptions = {}): Promise<WebGpu> => {
  const device = await openDevice(options)
  return Object.assign(device, { target: webGpuTarget(device) })
}

/** The target on a device. */
export const webGpuTarget = (device: WebGpuDevice): Target => ({
  device: `WebGPU, ${device.description}`,
  compile: (operator, geometry, options) => compileWebGpu(device, operator, geometry, options),
  read: async (tensors) => {
    const read = async ([name, tensor]: [string, Tensor]) =>
      [name, tensor instanceof WebGpuTensor ? { shape: tensor.shape, data: await tensor.read() } : tensor] as const
    const made = Object.fromEntries(await Promise.all(Object.entries(tensors).map(read)))
    for (const tensor of Object.values(tensors)) if (tensor instanceof WebGpuTensor) tensor.dispose()
    return made
  },
})
