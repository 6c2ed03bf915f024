/**
 * Launches shaders on a device: buffers bound to what they read and write, and workgroups counted. Where the shaders come from
 * is another's business: they are data, made just now or built ahead of time.
 */
import { blocksOf, fitMultiples, itemsOf, sizeOfArray } from '../../codegen/gpu/launch.ts'
import type { Direction, Signed } from '../../codegen/signed.ts'
import type { Argument, WgslKernel } from '../../codegen/wgsl/emit.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import type { Geometry } from '../../dsl/geometry.ts'
import { elements } from '../../dsl/tensor.ts'
import { type Call, callsOf, cotangentKey, type Wanted } from '../launch/calls.ts'
import { numbersOf, type Sizes, sizesOf } from '../launch/sizes.ts'
import type { DeviceKernel, Tensors } from '../target.ts'
import type { GpuBinding, GpuBuffer } from './api.ts'
import type { Dispatch, Pipeline, WebGpuDevice } from './device.ts'
import { LimitError } from './errors.ts'
import { savedIn } from './saved.ts'
import { arrays, inWords, paddedTo, type WebGpuStored, WebGpuTensor } from './tensor.ts'

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

/** Whether sizes are multiples of what a kernel's vectors need. */
const fits = ({ multiples }: WgslKernel, sizes: Sizes): boolean => multiples === undefined || fitMultiples(multiples, sizes)

/** The buffers of one run: what callers hand in and get, what kernels hand to one another, and what to give back. */
class Buffers {
  readonly #device: WebGpuDevice
  readonly #byKey = new Map<string, GpuBinding>()
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
    // float64 was refused.
    const tensor = given ?? WebGpuTensor.empty(this.#device, shape, stored as WebGpuStored, name)
    this.#made.set(name, tensor)
    this.#byKey.set(`${role} ${name}`, tensor.binding)
  }

  /** What is bound for an argument of so many bytes; a tensor that is not given is zero. */
  of({ holds, buffer: { role, name } }: Argument, bytes: () => number, { given, options, direction }: Call): GpuBinding {
    const isTensor = holds === 'tensor'
    const key = isTensor ? `${role} ${name}` : `${holds} ${name}`
    const known = this.#byKey.get(key)
    if (known) return known
    const value = isTensor ? given[role === 'cotangent' ? cotangentKey(name) : name] : undefined
    const bind = (): GpuBinding => {
      if (value instanceof WebGpuTensor && value.device === this.#device) return value.binding
      const saved = holds === 'saved' && savedIn(this.#device, options.kept, name, bytes(), direction)
      if (saved) return { buffer: saved }
      if (!isTensor) return { buffer: this.take(bytes(), 'storage', name) }
      const data = typeof value === 'number' ? Float32Array.of(value) : value ? inWords(value.data) : new Uint8Array(bytes())
      const buffer = this.take(data.byteLength, 'storage', name)
      if (data.length > 0) this.#device.device.queue.writeBuffer(buffer, 0, data)
      return { buffer }
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

/** A direction's shaders, with what runs each. */
interface Compiled {
  readonly kernels: readonly WgslKernel[]
  readonly pipelines: ReadonlyMap<WgslKernel, Pipeline>
}

/**
 * Makes pipelines of shaders, and the calls that launch them.
 * @throws ShaderError for a shader that the adapter's compiler refuses; LimitError for more arrays than a shader may have
 */
export const launchWebGpu = async (
  device: WebGpuDevice,
  signed: Signed,
  shaders: Readonly<Record<Direction, readonly WgslKernel[]>>,
): Promise<Pick<DeviceKernel, 'forward' | 'backward'>> => {
  const compiled = async (kernels: readonly WgslKernel[]): Promise<Compiled> => ({
    kernels,
    pipelines: new Map(await Promise.all(kernels.map(async (kernel) => [kernel, await device.pipeline(kernel)] as const))),
  })
  const [forward, backward] = await Promise.all([compiled(shaders.forward), compiled(shaders.backward)])
  const directions = { forward, backward }
  const stored = arrays[signed.dtype as WebGpuStored].BYTES_PER_ELEMENT
  const bytesOf = ({ element }: Argument): number => (element === 'storage' ? stored : 4)

  const run = (call: Call): Tensors => {
    const { direction, checked, wanted, options } = call
    const { seed = 0n, out } = options
    const { kernels: all, pipelines } = directions[direction]
    const sizes = sizesOf(checked)
    // Of a name the first that fits: the last is for any sizes.
    const kernels = all.filter(
      (kernel, k) => fits(kernel, sizes) && !(k > 0 && all[k - 1]!.name === kernel.name && fits(all[k - 1]!, sizes)),
    )
    checkSizes(signed.geometry, kernels, sizes)
    const numbers = numbersOf(sizes, seed)
    const buffers = new Buffers(device)
    try {
      for (const one of wanted) buffers.make(one, out)
      const dispatches = kernels.flatMap((kernel): Dispatch[] => {
        const { arrays: parameters, numbers: of, launch, name } = kernel
        const groups = blocksOf(launch, sizes)
        const most = device.device.limits.maxComputeWorkgroupsPerDimension
        if (groups > most * most)
          throw new LimitError('maxComputeWorkgroupsPerDimension', most, `${name} takes ${groups} workgroups in two dimensions`)
        if (itemsOf(launch, sizes) === 0) return []
        const bound = parameters.map((argument) =>
          buffers.of(
            argument,
            () => paddedTo(4, sizeOfArray({ ...argument, level: argument.buffer.level }, sizes) * bytesOf(argument)),
            call,
          ),
        )
        const pipeline = pipelines.get(kernel)!
        if (of.length === 0) return [{ ...pipeline, buffers: bound, groups }]
        const uniform = buffers.take(4 * of.length, 'numbers', `the numbers of ${name}`)
        // Unsigned and signed numbers have the same bits modulo 2^32.
        device.device.queue.writeBuffer(
          uniform,
          0,
          Int32Array.from(of, (one) => numbers.get(one.name)! | 0),
        )
        return [{ ...pipeline, buffers: [{ buffer: uniform }, ...bound], groups }]
      })
      if (dispatches.length > 0) device.run(dispatches)
      return buffers.finish()
    } catch (error) {
      buffers.release(true, out)
      throw error
    }
  }

  return callsOf(signed, run)
}
