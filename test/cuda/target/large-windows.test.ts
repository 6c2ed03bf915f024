/**
 * Windows of any size: their kernels compile, since loops take the place of text where there would be too much of it. NVRTC
 * recurses over nested expressions, and one of some thousands ends the process: the text nests no deeper than windows that are
 * written out have taps.
 */
import { describe, expect, it } from 'vitest'
import { unrollBudget } from '../../../codegen/gpu/cost.ts'
import { refuseOperator } from '../../../dsl/fit.ts'
import { type GeometryOptions, normaliseGeometry } from '../../../dsl/geometry.ts'
import { settle } from '../../../dsl/settle.ts'
import { elements } from '../../../dsl/tensor.ts'
import { cudaSources } from '../../../runtime/cuda/target/sources.ts'
import { oracleTarget } from '../../../runtime/oracle-target.ts'
import { specs } from '../../../specs/index.ts'
import { loadOrSkip, nvrtcs } from '../nvrtc.ts'
import { emulated } from './emulated.ts'

const geometries: Readonly<Record<string, GeometryOptions>> = {
  'k2 s2': { kernelSize: [2, 2] },
  'k5 s1 p2': { kernelSize: [5, 5], stride: 1, padding: 2 },
  'k8 s8 in three dimensions': { kernelSize: [8, 8, 8] },
  'k11 s1': { kernelSize: [11, 11], stride: 1 },
  'k100 s1 in one dimension': { kernelSize: [100], stride: 1 },
  'k1000 s3 in one dimension': { kernelSize: [1000], stride: 3 },
  'k60 s7': { kernelSize: [60, 60], stride: 7 },
  'k60 s60, channels-last': { kernelSize: [60, 60], layout: 'channels-last' },
  adaptive: { outputSize: [3, 5] },
  global: { global: true, dims: 2 },
}

/** How deep parentheses stand in each other. */
const depthOf = (source: string): number => {
  let [depth, most] = [0, 0]
  for (const sign of source) {
    if (sign === '(') most = Math.max(most, ++depth)
    if (sign === ')') depth--
  }
  return most
}

const sourcesOf = (options: GeometryOptions) => {
  const geometry = normaliseGeometry(options)
  return [...specs].flatMap(([name, operator]) => {
    const checked = settle(operator)
    if (refuseOperator(checked, geometry) !== undefined) return []
    const { forward, backward } = cudaSources(checked, geometry, { dtype: 'float32' })
    return [
      { what: `${name} forward`, text: forward.source },
      { what: `${name} backward`, text: backward.source },
    ]
  })
}

describe.each(Object.entries(geometries))('windows of %s', (_, options) => {
  it('have sources of bounded length and depth', () => {
    for (const { what, text } of sourcesOf(options)) {
      expect(depthOf(text), what).toBeLessThanOrEqual(unrollBudget)
      expect(text.split('\n').length, what).toBeLessThan(4000)
    }
  })

  it('compile', { timeout: 240_000 }, async (context) => {
    const nvrtc = await loadOrSkip(nvrtcs[0]!, context)
    const compile = async ({ text }: { readonly text: string }) => (await nvrtc.compile(text, { arch: 80, ptxOnly: true })).ptx
    const some = sourcesOf(options).filter(({ what }) => /^(max|gaussian|softpool|gated) /.test(what))
    for (const ptx of await Promise.all(some.map(compile))) expect(ptx).toContain('.entry')
  })
})

it.for([
  ['gaussian', 'k60 s7', [1, 2, 67, 61]],
  ['max', 'k100 s1 in one dimension', [1, 2, 109]],
] as const)('%s in windows of %s is what the oracle says', async ([name, label, shape], context) => {
  const { target } = await emulated(nvrtcs[0]!, context)
  const checked = settle(specs.get(name)!)
  const geometry = normaliseGeometry(geometries[label]!)
  const x = { shape, data: Float32Array.from({ length: elements(shape) }, (_, k) => Math.sin(k * k)) }
  const weight = { shape: [1, 2, 1, 1], data: Float32Array.of(0.5, 2) }
  const inputs = name === 'gaussian' ? { x, weight } : { x }
  const [got, want] = await Promise.all(
    [target, oracleTarget].map(async (one) => {
      const kernel = await one.compile(checked, geometry, { dtype: 'float32', results: ['y'] })
      const y = kernel.forward(inputs).y!
      const cotangent = { shape: y.shape, data: new Float32Array(y.data.length).fill(1) }
      return [y.data, kernel.backward(inputs, { y: cotangent }).x!.data] as const
    }),
  )
  got!.forEach((data, k) => {
    data.forEach((value, i) => {
      expect(Math.abs(value - want![k]![i]!)).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(want![k]![i]!)))
    })
  })
})
