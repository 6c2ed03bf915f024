/** CUDA kernels that are built ahead of time: launched from data and text, they do what the oracle says. */
import { describe, expect, it } from 'vitest'
import { mapBuilt } from '../../../codegen/module/kernel.ts'
import type { ByDirection } from '../../../codegen/signed.ts'
import type { Tensor } from '../../../index.ts'
import { cudaFiles } from '../../../runtime/build/cuda-files.ts'
import { buildKernel } from '../../../runtime/build/kernels.ts'
import { cudaKernel } from '../../../runtime/cuda/entry-launch.ts'
import { runSanitized, type SanitizeRequest } from '../../../runtime/cuda/sanitize.ts'
import { defineKernel, definitionOf } from '../../../runtime/define.ts'
import { oracleTarget } from '../../../runtime/oracle-target.ts'
import { settled } from '../../../runtime/pool.ts'
import { gaussianPool, maxPool } from '../../../specs/index.ts'
import { loadOrSkip, type NvrtcUnderTest, nvrtcs } from '../nvrtc.ts'
import { emulated } from './emulated.ts'

const numbers = (shape: readonly number[], phase = 1): Tensor<Float32Array> => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => Math.sin(7 * k + phase)),
})

const buildOf = (defined: unknown) => buildKernel('pooled', '', definitionOf(defined)!)

/** What a module hands to the launcher: functions of plain data and text. */
const handedOn = <T>(built: ByDirection<T>): ByDirection<() => T> =>
  mapBuilt(built, (one) => () => JSON.parse(JSON.stringify(one)) as T)

const close = (made: Tensor, expected: Tensor): void => {
  expect(made.shape).toEqual(expected.shape)
  made.data.forEach((value, k) => void expect(value).toBeCloseTo(expected.data[k]!, 4))
}

describe.each(nvrtcs)('on $name', (nvrtc) => {
  // Rows of an even width fit vectors; those of an odd one run the source without them.
  it.for([8, 7])('rows of %i are pooled, forward and backward', async (width, context) => {
    const cuda = await emulated(nvrtc, context)
    const asked = { kernelSize: 3, stride: 2, padding: 1 }
    const { signed, cuda: sources } = buildOf(defineKernel(gaussianPool, { ...asked, targets: ['cuda'] }))
    const kernel = await cudaKernel(cuda, signed, handedOn(sources!))
    const { checked, geometry } = settled(gaussianPool, asked)
    const oracle = await oracleTarget.compile(checked, geometry, { dtype: 'float32' })
    const inputs = { x: numbers([2, 3, 6, width]), weight: numbers([1, 3, 1, 1], 2) }
    const { y } = kernel.forward(inputs) as { readonly y: Tensor }
    close(y, oracle.forward(inputs).y!)
    const cotangent = numbers(y.shape, 3)
    if (!('backward' in kernel)) throw new Error('the gradient was asked for')
    const gradients = kernel.backward({ ...inputs, cotangent }) as Record<string, Tensor>
    const expected = oracle.backward(inputs, { y: cotangent })
    for (const name of ['x', 'weight']) close(gradients[name]!, expected[name]!)
  })
})

/** What stands in a `.cuda.json` that a program of another language would read. */
interface Told {
  readonly forward: readonly {
    readonly file: string
    readonly multiples: { readonly width: number; readonly outWidth: number }
    readonly kernels: readonly {
      readonly name: string
      readonly threads: number
      readonly blocks: string
      readonly sharedBytes: string
      readonly parameters: readonly { readonly name: string; readonly is?: string; readonly type: string }[]
    }[]
  }[]
}

it.for([8, 6])('the file of launches says all that another program needs, for rows of %i', async (width, context) => {
  await loadOrSkip(nvrtcs[0] as NvrtcUnderTest, context)
  const built = buildOf(defineKernel(maxPool, { kernelSize: 2, targets: ['cuda'], backward: false }))
  const files = new Map(cudaFiles(built, { version: '0', from: 'a.pool.ts' }).map(({ name, text }) => [name, text]))
  const { forward } = JSON.parse(files.get('pooled.cuda.json')!) as Told
  const sizes: Readonly<Record<string, number>> = { samples: 1, channels: 2, height: 4, width, outHeight: 2, outWidth: width / 2 }
  const { file, kernels } = forward.find(
    ({ multiples }) => width % multiples.width === 0 && sizes.outWidth! % multiples.outWidth === 0,
  )!
  const [kernel] = kernels as [Told['forward'][number]['kernels'][number]]
  const evaluated = (text: string): number =>
    new Function('ceil', 'max', ...Object.keys(sizes), `return ${text}`)(Math.ceil, Math.max, ...Object.values(sizes)) as number
  const arrays: Readonly<Record<string, Float32Array | Int32Array>> = {
    'the input x': numbers([8 * width]).data,
    'the result y': new Float32Array(2 * width),
    'the result indices': new Int32Array(2 * width),
  }
  const request: SanitizeRequest = {
    source: files.get(file)!,
    file,
    kernel: kernel.name,
    grid: [evaluated(kernel.blocks), 1, 1],
    block: [kernel.threads, 1, 1],
    sharedBytes: evaluated(kernel.sharedBytes),
    arguments: kernel.parameters.map(({ name, is, type }) =>
      is === undefined
        ? { type: type === 'int32' ? ('i32' as const) : ('u32' as const), value: sizes[name]! }
        : { data: arrays[is]!, reads: is === 'the input x' },
    ),
  }
  expect((await runSanitized(request)).findings).toEqual([])
  const { checked, geometry } = settled(maxPool, { kernelSize: 2 })
  const oracle = await oracleTarget.compile(checked, geometry, { dtype: 'float32' })
  const expected = oracle.forward({ x: numbers([1, 2, 4, width]) })
  expect([...arrays['the result y']!]).toEqual([...expected.y!.data])
  expect([...arrays['the result indices']!]).toEqual([...expected.indices!.data])
})
