/** What can go wrong on the way from WGSL to a result. Each kind is a class, since callers act on them differently. */
import { PoolwrightError } from '../../dsl/errors.ts'

/** Anything that WebGPU refuses. */
export class WebGpuError extends PoolwrightError {
  override name = 'WebGpuError'
}

/** There is no WebGPU here, or no adapter: asked for rightly, and not to be had. */
export class WebGpuMissingError extends WebGpuError {
  override name = 'WebGpuMissingError'
}

/** A shader that the adapter's compiler refuses. What was emitted is to blame. */
export class ShaderError extends WebGpuError {
  override name = 'ShaderError'
}

/** More than the device has: a limit by its name and value. */
export class LimitError extends WebGpuError {
  override name = 'LimitError'
  readonly limit: string
  readonly most: number

  /** @param rule - how what there is stands to the limit */
  constructor(limit: string, most: number, what: string, rule = 'more than') {
    super(`${what}, ${rule} ${limit}, which is ${most} on this device`)
    this.limit = limit
    this.most = most
  }
}

/** The device was lost, or destroyed; what was pending on it never comes. Open another. */
export class DeviceLostError extends WebGpuError {
  override name = 'DeviceLostError'
}
