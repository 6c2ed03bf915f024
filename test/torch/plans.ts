/**
 * Writes, as JSON, what sources of many operators, geometries and schedules are launched with for many sizes, as this project
 * launches them: what the Python of an exported package computes is held against it.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { Argument, Variant } from '../../codegen/cuda/emit.ts'
import type { Sizes } from '../../codegen/gpu/launch.ts'
import type { BuiltCuda } from '../../codegen/module/kernel.ts'
import { PoolwrightError } from '../../dsl/errors.ts'
import { type Geometry, outputSize } from '../../dsl/geometry.ts'
import { elements } from '../../dsl/tensor.ts'
import type { CudaDevice, DeviceLaunch } from '../../runtime/cuda/device.ts'
import type { Compiled } from '../../runtime/cuda/nvrtc/options.ts'
import { launchAll } from '../../runtime/cuda/target/launches.ts'
import { DirectionSource } from '../../runtime/cuda/target/source.ts'
import { cudaPrograms } from '../../runtime/cuda/target/target.ts'
import { cudaSourcesOf } from '../../runtime/cuda/target/variants.ts'
import { settled } from '../../runtime/pool.ts'
import { geometryKey } from '../../runtime/torch/geometry-key.ts'
import { specs } from '../../specs/index.ts'
import { cudaWishes, scheduleFor } from '../property/cuda-schedules.ts'
import { launches } from '../property/geometries.ts'

/** An argument as both languages can say it: a tensor by its key, scratch memory by when it was first needed, a number. */
type Told = string | { readonly scratch: number; readonly bytes: number } | number

interface ToldLaunch {
  readonly kernel: string
  readonly blocks: number
  readonly threads: number
  readonly sharedBytes: number
  readonly args: readonly Told[]
}

const compiled: Compiled = { ptx: '', cubin: new Uint8Array(), log: '', ptxasLog: '' }

/** A device that notes what it is asked for. */
const recorder = (sharedPerBlock: number) => {
  const notes: Told[] = []
  const launched: ToldLaunch[] = []
  const pointerTo = (told: Told): bigint => BigInt(notes.push(told) - 1)
  let scratch = 0
  const device = {
    sharedPerBlock,
    allocate: (bytes: number) => ({ pointer: pointerTo({ scratch: scratch++, bytes }), free: () => undefined }),
    load: () => ({
      kernel: (kernel: string) => ({
        launch: ({ grid, block, sharedBytes = 0, args }: DeviceLaunch) => {
          const told = args.map((one) => {
            if (one.type === 'struct') throw new Error('a kernel of ours takes no structs')
            return one.type === 'u64' ? notes[Number(one.value)]! : Number(one.value)
          })
          launched.push({ kernel, blocks: grid[0], threads: block[0], sharedBytes, args: told })
        },
      }),
    }),
  } as unknown as CudaDevice
  const bind = ({ buffer }: Argument) => ({ pointer: pointerTo(`${buffer.role} ${buffer.name}`) })
  return { device, bind, launched }
}

interface Call {
  readonly sizes: Sizes
  readonly seed: bigint
  readonly alignedTo: number
  readonly sharedPerBlock: number
}

const bytes = { storage: 2, real: 4, int: 4 } as const

const planned = (sources: readonly BuiltCuda[], { sizes, seed, alignedTo, sharedPerBlock }: Call) => {
  const { device, bind, launched } = recorder(sharedPerBlock)
  const sourceFor = (variant: Variant) => sources.find(({ variants }) => variants.some((one) => isDeepStrictEqual(one, variant)))!
  const compiling = { compile: async () => compiled, compileNow: () => compiled, options: { arch: 80 } }
  const source = new DirectionSource(sourceFor, { compiling, device }).for(sizes, alignedTo)
  launchAll(source, { device, sizes, seed, bind, bytesOf: ({ element }) => bytes[element] })
  return { chosen: sources.findIndex((one) => one.source === source.source), launches: launched }
}

/** The taps of a full window, where windows are all of one size. */
const tapsOf = (geometry: Geometry): number | undefined =>
  geometry.kind === 'sliding' ? geometry.axes.reduce((taps, { kernel }) => taps * kernel, 1) : undefined

const drawn = fc.record({
  name: fc.constantFrom(...specs.keys()),
  launch: launches,
  wish: cudaWishes,
  usual: fc.boolean(),
  many: fc.constantFrom(1, 1, 4, 1000, 10_000_000),
  seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  alignedTo: fc.constantFrom(16, 8, 4, 2, 1),
  sharedPerBlock: fc.constantFrom(64, 48 << 10, 227 << 10),
})

const cases = fc.sample(drawn, { seed: 20_261_129, numRuns: 70 }).flatMap((one) => {
  const { name, launch, wish, usual, many, seed, alignedTo, sharedPerBlock } = one
  try {
    const { checked, geometry } = settled(specs.get(name)!, launch.options)
    const { saved: _, ...schedule } = usual ? {} : scheduleFor({ operator: checked, geometry }, launch.extents, wish)
    const programs = cudaPrograms(checked, geometry, { dtype: wish.dtype, schedule })
    const sizes: Sizes = {
      samples: launch.samples * many,
      channels: launch.channels,
      extents: launch.extents,
      outExtents: outputSize(geometry, launch.extents),
      taps: tapsOf(geometry) ?? elements(launch.extents),
    }
    return (['forward', 'backward'] as const).map((direction) => {
      const sources = cudaSourcesOf(programs[direction].sourceFor)
      return {
        name,
        direction,
        geometry,
        key: geometryKey(geometry),
        sources: sources.map(({ source: __, ...told }) => told),
        call: { sizes, seed: String(seed), alignedTo, sharedPerBlock },
        expected: planned(sources, { sizes, seed, alignedTo, sharedPerBlock }),
      }
    })
  } catch (error) {
    // A random geometry that an operator does not go with is no case.
    if (error instanceof PoolwrightError) return []
    throw error
  }
})
process.stdout.write(JSON.stringify(cases))
