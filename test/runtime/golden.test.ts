/** The golden contract: whatever is broken is refused by name, whatever is wrong fails by name, and other people's files work. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileError } from '../../dsl/errors.ts'
import { type CaseReport, checkCase, readGolden } from '../../runtime/golden.ts'
import { oracleTarget } from '../../runtime/oracle-target.ts'
import { specs } from '../../specs/index.ts'

const read = (name: string): string => readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')

interface Raw {
  [field: string]: unknown
}

const small: Raw = {
  id: 'small',
  op: 'gaussian',
  dims: 1,
  layout: 'channels-first',
  dtype: 'float32',
  attrs: { kernelSize: [2], eps: 0.5 },
  input: { shape: [1, 1, 4], data: [1, 3, 2, 2] },
  params: { weight: { shape: [1, 1, 1], data: [2] } },
  output: { shape: [1, 1, 2], data: [4, 3.414213562373095] },
  gradOutput: { shape: [1, 1, 2], data: [1, 1] },
  gradInput: { shape: [1, 1, 4], data: [-0.5, 1.5, 0.5, 0.5] },
  gradParams: { weight: { shape: [1, 1, 1], data: [1.7071067811865475] } },
}

const fileOf = (...cases: unknown[]): string => JSON.stringify({ version: 1, source: 'by hand', cases })

const check = async (raw: Raw): Promise<CaseReport> =>
  checkCase(readGolden(fileOf(raw)).cases[0]!, oracleTarget, { operators: specs })

describe('readGolden', () => {
  it('reads what is there, and takes null for what is not', () => {
    const { source, cases } = readGolden(fileOf({ ...small, noise: null, indices: null }))
    expect(source).toBe('by hand')
    expect(cases[0]).toMatchObject({
      id: 'small',
      geometry: { kind: 'sliding', axes: [{ kernel: 2, stride: 2 }] },
      attrs: { eps: 0.5 },
    })
  })

  it('reads words for what JSON cannot say', () => {
    const { cases } = readGolden(fileOf({ ...small, input: { shape: [1, 1, 4], data: ['nan', 'inf', '-inf', 0] } }))
    expect([...cases[0]!.input.data]).toEqual([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0])
  })

  it.each<[what: string, change: Raw, message: RegExp]>([
    ['no id', { id: undefined }, /case 0, id: must be a text/],
    ['no operator', { op: 7 }, /case 'small', op: must be a text, but is 7/],
    ['four dimensions', { dims: 4 }, /case 'small', dims: must be 1, 2 or 3/],
    ['an unknown layout', { layout: 'NHWC' }, /case 'small', layout: .*"NHWC"/],
    ['no input', { input: undefined }, /case 'small', input: must be an object, but is absent/],
    ['a shape that is no list', { input: { shape: 4, data: [] } }, /case 'small', input.shape: must be a list of integers/],
    ['a size that is no integer', { input: { shape: [1, 1, 0.5], data: [] } }, /input.shape/],
    ['a huge shape', { input: { shape: [1e9, 1e9, 1e9], data: [] } }, /input: has the shape .* but its data are 0/],
    [
      'too few numbers',
      { output: { shape: [1, 1, 2], data: [4] } },
      /case 'small', output: has the shape \[1, 1, 2\], which is 2 numbers/,
    ],
    [
      'a word that is no number',
      { output: { shape: [1, 1, 2], data: [4, 'four'] } },
      /output.data\[1\]: must be a number, "nan"/,
    ],
    [
      'an output of another size',
      { output: { shape: [1, 1, 1], data: [4] } },
      /case 'small', output: .* but the geometry gives \[1, 1, 2\]/,
    ],
    ['a cotangent of another shape', { gradOutput: { shape: [1, 2], data: [4, 4] } }, /gradOutput: .* must have that of output/],
    [
      'a gradient of another shape',
      { gradInput: { shape: [1], data: [4] } },
      /gradInput: .* must have that of input, \[1, 1, 4\]/,
    ],
    ['a gradient without a cotangent', { gradOutput: undefined }, /gradOutput: is absent, but gradients are given/],
    [
      'a gradient of no parameter',
      { gradParams: { w: { shape: [1], data: [4] } } },
      /gradParams.w: is a gradient of something that params does not have/,
    ],
    [
      'a parameter gradient of another shape',
      { gradParams: { weight: { shape: [1], data: [4] } } },
      /gradParams.weight: .* params.weight has \[1, 1, 1\]/,
    ],
    ['a kernel that is a text', { attrs: { kernelSize: 'two' } }, /case 'small', attrs.kernelSize: must be a number or a list/],
    [
      'a broken rule of geometry',
      { attrs: { kernelSize: [2], padding: [2] } },
      /case 'small', attrs: padding 2 of the width is more than half/,
    ],
    ['padding in threes', { attrs: { kernelSize: [2], padding: [[1, 1, 1]] } }, /attrs.padding: must be/],
    ['ceil mode that is a number', { attrs: { kernelSize: [2], ceilMode: 1 } }, /attrs.ceilMode: must be true or false/],
    ['an input too small', { attrs: { kernelSize: [9] } }, /case 'small', input: a window of 9/],
    ['parameters in a list', { params: [] }, /case 'small', params: must be an object/],
  ])('refuses %s', (_, change, message) => {
    const text = fileOf({ ...small, ...change })
    expect(() => readGolden(text)).toThrow(FileError)
    expect(() => readGolden(text)).toThrow(message)
  })

  it.each([
    ['{', /a golden file is JSON, but this is not/],
    ['[]', /must be an object/],
    ['{"version":2,"cases":[]}', /version: must be 1, but is 2/],
    ['{"version":1,"cases":{}}', /cases: must be a list/],
    ['{"version":1,"cases":[3]}', /case 0: must be an object, but is 3/],
  ])('refuses the file %s', (text, message) => {
    expect(() => readGolden(text)).toThrow(FileError)
    expect(() => readGolden(text)).toThrow(message)
  })

  it('refuses a file that is cut off or changed anywhere with a FileError, or reads it', () => {
    const whole = fileOf(small)
    const readable = (text: string): void => {
      try {
        readGolden(text)
      } catch (error) {
        expect(error).toBeInstanceOf(FileError)
      }
    }
    for (let end = 0; end < whole.length; end += 3) readable(whole.slice(0, end))
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.constantFrom('9', '-', '[', ']', '{}', 'null', '"', ',', '0'),
        (at, piece) => readable(whole.slice(0, at) + piece + whole.slice(at + 1)),
      ),
      { numRuns: 500 },
    )
    const field = fc.constantFrom(...Object.keys(small))
    fc.assert(
      fc.property(field, fc.jsonValue(), (name, value) => readable(fileOf({ ...small, [name]: value }))),
      { numRuns: 500 },
    )
  })
})

describe('checkCase', () => {
  it('passes what is right, with the error over its bound', async () => {
    const report = await check(small)
    expect(report).toMatchObject({ id: 'small', status: 'passed' })
    expect(report.maxError).toBeLessThan(0.05)
  })

  it.each<[string, Raw, RegExp]>([
    ['output', { output: { shape: [1, 1, 2], data: [4, 3.5] } }, /output\[1\] is 3.41.*, not 3.5 \(.* times the bound\)/],
    ['gradInput', { gradInput: { shape: [1, 1, 4], data: [-0.5, 1.5, 0.5, 'nan'] } }, /gradInput\[3\] is 0.5, not NaN/],
    ['gradParams', { gradParams: { weight: { shape: [1, 1, 1], data: [2] } } }, /gradParams.weight\[0\]/],
    ['an infinity', { output: { shape: [1, 1, 2], data: [4, 'inf'] } }, /output\[1\] is 3.41.*, not Infinity/],
  ])('fails on %s with one number changed', async (_, change, message) => {
    const report = await check({ ...small, ...change })
    expect(report.status).toBe('failed')
    expect(report.reason).toMatch(message)
    expect(report.maxError).toBeGreaterThan(1)
  })

  it('fails on a wrong index', async () => {
    const { cases } = JSON.parse(read('max')) as { cases: { id: string; indices: { data: number[] } }[] }
    const raw = cases[0]!
    raw.indices.data[3]!++
    const report = await check(raw as unknown as Raw)
    expect(report).toMatchObject({ id: raw.id, status: 'failed', maxError: Number.POSITIVE_INFINITY })
    expect(report.reason).toMatch(/indices\[3\]/)
  })

  it('skips what it does not have', async () => {
    expect(await check({ ...small, op: 'unheard-of' })).toMatchObject({
      status: 'skipped',
      reason: "there is no operator 'unheard-of'",
    })
    expect(await check({ ...small, dtype: 'int8' })).toMatchObject({ status: 'skipped', reason: /not int8/ })
    expect(await check({ ...small, op: 'isp-gaussian', params: {}, gradParams: {} })).toMatchObject({
      status: 'skipped',
      reason: /no noise/,
    })
  })

  it('makes what goes wrong in a case its failure', async () => {
    expect(await check({ ...small, params: {}, gradParams: {} })).toMatchObject({ status: 'failed', reason: /needs 'weight'/ })
    expect(await check({ ...small, attrs: { kernelSize: [2], divisorOverride: 3 } })).toMatchObject({
      status: 'failed',
      reason: /no meaning with divisorOverride 3/,
    })
    expect(await check({ ...small, op: 'formula', attrs: { kernelSize: [2], formula: 'mean(' } })).toMatchObject({
      status: 'failed',
    })
    expect(await check({ ...small, op: 'formula', attrs: { kernelSize: [2] } })).toMatchObject({
      status: 'failed',
      reason: /attrs.formula: must be a text/,
    })
    expect(await check({ ...small, attrs: { kernelSize: [2], weightShape: 'chanel' } })).toMatchObject({
      status: 'failed',
      reason: /shape of 'weight'/,
    })
  })

  it('takes noise by the name of the one random value, and shapes from tensors', async () => {
    const weight = Math.log1p(Math.exp(0.5 + 2 * 0.25))
    const report = await check({
      id: 'noisy',
      op: 'isp-gaussian-cn',
      attrs: { kernelSize: [2] },
      input: { shape: [1, 1, 2], data: [1, 3] },
      params: { m: { shape: [1], data: [0.5] }, s: { shape: [], data: [2] } },
      noise: { shape: [1, 1, 1], data: [0.25] },
      output: { shape: [1, 1, 1], data: [2 + weight] },
    })
    expect(report).toMatchObject({ status: 'passed' })
  })

  it('takes attributes into formulas, per-side padding, global windows and the extent for null', async () => {
    const input = { shape: [1, 1, 4], data: [1, 2, 3, 4] }
    const output = (...data: number[]): Raw => ({ shape: [1, 1, data.length], data })
    const run = (attrs: Raw, out: Raw): Promise<CaseReport> => check({ id: 'free', op: 'formula', attrs, input, output: out })
    expect(
      await run({ formula: 'mean(x) + c', c: 0.5, q: 3, kernelSize: 2, padding: [[0, 1]], stride: 1 }, output(2, 3, 4, 2.5)),
    ).toMatchObject({ status: 'passed' })
    expect(await run({ formula: 'mean(x)', global: true }, output(2.5))).toMatchObject({ status: 'passed' })
    expect(await run({ formula: 'mean(x)', outputSize: [null] }, output(1, 2, 3, 4))).toMatchObject({ status: 'passed' })
  })
})
