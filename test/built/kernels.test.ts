/** Built kernels do what compiled ones do: they are called as a user's program calls them, and held against the oracle. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { settle } from '../../dsl/settle.ts'
import type { Tensor } from '../../index.ts'
import type { BuiltKernel, ForwardKernel } from '../../runtime/launch/built.ts'
import { oracleTarget } from '../../runtime/oracle-target.ts'
import { specs } from '../../specs/index.ts'
import { folderWith, poolwright } from './published.ts'

type Tensors = Record<string, Tensor>
type AnyKernel = BuiltKernel<Record<string, unknown>, Tensors, Record<string, unknown>, Tensors>
type AnyForward = ForwardKernel<Record<string, unknown>, Tensors>

/** Builds a spec, and imports what it was built into. */
const built = async <K = AnyKernel>(spec: string): Promise<Record<string, { js(): Promise<K> }>> => {
  const folder = folderWith({ 'spec.pool.ts': spec })
  const { code, err } = poolwright(folder, 'build', 'spec.pool.ts')
  expect([code, err]).toEqual([0, ''])
  return import(pathToFileURL(join(folder, 'kernels/spec.js')).href)
}

/** Numbers that no two windows share, of both signs. */
const numbers = (shape: readonly number[], phase = 1): Tensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => Math.sin(7 * k + phase)),
})

/** The largest difference, as a part of what rounding to float32 may come to. */
const apart = (a: Tensor, b: Tensor): number => {
  expect(a.shape).toEqual(b.shape)
  return Math.max(...Array.from(a.data, (value, k) => Math.abs(value - b.data[k]!) / (1e-5 * (1 + Math.abs(b.data[k]!)))))
}

const nameOf = (name: string): string => `built_${name.replaceAll('-', '_')}`

const spec = `
import { defineKernel } from 'poolwright'
import { specs } from 'poolwright/specs'

${[...specs]
  .map(
    ([name]) =>
      `export const ${nameOf(name)} = defineKernel(specs.get('${name}')!, { kernelSize: 3, stride: 2, padding: 1, targets: ['js'] })`,
  )
  .join('\n')}
`

describe('kernels in JavaScript', () => {
  it('of every operator of the house do what the oracle says, forward and backward', async () => {
    const module = await built(spec)
    for (const [name, operator] of specs) {
      const checked = settle(operator)
      const kernel = await module[nameOf(name)]!.js()
      const shapes = { scalar: [], channel: [1, 3, 1, 1], 'sample-channel': [2, 3, 1, 1], kernel: [3, 3] } as const
      const inputs: Record<string, Tensor> = {}
      for (const decl of checked.tensors) {
        const shape = 'shape' in decl ? shapes[decl.shape as keyof typeof shapes] : [2, 3, 5, 7]
        expect(shape, `${name} takes ${decl.name}`).toBeDefined()
        inputs[decl.name] = numbers(shape!, inputs.x ? 2 : 1)
        // Powers and logarithms want what is above 0.
        if (name === 'lip' || name === 'gem')
          inputs[decl.name]!.data.set(inputs[decl.name]!.data.map((value) => 1.5 + Math.abs(value)))
      }
      const reference = await oracleTarget.compile(checked, kernel.geometry, { dtype: 'float32' })
      const seeded = checked.seeded ? { seed: 7n } : {}
      const results = kernel.forward({ ...inputs, ...seeded })
      const expected = reference.forward(inputs, seeded)
      expect(Object.keys(results)).toEqual(Object.keys(expected))
      for (const [result, tensor] of Object.entries(results))
        expect(apart(tensor, expected[result]!), `${name} ${result}`).toBeLessThan(1)
      const first = [...checked.results].find(([, { type }]) => type === 'float')![0]
      const cotangent = numbers(results[first]!.shape, 3)
      const gradients = kernel.backward({ ...inputs, ...seeded, cotangent })
      const wanted = reference.backward(inputs, { [first]: cotangent }, seeded)
      expect(Object.keys(gradients).sort()).toEqual(Object.keys(wanted).sort())
      for (const [of, tensor] of Object.entries(gradients)) expect(apart(tensor, wanted[of]!), `${name} d${of}`).toBeLessThan(10)
    }
  })

  it('say what they are of, and refuse what does not fit as compiled ones do', async () => {
    const { halve } = await built(`
      import { attr, defineKernel, input, param, pool } from 'poolwright'
      const gaussian = pool('gaussian', { x: input(), weight: param('channel'), eps: attr(1e-6) }, 'mean(x) + weight * sqrt(max(var(x), eps))')
      export const halve = defineKernel(gaussian, { kernelSize: 2, attrs: { eps: 1e-3 }, targets: ['js'] })`)
    const kernel = await halve!.js()
    expect(kernel.operator).toMatchObject({ name: 'gaussian', attrs: { eps: 1e-3 }, seeded: false })
    expect(kernel.geometry).toMatchObject({ kind: 'sliding', dims: 2 })
    const x = numbers([1, 2, 4, 4])
    expect(() => kernel.forward({ x })).toThrow("gaussian needs 'weight'")
    expect(() => kernel.forward({ x, weigth: x })).toThrow("did you mean 'weight'?")
    expect(() => kernel.forward({ x, weight: numbers([1, 3, 1, 1]) })).toThrow('[1, 2, 1, 1]')
    expect(() => kernel.forward({ x, weight: numbers([1, 2, 1, 1]), seed: 1n })).toThrow('makes no random value')
  })

  it('have no gradient where none was asked for', async () => {
    const { top } = await built<AnyForward>(`
      import { defineKernel } from 'poolwright'
      import { maxPool } from 'poolwright/specs'
      export const top = defineKernel(maxPool, { kernelSize: 2, results: ['y'], targets: ['js'], backward: false })`)
    const kernel = await top!.js()
    expect(Object.keys(kernel.forward({ x: numbers([1, 1, 4, 4]) }))).toEqual(['y'])
    expect('backward' in kernel).toBe(false)
  })

  it('keep what a schedule saves, and the sizes that it fixes', async () => {
    const { kept, fixed } = await built(`
      import { defineKernel } from 'poolwright'
      import { maxPool } from 'poolwright/specs'
      export const kept = defineKernel(maxPool, { kernelSize: 2, targets: ['js'], schedule: { saved: ['argmax'] } })
      export const fixed = defineKernel(maxPool, { kernelSize: 2, targets: ['js'], schedule: { extents: [4, 4] } })`)
    const kernel = await kept!.js()
    const x = numbers([1, 1, 4, 4])
    const record = {}
    const { y } = kernel.forward({ x }, { kept: record })
    const gradient = kernel.backward({ x, cotangent: y }, { kept: record })
    expect(gradient.x!.data.filter((value) => value !== 0)).toHaveLength(4)
    expect(() => kernel.backward({ x, cotangent: y })).toThrow('hand to backward, as kept')
    const small = await fixed!.js()
    expect(small.forward({ x }).y!.shape).toEqual([1, 1, 2, 2])
    expect(() => small.forward({ x: numbers([1, 1, 6, 6]) })).toThrow('made for spatial sizes [4, 4]')
  })

  it('may be named as they like, beside one another', async () => {
    const module = await built(`
      import { defineKernel, input, pool } from 'poolwright'
      const made = (formula: string) => defineKernel(pool('a*/b', { x: input() }, formula), { kernelSize: 2, targets: ['js'] })
      /** Ends a comment? *\\/ No. */
      export const jsKernel = made('max(x)')
      export const jsKernelSigned = made('min(x)')
      export const a = made('max(x) * 2')
      export const A = made('mean(x)')
      export const aJsForward = made('sum(x)')`)
    const x = { shape: [1, 1, 2, 2], data: Float32Array.of(1, 2, 3, 6) }
    const pooled = async (name: string) => (await module[name]!.js()).forward({ x }).y!.data[0]
    const names = ['jsKernel', 'jsKernelSigned', 'a', 'A', 'aJsForward']
    expect(await Promise.all(names.map(pooled))).toEqual([6, 1, 12, 3, 12])
  })
})
