/** What callers of the WebGPU target rely on: tensors that stay, buffers of their own, memory that comes back, and errors that say. */
import { describe, expect, it } from 'vitest'
import { GeometryError } from '../../dsl/errors.ts'
import { operatorFromFormula } from '../../dsl/free-formula.ts'
import { normaliseGeometry } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'
import { oracleTarget } from '../../runtime/oracle-target.ts'
import { readFrom } from '../../runtime/target.ts'
import { type GpuLimits, usage } from '../../runtime/webgpu/api.ts'
import { WebGpuDevice } from '../../runtime/webgpu/device.ts'
import { DeviceLostError, LimitError, ShaderError, WebGpuError } from '../../runtime/webgpu/errors.ts'
import { openWebGpu, webGpuTarget, wgslSources } from '../../runtime/webgpu/target.ts'
import { type WebGpuData, WebGpuTensor } from '../../runtime/webgpu/tensor.ts'
import { gaussianPool, maxPool } from '../../specs/index.ts'
import { opened } from './adapter.ts'

const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, k) => Math.sin(k))
const x = { shape: [2, 3, 6, 6], data: ramp(216) }

/** Limits are no own properties of what an adapter gives. */
const pick = ({ maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage }: GpuLimits) => ({
  maxBufferSize,
  maxStorageBufferBindingSize,
  maxStorageBuffersPerShaderStage,
})

const read = (tensor: unknown): Promise<WebGpuData> => (tensor as WebGpuTensor).read()

describe('tensors', () => {
  it('stay on the device between kernels, and are read when that is asked for', async (context) => {
    const gpu = await opened(context)
    const kernel = await maxPool.compile({ kernelSize: 2, target: gpu.target, results: ['y'] })
    const here = gpu.tensor(x.shape, x.data)
    const once = kernel.forward({ x: here }).y
    expect(once).toBeInstanceOf(WebGpuTensor)
    expect(() => once.data).toThrow(/await tensor.read\(\)/)
    // Of 6 x 6 the first leaves 3 x 3, the second 1 x 1.
    const twice = kernel.forward({ x: once }).y
    expect(twice.shape).toEqual([2, 3, 1, 1])
    const onHost = await maxPool.compile({ kernelSize: 2, results: ['y'] })
    const want = onHost.forward({ x: onHost.forward({ x }).y }).y.data
    expect([...(await read(twice))]).toEqual([...want])
  })

  it('may be buffers of a caller’s own device, and results are written into them', async (context) => {
    const own = await opened(context)
    const gpu = await openWebGpu({ device: own.device })
    const bytes = { from: 4 * 216, to: 4 * 54 }
    const from = own.device.createBuffer({ size: bytes.from, usage: usage.storage | usage.copyTarget })
    const to = own.device.createBuffer({ size: bytes.to, usage: usage.storage | usage.copySource })
    own.device.queue.writeBuffer(from, 0, x.data)
    const kernel = await maxPool.compile({ kernelSize: 2, target: gpu.target, results: ['y'] })
    const y = gpu.wrap(to, [2, 3, 3, 3])
    expect(kernel.forward({ x: gpu.wrap(from, x.shape) }, { out: { y } }).y).toBe(y)
    expect([...(await y.read())]).toEqual([...(await maxPool.compile({ kernelSize: 2 })).forward({ x }).y.data])
    expect(() => gpu.wrap(to, [2, 3, 4, 4])).toThrow(/holds no float32 of shape/)
    // Two tensors in one buffer.
    const both = own.device.createBuffer({ size: 512 + bytes.from, usage: usage.storage | usage.copyTarget })
    own.device.queue.writeBuffer(both, 512, x.data)
    const part = gpu.wrap(both, x.shape, 'float32', 512)
    expect([...(await read(kernel.forward({ x: part }).y))]).toEqual([...(await y.read())])
    expect(() => gpu.wrap(both, [2, 3, 6, 7], 'float32', 512)).toThrow(/holds no float32 .* 1008 from byte 512 on/)
    expect(() => gpu.wrap(both, [1], 'float32', -256)).toThrow(/a whole number of bytes, but is -256/)
    const step = own.device.limits.minStorageBufferOffsetAlignment
    const misaligned = () => gpu.wrap(both, [1], 'float32', step + 4)
    expect(misaligned).toThrow(LimitError)
    expect(misaligned).toThrow(`no multiple of minStorageBufferOffsetAlignment, which is ${step} on this device`)
    // Closing ours leaves theirs.
    gpu[Symbol.dispose]()
    expect(own.device.createBuffer({ size: 4, usage: usage.storage }).size).toBe(4)
  })

  it('are refused where they do not fit', async (context) => {
    const gpu = await opened(context)
    const kernel = await maxPool.compile({ kernelSize: 2, target: gpu.target })
    const host = { shape: [2, 3, 3, 3], data: new Float32Array(54) }
    expect(() => kernel.forward({ x }, { out: { y: host } })).toThrow(/out.y must be a WebGpuTensor of the kernel's device/)
    expect(() => kernel.forward({ x }, { out: { y: gpu.empty([2, 3, 3, 4]) } })).toThrow(
      /out.y must be float32 of shape \[2, 3, 3, 3\]/,
    )
    expect(() => kernel.forward({ x: { shape: [1, 1, 1, 1], data: new Float32Array(1) } })).toThrow(GeometryError)
    expect(() => gpu.tensor([2], new Float32Array(3))).toThrow(/2 elements, but 3 numbers/)
    const gone = gpu.tensor([1, 1, 2, 2], new Float32Array(4))
    gone.dispose()
    gone.dispose()
    expect(() => kernel.forward({ x: gone })).toThrow(/used after its memory was given back/)
  })
})

it('holds no more memory after ten thousand runs than after ten, forward and backward', { timeout: 300_000 }, async (context) => {
  const gpu = await opened(context)
  // Counted by what is asked of the device, and not by the pool's own words.
  let alive = 0
  const { device } = gpu
  const create = device.createBuffer.bind(device)
  device.createBuffer = (of) => {
    const buffer = create(of)
    alive += of.size
    const destroy = buffer.destroy.bind(buffer)
    buffer.destroy = () => {
      alive -= of.size
      destroy()
    }
    return buffer
  }
  const kernel = await gaussianPool.compile({ kernelSize: 3, stride: 2, padding: 1, target: gpu.target })
  const weight = { shape: [1, 3, 1, 1], data: ramp(3) }
  const cotangent = { shape: [2, 3, 3, 3], data: ramp(54) }
  const live: number[] = []
  for (let k = 1; k <= 10_000; k++) {
    const made = [kernel.forward({ x, weight }).y, ...Object.values(kernel.backward({ x, weight, cotangent }))]
    // What nobody reads would be enqueued faster than it is done.
    if (k % 10 === 0) await read(made.at(-1)!)
    for (const tensor of made) gpu.release(tensor)
    if (k === 10 || k === 10_000) live.push(alive)
  }
  expect(live[0]).toBeGreaterThan(0)
  expect(live[1]).toBe(live[0])
  expect(alive).toBe(gpu.liveBytes)
})

it.for([
  ['mean(x + normal(sample, channel, height, width))'],
  ['max(x) * uniform(sample, channel)'],
  ['sum(x * normal(kernel)) + normal(position)'],
])('draws the random values that the oracle draws: %s', async ([formula], context) => {
  const { target } = await opened(context)
  const operator = settle(operatorFromFormula(formula!))
  const geometry = normaliseGeometry({ dims: 2, kernelSize: 2 })
  const [here, there] = await Promise.all(
    [target, oracleTarget].map((one) => one.compile(operator, geometry, { dtype: 'float32' })),
  )
  for (const seed of [1n, 0xffff_ffff_ffffn, 2n ** 64n - 1n]) {
    const made = await readFrom(target, here!.forward({ x }, { seed }))
    for (const [k, value] of there!.forward({ x }, { seed }).y!.data.entries())
      expect(Math.abs(made.y!.data[k]! - value)).toBeLessThan(2e-5)
  }
})

it('lays out more workgroups than a dimension holds in rows, and writes nothing for those beyond', async (context) => {
  const { device, target } = await opened(context)
  // As if a dimension held nine, which is 65,535 on every adapter.
  const limits = { ...pick(device.limits), maxComputeWorkgroupsPerDimension: 9 }
  const narrow = new Proxy(device, {
    get: (of, name) => {
      if (name === 'limits') return limits
      const value: unknown = Reflect.get(of, name)
      return typeof value === 'function' ? value.bind(of) : value
    },
  })
  const inRows = webGpuTarget(new WebGpuDevice(narrow, 'narrow', false))
  const [shape, out] = [
    [4, 16, 6, 6],
    [4, 16, 3, 3],
  ] as const
  const inputs = { x: { shape, data: ramp(2304) }, weight: { shape: [1, 16, 1, 1], data: ramp(16) } }
  const cotangents = { y: { shape: out, data: ramp(576) } }
  const operator = settle(gaussianPool, {})
  const geometry = normaliseGeometry({ dims: 2, kernelSize: 3, stride: 2, padding: 1 })
  const [wide, rows] = await Promise.all(
    [target, inRows].map(async (one) => {
      const kernel = await one.compile(operator, geometry, { dtype: 'float32' })
      const made = await readFrom(one, kernel.forward(inputs))
      return { ...made, ...(await readFrom(one, kernel.backward(inputs, cotangents))) }
    }),
  )
  // 64 planes are eight rows of nine, eight workgroups too many; and their sums fill a buffer to its end.
  for (const name of ['y', 'x', 'weight']) expect([...rows![name]!.data]).toEqual([...wide![name]!.data])
  const many = await inRows.compile(operator, geometry, { dtype: 'float32' })
  const large = { ...inputs, x: { shape: [40, 16, 6, 6], data: ramp(23_040) } }
  expect(() => many.backward(large, { y: { shape: [40, 16, 3, 3], data: ramp(5760) } })).toThrow(
    /takes \d+ workgroups in two dimensions, more than maxComputeWorkgroupsPerDimension, which is 9/,
  )
})

describe('what goes wrong', () => {
  const operator = settle(gaussianPool, {})
  const geometry = normaliseGeometry({ dims: 2, kernelSize: 2 })
  const [kernel] = wgslSources(operator, geometry, { dtype: 'float32' }).forward.kernels

  it('in a shader is told with its line, marked, and what that computes', async (context) => {
    const gpu = await opened(context)
    const device = new WebGpuDevice(gpu.device, 'under test', false)
    const lines = kernel!.source.split('\n')
    const at = lines.findIndex((line) => line.includes('y[out'))
    const corrupt = lines.map((line, k) => (k === at ? line.replace(' = ', ' = nobody + ') : line)).join('\n')
    const error = await device.pipeline({ ...kernel!, source: corrupt }).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ShaderError)
    const said = (error as ShaderError).message.split('\n')
    expect(said[0]).toMatch(new RegExp(`refused at line ${at + 1}: .*nobody`))
    expect(said[1]).toBe(corrupt.split('\n')[at])
    expect(said[2]!.indexOf('^')).toBe(said[1]!.indexOf('nobody'))
    expect(said[3]).toBe('The line computes y.')
  })

  it('with a limit is told by its name and value', async (context) => {
    const gpu = await opened(context)
    const most = Math.min(gpu.device.limits.maxBufferSize, gpu.device.limits.maxStorageBufferBindingSize)
    const tooMany = () => gpu.empty([most / 4 + 1])
    expect(tooMany).toThrow(LimitError)
    expect(tooMany).toThrow(new RegExp(`more than max\\w+, which is ${most} on this device`))
    const adaptive = await maxPool.compile({ outputSize: 2, dims: 1, target: gpu.target })
    const long = { shape: [1, 1, 50_000], data: new Float32Array(50_000) }
    expect(() => adaptive.forward({ x: long })).toThrow(
      /adaptive windows on webgpu reach up to extents of 46340, but one is 50000/,
    )
  })

  it('with the device is told to who waits, and another can be opened', async (context) => {
    const gpu = await opened(context)
    const pool = await maxPool.compile({ kernelSize: 2, target: gpu.target, results: ['y'] })
    const { y } = pool.forward({ x })
    const reading = read(y)
    gpu.device.destroy()
    await expect(reading).rejects.toThrow(WebGpuError)
    await gpu.device.lost
    expect(() => pool.forward({ x })).toThrow(DeviceLostError)
    await expect(read(y)).rejects.toThrow(/lost .*Open another/)
    const again = await opened(context)
    const kernelAgain = await maxPool.compile({ kernelSize: 2, target: again.target, results: ['y'] })
    expect(await read(kernelAgain.forward({ x }).y)).toHaveLength(54)
  })
})
