/** The target `webgpu` for as long as a command runs, and what this machine has of it. */
import { PoolwrightError } from '../dsl/errors.ts'
import type { CheckedOperator } from '../dsl/expression.ts'
import type { Geometry } from '../dsl/geometry.ts'
import { FfiError } from '../runtime/ffi.ts'
import type { Target, TargetOptions } from '../runtime/target.ts'
import { DeviceLostError, LimitError, openWebGpu, ShaderError, WebGpuMissingError } from '../runtime/webgpu/index.ts'
import { textOf, wgslSources } from '../runtime/webgpu/target.ts'
import { CannotError } from './exit.ts'
import type { Finding } from './finding.ts'

const lacking = [WebGpuMissingError, LimitError, DeviceLostError, FfiError]

/** What this machine or its adapter lacks; and a shader of ours that is refused is no fault of the caller's. */
const meaning = (error: unknown): unknown => {
  if (lacking.some((kind) => error instanceof kind)) return new CannotError((error as Error).message)
  return error instanceof ShaderError ? new Error(error.message, { cause: error }) : error
}

/** @throws CannotError where there is no WebGPU, or no adapter */
export const withWebGpu = async <T>(use: (target: Target) => Promise<T>): Promise<T> => {
  try {
    const gpu = await openWebGpu()
    try {
      return await use(gpu.target)
    } finally {
      gpu[Symbol.dispose]()
    }
  } catch (error) {
    throw meaning(error)
  }
}

export const findWebGpu = async (): Promise<Finding> => {
  try {
    const gpu = await openWebGpu()
    gpu[Symbol.dispose]()
    return { available: true, detail: `--target webgpu, on ${gpu.description}` }
  } catch (error) {
    if (error instanceof PoolwrightError) return { available: false, detail: error.message }
    throw error
  }
}

/** The shaders of one direction, which need no device. */
export const wgslText = (
  operator: CheckedOperator,
  geometry: Geometry,
  direction: 'forward' | 'backward',
  options: Pick<TargetOptions, 'dtype' | 'schedule'>,
): string => textOf(wgslSources(operator, geometry, options)[direction].kernels)
