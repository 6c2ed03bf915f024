/**
 * Addresses of 32 bits up to 2^31 - 1 elements, and of 64 beyond: which text is chosen, and what its launches are handed, without
 * a tensor of that size; and that both texts compute the same where both can run.
 */
import { describe, expect, it } from 'vitest'
import { emitCuda, type Variant } from '../../../codegen/cuda/emit.ts'
import type { Sizes } from '../../../codegen/gpu/launch.ts'
import { type Program, programsOf } from '../../../codegen/program.ts'
import { operatorFromFormula } from '../../../dsl/free-formula.ts'
import { type Geometry, normaliseGeometry, outputSize } from '../../../dsl/geometry.ts'
import { settle } from '../../../dsl/settle.ts'
import type { CudaDevice, DeviceLaunch } from '../../../runtime/cuda/device.ts'
import { launchAll } from '../../../runtime/cuda/target/launches.ts'
import { type Compiling, DirectionSource, isWide, type Loaded } from '../../../runtime/cuda/target/source.ts'
import { cudaScheduleFor } from '../../../runtime/cuda/target/target.ts'
import { nvrtcs } from '../nvrtc.ts'
import { emulated } from './emulated.ts'

const most = 2 ** 31 - 1

interface Launched extends Pick<DeviceLaunch, 'grid' | 'block' | 'args'> {
  readonly kernel: string
}

/** A device that notes launches, and has no memory. */
const noting = () => {
  const launched: Launched[] = []
  const compiledNow: string[] = []
  const nothing = { ptx: '', cubin: new Uint8Array(), log: '', ptxasLog: '' }
  const memory = (bytes: number) => ({
    pointer: 4096n,
    bytes,
    write: () => undefined,
    read: () => undefined,
    free: () => undefined,
    [Symbol.dispose]: () => undefined,
  })
  const device: CudaDevice = {
    description: 'notes',
    arch: undefined,
    multiprocessors: 1,
    sharedPerBlock: 0,
    allocate: memory,
    load: () => ({
      kernel: (name) => ({
        name,
        launch({ grid, block, args }) {
          launched.push({ kernel: name, grid, block, args })
          return undefined
        },
      }),
      [Symbol.dispose]: () => undefined,
    }),
    synchronize: () => undefined,
    [Symbol.dispose]: () => undefined,
  }
  const compiling: Compiling = {
    compile: async () => nothing,
    compileNow: (source) => {
      compiledNow.push(source)
      return nothing
    },
    options: { arch: 80 },
  }
  return { device, compiling, launched, compiledNow }
}

const sizesOf = (geometry: Geometry, samples: number, channels: number, extents: readonly number[]): Sizes => ({
  samples,
  channels,
  extents,
  outExtents: outputSize(geometry, extents),
  taps: 4,
})

const programOf = (formula: string, geometry: Geometry, direction: 'forward' | 'backward' = 'forward'): Program =>
  programsOf(settle(operatorFromFormula(formula)), geometry)[direction]

/** What sizes are no multiples of plays no part here, so every source is the plainest. */
const variant = (wide: boolean): Variant => ({ wide, vectors: false, staged: false })

const k2 = normaliseGeometry({ kernelSize: [2, 2] })
const k1 = normaliseGeometry({ kernelSize: [1] })

describe('the width of addresses', () => {
  const narrow = (program: Program) => emitCuda(program, cudaScheduleFor(program, 'float32'), 'float32', variant(false))

  it('is 32 bits up to 2^31 - 1 elements', () => {
    const program = programOf('max(x)', k1)
    const source = narrow(program)
    expect(isWide(source, sizesOf(k1, 1, 1, [most]))).toBe(false)
    expect(isWide(source, sizesOf(k1, 2, 1, [2 ** 30]))).toBe(true)
    expect(isWide(source, sizesOf(k1, 2, 2 ** 15, [2 ** 15 - 1]))).toBe(false)
    expect(isWide(source, sizesOf(k1, 2, 2 ** 15, [2 ** 15]))).toBe(true)
  })

  it('is 64 bits where only the threads are too many', () => {
    const program = programOf('sum(x)', normaliseGeometry({ global: true, dims: 2 }))
    const schedule = cudaScheduleFor(program, 'float32', { lanes: 32 })
    const source = emitCuda(program, schedule, 'float32', variant(false))
    const sizes = (planes: number): Sizes => ({ samples: 1, channels: planes, extents: [2, 2], outExtents: [1, 1], taps: 4 })
    expect(isWide(source, sizes(2 ** 26 - 8))).toBe(false)
    expect(isWide(source, sizes(2 ** 26))).toBe(true)
  })

  it('is that of the indices in the text', () => {
    const program = programOf('max(x)', k2)
    const schedule = cudaScheduleFor(program, 'float32')
    const [short, long] = [false, true].map((wide) => emitCuda(program, schedule, 'float32', variant(wide)).source)
    expect(short).not.toContain('long long')
    expect(long).toContain('long long')
  })
})

describe('launches of large tensors', () => {
  const launchedFor = async (extents: readonly number[], channels: number) => {
    const { device, compiling, launched, compiledNow } = noting()
    const program = programOf('max(x)', k2)
    const schedule = cudaScheduleFor(program, 'float32')
    const source = new DirectionSource((variant) => emitCuda(program, schedule, 'float32', variant), { compiling, device })
    await source.prepare()
    const sizes = sizesOf(k2, 1, channels, extents)
    const bind = () => ({ pointer: 0x7000_0000_0000n })
    launchAll(source.for(sizes, 256), { device, sizes, seed: 0n, bind, bytesOf: () => 4 })
    return { launched, compiledNow }
  }

  it('have sizes as 32-bit integers, and threads enough, on either side of 2^31', async () => {
    // 2^31 - 2^16 elements, and 2^31.
    for (const [channels, wide] of [
      [2 ** 15 - 1, false],
      [2 ** 15, true],
    ] as const) {
      const { launched, compiledNow } = await launchedFor([256, 256], channels)
      expect(compiledNow.map((text) => text.includes('long long'))).toEqual(wide ? [true] : [])
      const [only] = launched
      expect(launched).toHaveLength(1)
      const numbers = only!.args.flatMap((one) => (one.type === 'struct' || one.type === 'u64' ? [] : [[one.type, one.value]]))
      expect(numbers).toContainEqual(['i32', channels])
      expect(numbers.every(([type]) => type === 'i32')).toBe(true)
      const threads = only!.grid[0] * only!.block[0]
      // As many windows as there are, four to a thread at the most.
      expect(threads).toBeGreaterThanOrEqual((channels * 128 * 128) / 4)
      expect(only!.grid[0]).toBeLessThanOrEqual(most)
    }
  })
})

describe.each(nvrtcs)('on $name', (nvrtc) => {
  it.for([
    ['mean(x) + w * std(x)', { kernelSize: [3, 3], stride: 2, padding: 1 }],
    ['max(x) + w', { kernelSize: [2, 2] }],
    ['sum(x * exp(x)) / sum(exp(w * x))', { global: true, dims: 2 }],
    ['mean(x + uniform(input)) * w', { kernelSize: [3, 3], stride: 1, padding: 1, layout: 'channels-last' }],
  ] as const)('%s computes the same with addresses of 64 bits', async ([formula, options], context) => {
    const { device, nvrtc: compiler, arch } = await emulated(nvrtc, context)
    const geometry = normaliseGeometry(options)
    const sizes: Sizes = { ...sizesOf(geometry, 2, 3, [7, 8]), taps: 56 }
    for (const direction of ['forward', 'backward'] as const) {
      const program = programOf(formula, geometry, direction)
      const run = async (wide: boolean): Promise<Readonly<Record<string, Float32Array>>> => {
        const source = emitCuda(program, cudaScheduleFor(program, 'float32'), 'float32', variant(wide))
        expect(source.source.includes('long long')).toBe(wide || formula.includes('uniform'))
        const compiled = await compiler.compile(source.source, { ...arch, ptxOnly: true, lineInfo: true })
        const loaded: Loaded = { ...source, compiled, module: device.load(compiled) }
        const held = new Map<string, { memory: ReturnType<CudaDevice['allocate']>; data: Float32Array; written: boolean }>()
        const bind: Parameters<typeof launchAll>[1]['bind'] = ({ name, written }) => {
          const known = held.get(name)
          if (known) return known.memory
          // As long as the input, which nothing is longer than.
          const data = Float32Array.from({ length: 2 * 3 * 56 }, (_, k) => (written ? 0 : Math.sin(7 * k) + 0.01 * k))
          const memory = device.allocate(data.byteLength, name)
          memory.write(data)
          held.set(name, { memory, data, written })
          return { pointer: memory.pointer }
        }
        launchAll(loaded, { device, sizes, seed: 11n, bind, bytesOf: () => 4 })
        for (const { memory, data } of held.values()) memory.read(data)
        return Object.fromEntries([...held].filter(([, one]) => one.written).map(([name, { data }]) => [name, data]))
      }
      const [short, long] = [await run(false), await run(true)]
      expect(Object.keys(long).length).toBeGreaterThan(0)
      expect(long).toEqual(short)
    }
  })
})
