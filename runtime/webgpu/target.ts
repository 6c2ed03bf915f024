/** The WebGPU target: emits shaders, and hands them to what launches them. */
import { type Program, programsOf } from '../../codegen/program.ts'
import { signedOf } from '../../codegen/signed.ts'
import { type Abilities, everywhere } from '../../codegen/wgsl/abilities.ts'
import { defaultSchedule } from '../../codegen/wgsl/default.ts'
import { emitWgsl, type WgslKernel } from '../../codegen/wgsl/emit.ts'
import { refuse } from '../../codegen/wgsl/refuse.ts'
import { type WgslSchedule, wgslAxes } from '../../codegen/wgsl/schedule.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import type { CheckedOperator } from '../../dsl/expression.ts'
import type { Geometry, StorageType } from '../../dsl/geometry.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import { checkAxes, type Pinned, pinnedOf } from '../pinned.ts'
import type { DeviceKernel, Target, TargetOptions } from '../target.ts'
import type { WebGpuDevice, WebGpuHandle } from './device.ts'
import { launchWebGpu } from './launch.ts'
import { type OpenWebGpuOptions, openDevice } from './open.ts'
import { checkStorage } from './storage.ts'
import { WebGpuTensor } from './tensor.ts'
import { webGpuTuning } from './tuner/tuning.ts'

/** @throws ArgumentError for a schedule that is refused, with the reason */
export const wgslScheduleFor = (
  program: Program,
  dtype: StorageType,
  pinned: Pinned = {},
  abilities: Abilities = everywhere,
): WgslSchedule => {
  checkAxes('webgpu', wgslAxes, pinned)
  const schedule = defaultSchedule(program, dtype, pinned)
  const reason = refuse(schedule, program, dtype, abilities)
  if (reason !== undefined) throw new ArgumentError(`the schedule is refused: ${reason}`)
  return schedule
}

/** The shaders of both directions: for a device, or without one, for all of them and for people who want to read them. */
export const wgslSources = (
  operator: CheckedOperator,
  geometry: Geometry,
  { dtype, results, schedule }: Pick<TargetOptions, 'dtype' | 'results' | 'schedule'>,
  abilities: Abilities = everywhere,
) => {
  checkStorage(dtype)
  const programs = programsOf(operator, geometry, results)
  const made = (direction: 'forward' | 'backward') => {
    const settled = wgslScheduleFor(programs[direction], dtype, pinnedOf(schedule, direction), abilities)
    return { program: programs[direction], schedule: settled, kernels: emitWgsl(programs[direction], settled, dtype, abilities) }
  }
  return { signed: signedOf(programs, dtype), forward: made('forward'), backward: made('backward') }
}

/** One text of all shaders, each a module of its own; of two of a name, of which one has vectors, that one. */
export const textOf = (kernels: readonly WgslKernel[]): string =>
  kernels
    .filter(({ name }, k) => kernels[k - 1]?.name !== name)
    .map(({ source }) => source)
    .join('\n')

const compileWebGpu = async (
  device: WebGpuDevice,
  operator: CheckedOperator,
  geometry: Geometry,
  options: TargetOptions,
): Promise<DeviceKernel> => {
  const { signed, forward, backward } = wgslSources(operator, geometry, options, device.abilities)
  const shaders = { forward: forward.kernels, backward: backward.kernels }
  return {
    ...(await launchWebGpu(device, signed, shaders)),
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
  return Object.assign(device, { target: webGpuTarget(device, options) })
}

/**
 * The target on a device.
 * @param options - what it was opened with; a caller's own by default
 */
export const webGpuTarget = (device: WebGpuDevice, options: OpenWebGpuOptions = { device: device.device }): Target => ({
  device: `WebGPU, ${device.description}`,
  tuning: webGpuTuning(device, options, (on) => webGpuTarget(on)),
  compile: (operator, geometry, options) => compileWebGpu(device, operator, geometry, options),
  read: async (tensors) => {
    const read = async ([name, tensor]: [string, Tensor]) =>
      [name, tensor instanceof WebGpuTensor ? { shape: tensor.shape, data: await tensor.read() } : tensor] as const
    const made = Object.fromEntries(await Promise.all(Object.entries(tensors).map(read)))
    for (const tensor of Object.values(tensors)) if (tensor instanceof WebGpuTensor) tensor.dispose()
    return made
  },
})
