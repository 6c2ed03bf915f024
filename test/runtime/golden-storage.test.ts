/** Golden cases under a storage type that is not the file's: what is expected then, and what is found. */
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../dsl/errors.ts'
import { type HalfType, narrow, widen } from '../../dsl/storage.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import { type CaseReport, checkCase, type GoldenCase, readGolden } from '../../runtime/golden.ts'
import { interpreterTarget } from '../../runtime/interpreter.ts'
import { jsTarget } from '../../runtime/js.ts'
import { oracleTarget } from '../../runtime/oracle-target.ts'
import type { Target, Tensors } from '../../runtime/target.ts'
import { specs } from '../../specs/index.ts'

interface Raw {
  [field: string]: unknown
}

const caseOf = (raw: Raw): GoldenCase => readGolden(JSON.stringify({ version: 1, cases: [raw] })).cases[0]!

describe('checkCase under another storage type', () => {
  // No number of these is one of 16 bits, and the file's output is that of the numbers as they are.
  const rough: Raw = {
    id: 'rough',
    op: 'formula',
    dims: 1,
    dtype: 'float32',
    attrs: { kernelSize: [2], formula: 'mean(x) * w' },
    input: { shape: [1, 1, 4], data: [1.001, 3.003, 2.002, 2.004] },
    params: { w: { shape: [1, 1, 1], data: [0.7001] } },
    output: { shape: [1, 1, 2], data: [2.002 * 0.7001, 2.003 * 0.7001] },
    gradOutput: { shape: [1, 1, 2], data: [1.001, 0.3] },
    gradInput: { shape: [1, 1, 4], data: [0.35040005, 0.35040005, 0.105015, 0.105015] },
    gradParams: { w: { shape: [1, 1, 1], data: [2.604902] } },
  }
  const on = (target: Target, dtype: HalfType | 'float64', raw = rough): Promise<CaseReport> =>
    checkCase(caseOf(raw), target, { operators: specs, dtype })

  const check = (raw: Raw): Promise<CaseReport> => checkCase(caseOf(raw), oracleTarget, { operators: specs })

  it.each(['float16', 'bfloat16'] as const)('expects what the oracle makes of inputs rounded to %s', async (dtype) => {
    for (const target of [oracleTarget, interpreterTarget('f32')])
      expect(await on(target, dtype)).toMatchObject({ status: 'passed' })
    // The file's own numbers are no part of it.
    expect(await on(oracleTarget, dtype, { ...rough, output: { shape: [1, 1, 2], data: [7, 7] } })).toMatchObject({
      status: 'passed',
    })
    // In a file that is of this type they are what counts, and those of unrounded numbers are too far away.
    expect(await check({ ...rough, dtype })).toMatchObject({ status: 'failed' })
  })

  it('runs a file of 16 bits as it is', async () => {
    const exact = { ...rough, dtype: 'float16', input: { shape: [1, 1, 4], data: [1, 2, 3, 4] }, gradOutput: undefined }
    const plain = { ...exact, gradInput: undefined, gradParams: {} }
    const right = { shape: [1, 1, 2], data: [1.5 * 0.7001, 3.5 * 0.7001] }
    expect(await check({ ...plain, output: right })).toMatchObject({ status: 'passed' })
    const wrong = { shape: [1, 1, 2], data: [1.5 * 0.7001, 2.46] }
    expect(await check({ ...plain, output: wrong })).toMatchObject({
      status: 'failed',
      reason: /output\[1\] is 2.45.*, not 2.46/,
    })
  })

  it('takes files of 32 bits in 64, too', async () => {
    expect(await on(jsTarget, 'float64')).toMatchObject({ status: 'passed' })
    expect(await on(jsTarget, 'float64', { ...rough, dtype: 'float64' })).toMatchObject({ status: 'passed' })
  })

  it('skips a case of a type that the target has not, and throws where that was asked for', async () => {
    const golden = caseOf({ ...rough, dtype: 'bfloat16' })
    expect(await checkCase(golden, jsTarget, { operators: specs })).toMatchObject({
      status: 'skipped',
      reason: /js target stores float32 or float64, not bfloat16/,
    })
    await expect(on(jsTarget, 'float16')).rejects.toThrow(StorageError)
  })

  /** The oracle, with its results or gradients changed on the way. */
  const faulty = (change: (made: Tensors, direction: 'forward' | 'backward') => Tensors): Target => ({
    device: 'faulty',
    compile: async (...args) => {
      const kernel = await oracleTarget.compile(...args)
      return {
        ...kernel,
        forward: (...given) => change(kernel.forward(...given), 'forward'),
        backward: (...given) => change(kernel.backward(...given), 'backward'),
      }
    },
  })
  const withBits = (name: string, change: (bits: number, k: number) => number): Target =>
    faulty((made) => {
      const tensor = made[name]
      return tensor ? { ...made, [name]: { ...tensor, data: Uint16Array.from(tensor.data, change) } } : made
    })

  it.each(['float16', 'bfloat16'] as const)('finds one unit in the last place of %s', async (dtype) => {
    expect(
      await on(
        withBits('y', (bits) => bits),
        dtype,
      ),
    ).toMatchObject({ status: 'passed' })
    for (const step of [1, -1]) {
      const off = withBits('y', (bits, k) => (k === 1 ? bits + step : bits))
      expect(await on(off, dtype)).toMatchObject({
        status: 'failed',
        reason: /output\[1\] is 1.4.*, not 1.4.* \(.* times the bound\)/,
      })
      // The bound of gradients is nearly as wide as a unit there.
      const gradient = withBits('x', (bits, k) => (k === 0 ? bits + 2 * step : bits))
      expect(await on(gradient, dtype)).toMatchObject({ status: 'failed', reason: /gradInput\[0\]/ })
    }
  })

  it('holds gradients of parameters to the bound of float32', async () => {
    const near = (error: number): Target =>
      faulty((made) => {
        const { w } = made
        return w ? { ...made, w: { ...w, data: Float32Array.from(w.data, (x) => x + error) } } : made
      })
    expect(await on(near(1e-4), 'float16')).toMatchObject({ status: 'passed' })
    expect(await on(near(1e-3), 'float16')).toMatchObject({ status: 'failed', reason: /gradParams.w\[0\]/ })
  })

  it('refuses an array of another kind', async () => {
    const wide = faulty((made) => (made.y ? { y: { shape: made.y.shape, data: widen(made.y.data, 'float16') } } : made))
    expect(await on(wide, 'float16')).toMatchObject({
      status: 'failed',
      reason: 'output: is a Float32Array, but float16 is held by a Uint16Array',
    })
  })

  it('takes infinity for what is rounded to it, and for nothing else', async () => {
    const sum = (...data: number[]): Raw => ({
      id: 'sums',
      op: 'formula',
      attrs: { kernelSize: [2], formula: 'sum(x) + c', c: 0.5 },
      input: { shape: [1, 1, data.length], data },
      output: { shape: [1, 1, data.length / 2], data: data.filter((_, k) => k % 2 === 0) },
    })
    const given = (...values: number[]): Target =>
      faulty(({ y }) => ({ y: { shape: y!.shape, data: narrow(values, 'float16') } }) satisfies Record<string, Tensor>)
    const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number
    // The sums are 65519.5, which is rounded down to the greatest half, 65520.5 and 80000.5, and -79999.5.
    const raw = sum(65504, 15, 65504, 16, 40000, 40000, -40000, -40000)
    expect(await on(oracleTarget, 'float16', raw)).toMatchObject({ status: 'passed', maxError: 0 })
    const right = [65504, POSITIVE_INFINITY, POSITIVE_INFINITY, NEGATIVE_INFINITY] as const
    expect(await on(given(...right), 'float16', raw)).toMatchObject({ status: 'passed', maxError: 0 })
    // Half a unit beside the edge a kernel's own rounding decides: the bound is 0.9 there.
    expect(await on(given(POSITIVE_INFINITY, ...right.slice(1)), 'float16', raw)).toMatchObject({ status: 'passed' })
    expect(await on(given(65504, 65504, ...right.slice(2)), 'float16', raw)).toMatchObject({ status: 'passed' })
    for (const wrong of [65504, NEGATIVE_INFINITY, Number.NaN]) {
      const made = given(right[0], right[1], wrong, right[3])
      expect(await on(made, 'float16', raw)).toMatchObject({ status: 'failed', reason: /output\[2\]/ })
    }
  })
})
