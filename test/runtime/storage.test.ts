/** Sixteen-bit storage on the targets: which arrays a kernel takes and gives, and who refuses. */
import { describe, expect, it } from 'vitest'
import { attr, input, normal, param, tensor } from '../../dsl/declarations.ts'
import { ArgumentError, StorageError } from '../../dsl/errors.ts'
import { argmax, flatIndex, max } from '../../dsl/handles.ts'
import { type HalfType, narrow, widen } from '../../dsl/storage.ts'
import type { Tensor, TensorData } from '../../dsl/tensor.ts'
import { pool } from '../../runtime/pool.ts'

const types: readonly HalfType[] = ['float16', 'bfloat16']
const references = ['oracle', 'interpreter'] as const

const all = pool(
  'all',
  { x: input(), t: tensor(), w: param('channel'), a: param(), n: normal('position'), c: attr(1) },
  'mean(x * t) * w + a * n + c',
)
const maximum = pool('max', { x: input() }, ({ x }) => ({ y: max(x), indices: flatIndex(argmax(x)) }))

const numbers = [1, 2.5, -3, 4, 0.5, 6, 7, -8]
const plane = (data: TensorData): Tensor => ({ shape: [1, 1, 2, 4], data })

describe.each(types)('%s', (dtype) => {
  const x = plane(narrow(numbers, dtype))
  const given = {
    x,
    t: plane(narrow([...numbers].reverse(), dtype)),
    w: { shape: [1, 1, 1, 1], data: Float32Array.of(0.1) },
    a: 2,
    n: { shape: [1, 1, 1, 2], data: Float32Array.of(0.3, -0.7) },
  }
  const cotangent = { shape: [1, 1, 1, 2], data: narrow([1, 0.1], dtype) }

  it.each(references)('is taken and given by %s: bits, and float32 for parameters', async (target) => {
    const kernel = await all.compile({ kernelSize: 2, dtype, target, handIn: ['n'] })
    const { y } = kernel.forward(given)
    expect(y.data).toBeInstanceOf(Uint16Array)
    // By hand, in double, rounded once at the end.
    const mean = (at: readonly number[]): number => at.reduce((sum, k) => sum + numbers[k]! * numbers[7 - k]!, 0) / 4
    const weight = Math.fround(0.1)
    const noise = [Math.fround(0.3), Math.fround(-0.7)]
    const wanted = [mean([0, 1, 4, 5]), mean([2, 3, 6, 7])].map((m, k) => m * weight + 2 * noise[k]! + 1)
    expect(y.data).toEqual(narrow(wanted, dtype))
    const gradients = kernel.backward({ ...given, cotangent })
    expect(gradients.x.data).toBeInstanceOf(Uint16Array)
    expect(gradients.t.data).toBeInstanceOf(Uint16Array)
    expect([...widen(gradients.x.data, dtype)].slice(0, 2)).toEqual([
      ...widen(narrow([(-8 * weight) / 4, (7 * weight) / 4], dtype), dtype),
    ])
    expect(gradients.w.data).toBeInstanceOf(Float32Array)
    expect(gradients.a.data).toBeInstanceOf(Float32Array)
    expect(gradients.a.data[0]).toBeCloseTo(noise[0]! + widen(narrow([0.1], dtype), dtype)[0]! * noise[1]!, 6)
  })

  it.each(references)('leaves integers integers on %s', async (target) => {
    const { y, indices } = (await maximum.compile({ kernelSize: 2, dtype, target })).forward({ x })
    expect(y.data).toEqual(narrow([6, 7], dtype))
    expect(indices.data).toEqual(Int32Array.of(5, 6))
  })

  it.each(references)('is written by %s where the caller says', async (target) => {
    const kernel = await maximum.compile({ kernelSize: 2, dtype, target })
    const shape = [1, 1, 1, 2]
    const out = { y: { shape, data: new Uint16Array(2) }, indices: { shape, data: new Int32Array(2) } }
    const made = kernel.forward({ x }, { out })
    expect(made.y).toBe(out.y)
    expect(made.indices).toBe(out.indices)
    expect(out.y.data).toEqual(narrow([6, 7], dtype))
    expect(out.indices.data).toEqual(Int32Array.of(5, 6))
    const gradient = plane(new Uint16Array(8))
    expect(kernel.backward({ x, cotangent }, { out: { x: gradient } }).x).toBe(gradient)
    expect(() => kernel.forward({ x }, { out: { y: { shape, data: new Float32Array(2) } } })).toThrow(
      'out.y must be a Uint16Array of 2 numbers, of shape [1, 1, 1, 2]',
    )
    expect(() => kernel.forward({ x }, { out: { indices: { shape, data: new Int32Array(3) } } })).toThrow(
      'out.indices must be an Int32Array of 2 numbers',
    )
  })

  it.each(references)('is refused by %s where it is asked for and not given', async (target) => {
    const kernel = await maximum.compile({ kernelSize: 2, dtype, target })
    expect(() => kernel.forward({ x: plane(Float32Array.from(numbers)) })).toThrow(
      `the input 'x' must be a Uint16Array, since the kernel stores ${dtype}, but is a Float32Array: narrow(data, '${dtype}') makes one`,
    )
    expect(() => kernel.backward({ x, cotangent: { shape: [1, 1, 1, 2], data: Float32Array.of(1, 1) } })).toThrow(ArgumentError)
  })

  it('is refused in JavaScript when a kernel is made, with what has it', async () => {
    const made = maximum.compile({ kernelSize: 2, dtype })
    await expect(made).rejects.toThrow(StorageError)
    await expect(made).rejects.toThrow(ArgumentError)
    await expect(made).rejects.toThrow(
      `the js target stores float32 or float64, not ${dtype}: take one of these (--dtype float32), or the target cuda, which has it (--target cuda)`,
    )
  })
})

describe('wide storage', () => {
  it.each(['js', ...references] as const)('refuses bits on %s', async (target) => {
    const kernel = await maximum.compile({ kernelSize: 2, target })
    expect(() => kernel.forward({ x: plane(narrow(numbers, 'float16')) })).toThrow(
      /must be a Float32Array, .* but is a Uint16Array/,
    )
  })

  it.each(['js', ...references] as const)('is what %s hands on', async (target) => {
    const single = await maximum.compile({ kernelSize: 2, target })
    expect(single.forward({ x: plane(Float32Array.from(numbers)) }).y.data).toEqual(Float32Array.of(6, 7))
    const double = await maximum.compile({ kernelSize: 2, target, dtype: 'float64' })
    expect(double.forward({ x: plane(Float64Array.from(numbers)) }).y.data).toEqual(Float64Array.of(6, 7))
  })
})
