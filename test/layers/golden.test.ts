/** Golden cases of the layer: they pass on the targets that need no device, in every layout, and what is broken is told by name. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileError } from '../../dsl/errors.ts'
import { layerRunners } from '../../layers/golden.ts'
import { type CaseReport, checkCase, readGolden } from '../../runtime/golden.ts'
import { targets } from '../../runtime/targets.ts'
import { specs } from '../../specs/index.ts'

interface Raw {
  [field: string]: unknown
}
interface RawTensor {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

const { cases } = JSON.parse(readFileSync(new URL('../golden/gaussian-layer.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly (Raw & { readonly id: string; readonly attrs: Raw; readonly params: Raw; readonly buffers: Raw })[]
}
const tables = { operators: specs, layers: layerRunners }

const check = (raw: Raw, on: keyof typeof targets = 'js', options: object = {}): Promise<CaseReport> =>
  checkCase(readGolden(JSON.stringify({ version: 1, cases: [raw] })).cases[0]!, targets[on], { ...tables, ...options })

const planar = ['input', 'output', 'noise', 'gradOutput', 'gradInput']

/** The case with some of its tensors written another way. */
const changed = (raw: Raw, fields: readonly string[], change: (tensor: RawTensor) => RawTensor): Raw => ({
  ...raw,
  ...Object.fromEntries(fields.flatMap((field) => (raw[field] ? [[field, change(raw[field] as RawTensor)]] : []))),
})

const channelsLast = ({ shape, data }: RawTensor): RawTensor => {
  const [n, c, ...extents] = shape as [number, number, ...number[]]
  const points = data.length / (n * c)
  const from = (k: number) => (Math.floor(k / (points * c)) * c + (k % c)) * points + (Math.floor(k / c) % points)
  return { shape: [n, ...extents, c], data: data.map((_, k) => data[from(k)]!) }
}

const withDepth = (raw: Raw): Raw => {
  const { attrs } = raw as { readonly attrs: Record<string, readonly number[]> }
  const ahead = { kernelSize: 1, stride: 1, padding: 0, dilation: 1 }
  const deep = Object.fromEntries(Object.entries(ahead).map(([name, one]) => [name, [one, ...attrs[name]!]]))
  return {
    ...changed(raw, planar, ({ shape: [n, c, ...rest], data }) => ({ shape: [n!, c!, 1, ...rest], data })),
    dims: 3,
    attrs: { ...attrs, ...deep },
  }
}

describe.each(cases)('$id', (raw) => {
  it.each([
    ['js', {}],
    ['js', { dtype: 'float64' }],
    ['oracle', {}],
    ['interpreter', { arith: 'f32' }],
  ] as const)('passes on %s, with %j', async (target, options) => {
    expect(await check(raw, target, options)).toMatchObject({ status: 'passed' })
  })

  it('passes as a volume, and channels-last', async () => {
    expect(await check(withDepth(raw))).toMatchObject({ status: 'passed' })
    const last = { ...changed(raw, ['input', 'output', 'gradOutput', 'gradInput'], channelsLast), layout: 'channels-last' }
    expect(await check(last)).toMatchObject({ status: 'passed' })
    // Noise may be written as the output is: the shape of one value an output element tells which.
    const { stochasticity } = raw.attrs
    if (stochasticity === 'HWCN') expect(await check(changed(last, ['noise'], channelsLast))).toMatchObject({ status: 'passed' })
  })
})

describe('a case of the layer', () => {
  const raw = cases[0]!
  const evaluated = cases.find(({ attrs }) => attrs.training === false)!
  const without = (record: Raw, ...names: string[]) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))

  it('fails with one number changed', async () => {
    for (const field of ['output', 'gradInput']) {
      const off = ({ shape, data }: RawTensor) => ({ shape, data: data.map((x, k) => (k === 3 ? x + 0.01 : x)) })
      expect(await check(changed(raw, [field], off))).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining(`${field}[3]`),
      })
    }
  })

  it('tells its hidden features by its weights, and is of the defaults where it says nothing', async () => {
    const plain = without(raw.attrs, 'hiddenFeatures', 'eps', 'batchNormEps', 'training', 'stochasticity', 'dilation')
    expect(await check({ ...raw, attrs: plain })).toMatchObject({ status: 'passed' })
    // Of what is not computed with, nothing is wanted.
    expect(await check({ ...raw, buffers: {} })).toMatchObject({ status: 'passed' })
    const { params } = evaluated
    const used = without(params, ...Object.keys(params).filter((name) => name.startsWith('sigma.')))
    expect(await check({ ...evaluated, params: used })).toMatchObject({ status: 'passed' })
  })

  it('is held to its own constants', async () => {
    for (const name of ['eps', 'batchNormEps'])
      expect(await check({ ...raw, attrs: { ...raw.attrs, [name]: 0.5 } })).toMatchObject({ status: 'failed' })
  })

  it('is skipped where it cannot be run: in 16 bits, and without noise', async () => {
    expect(await check(raw, 'interpreter', { dtype: 'float16' })).toMatchObject({ status: 'skipped', reason: /no bounds/ })
    expect(await check({ ...raw, noise: null })).toMatchObject({ status: 'skipped', reason: /no noise to hand in/ })
  })

  it.each<[what: string, change: Raw, message: string]>([
    ['training that is a number', { attrs: { ...raw.attrs, training: 1 } }, 'attrs.training: must be true or false, but is 1'],
    ['an unknown stochasticity', { attrs: { ...raw.attrs, stochasticity: 'NC' } }, 'attrs.stochasticity: must be "HWCN", "CN"'],
    ['an eps that is a text', { attrs: { ...raw.attrs, eps: 'small' } }, 'attrs.eps: must be a number, but is "small"'],
    ['half a hidden feature', { attrs: { ...raw.attrs, hiddenFeatures: 0.5 } }, 'hiddenFeatures must be an integer'],
    [
      'other hidden features',
      { attrs: { ...raw.attrs, hiddenFeatures: 4 } },
      'params.hidden.weight: has the shape [3, 6], but must have [4, 6]',
    ],
    ['a missing parameter', { params: without(raw.params, 'mean.bn.bias'), gradParams: {} }, 'params.mean.bn.bias: is absent'],
    [
      'a parameter too many',
      { params: { ...raw.params, 'head.bias': raw.params['mean.bias'] } },
      'params.head.bias: is nothing that the layer has',
    ],
    ['two noises', { noise: { a: raw.noise, b: raw.noise } }, 'noise: must be one tensor'],
    ['noise of another shape', { noise: { shape: [1, 1], data: [0] } }, "the random value 'noise'"],
  ])('names %s', async (_, change, message) => {
    expect(await check({ ...raw, ...change })).toMatchObject({ status: 'failed', reason: expect.stringContaining(message) })
  })

  it('names a buffer that is missing where it is read, and noise where none is drawn', async () => {
    const buffers = without(evaluated.buffers, 'mean.bn.runningVar')
    expect((await check({ ...evaluated, buffers })).reason).toContain('buffers.mean.bn.runningVar: is absent')
    expect((await check({ ...evaluated, noise: raw.noise })).reason).toContain('nothing is drawn')
    expect(() => readGolden(JSON.stringify({ version: 1, cases: [{ ...raw, buffers: [] }] }))).toThrow(
      `case '${raw.id}', buffers: must be an object`,
    )
  })

  it('may be anything: it is refused, fails, or is skipped, and nothing is thrown besides', async () => {
    const field = fc.constantFrom(...Object.keys(raw).filter((name) => name !== 'op'))
    await fc.assert(
      fc.asyncProperty(field, fc.jsonValue(), async (name, value) => {
        const text = JSON.stringify({ version: 1, cases: [{ ...raw, [name]: value }] })
        try {
          const report = await checkCase(readGolden(text).cases[0]!, targets.js, tables)
          expect(['passed', 'failed', 'skipped']).toContain(report.status)
        } catch (error) {
          expect(error).toBeInstanceOf(FileError)
        }
      }),
      { numRuns: 200 },
    )
  })
})
