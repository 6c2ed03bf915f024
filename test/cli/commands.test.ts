/** `poolwright show`, `check` and `doctor`, and the command line as a whole. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { main } from '../../cli/program.ts'
import { call, folder } from './call.ts'

const at = folder()
const golden = (name: string): string => fileURLToPath(new URL(`../golden/${name}.json`, import.meta.url))

describe('poolwright', () => {
  it('teaches by its help', async () => {
    const { code, out } = await call('--help')
    expect(code).toBe(0)
    for (const word of ['run', 'show', 'check', 'doctor', 'Exit codes']) expect(out).toContain(word)
    const help = await call('run', '--help')
    expect(help.code).toBe(0)
    expect(help.out).toContain('--formula')
    expect(help.out).toContain('Examples:')
    expect((await call('help', 'show')).out).toContain('--stages')
  })

  it('prints its version', async () => {
    expect(await call('--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' })
  })

  it('suggests what a misspelt command or flag meant', async () => {
    expect(await call('rn')).toMatchObject({ code: 2, out: '' })
    expect((await call('rn')).err).toContain('Did you mean run?')
    expect((await call('show', 'max', '--kernl', '2')).err).toContain('Did you mean --kernel?')
    expect((await call()).code).toBe(2)
  })

  it('calls a mistake of its own what it is', async () => {
    const said: string[] = []
    const out = (): never => {
      throw new TypeError('broken pipe dream')
    }
    const io = { out, err: (text: string) => void said.push(text), watched: false }
    expect(await main(['show', 'max'], io, '0')).toBe(70)
    expect(said.join('')).toContain('a mistake in Poolwright')
    expect(said.join('')).toContain('broken pipe dream')
  })

  it('tells a person of its progress, and nobody else', async () => {
    const said: string[] = []
    const io = { out: () => undefined, err: (text: string) => void said.push(text), watched: true }
    expect(await main(['check', golden('max-special')], io, '0')).toBe(0)
    expect(said.join('')).toContain('6 cases')
  })
})

describe('poolwright show', () => {
  const show = async (...words: string[]): Promise<string> => {
    const { code, out, err } = await call('show', ...words)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.endsWith('\n')).toBe(true)
    return out
  }

  it('prints an operator', async () => {
    expect(await show('gaussian')).toContain('weight: param (channel)')
    expect(await show('--formula', 'mean(x) + w * std(x)', '--param', 'w=sample,height')).toContain('w: param (sample, height)')
  })

  it('prints source, the graph, and stages, forward and backward', async () => {
    const words = ['gaussian', '--kernel', '3', '--stride', '2', '--padding', '1']
    const texts = [[], ['--ir'], ['--stages']].map((what) => [show(...words, ...what), show(...words, ...what, '--backward')])
    const all = await Promise.all(texts.flat())
    expect(new Set(all).size).toBe(6)
    for (const text of all) expect(text.length).toBeGreaterThan(100)
  })

  it('knows the dimensions from a list, and else takes two', async () => {
    const of = async (...words: string[]) => JSON.parse(await show('avg', '--json', ...words)).geometry.dims
    expect(await of('--kernel', '2')).toBe(2)
    expect(await of('--kernel', '2,2,2')).toBe(3)
    expect(await of('--kernel', '2', '--padding', '0:1,1,0')).toBe(3)
  })

  it('takes shapes, types and a schedule', async () => {
    const gated = ['--formula', 'sum(w * x)', '--kernel', '2', '--param', 'w=kernel']
    expect(await show(...gated)).not.toBe(await show(...gated, '--schedule', '{"unroll": "none"}'))
    expect(await show('max', '--kernel', '2', '--json', '--dtype', 'float64')).toContain('"what": "source"')
    // Stages are the same for every type; source is of one, which the target has to have.
    expect(await show('max', '--kernel', '2', '--stages', '--dtype', 'bfloat16')).toBe(
      await show('max', '--kernel', '2', '--stages'),
    )
  })

  it('refuses what it cannot show', async () => {
    const refusal = async (...words: string[]): Promise<string> => {
      const { code, out, err } = await call('show', ...words)
      expect({ code, out }).toEqual({ code: 2, out: '' })
      return err
    }
    expect(await refusal()).toContain('OPERATOR is missing')
    expect(await refusal('mux')).toContain('Did you mean max?')
    expect(await refusal('nothing-like-it')).toContain('There are max')
    expect(await refusal('max', 'avg')).toContain('one word too many')
    expect(await refusal('max', '--formula', 'max(x)')).toContain('with --formula no operator is named')
    expect(await refusal('max', '--backward')).toContain('no windows are given')
    expect(await refusal('max', '--kernel', '2', '--dtype', 'float16')).toContain(
      'js target stores float32 or float64, not float16',
    )
    expect(await refusal('max', '--kernel', '2', '--dtype', 'float8')).toContain(
      '--dtype float8: choose one of float32, float64, float16, bfloat16',
    )
    expect(await refusal('max', '--kernel', '2', '--ir', '--stages')).toContain('exclude each other')
    expect(await refusal('max', '--kernel', '2', '--target', 'oracle')).toContain('makes no source text')
    expect(await refusal('max', '--kernel', '2', '--schedule', '[1]')).toContain('a JSON object')
    expect(await refusal('max', '--kernel', '2', '--schedule', '{')).toContain('a JSON object')
    expect(await refusal('max', '--kernel', '2', '--schedule', '{"tiles": 1}')).toContain('tiles')
    expect(await refusal('--formula', 'mean(x * w)', '--param', 'w=chanel')).toContain('did you mean channel?')
    expect(await refusal('--formula', 'mean(x * w)', '--param', 'w=input')).toContain('a shape is')
    expect(await refusal('--formula', 'sum(w * x)', '--param', 'w=kernel', '--global')).toContain('tap')
  })
})

describe('poolwright check', () => {
  it.each(['js', 'oracle', 'interpreter'])('passes golden files on %s', async (target) => {
    const { code, out, err } = await call('check', golden('max-special'), golden('adaptive'), '--target', target, '--json')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const report = JSON.parse(out)
    expect(report).toMatchObject({ target, passed: 14, failed: 0, skipped: 0 })
    expect(report.device.length).toBeGreaterThan(3)
    expect(report.cases).toHaveLength(14)
    for (const one of report.cases) {
      expect(one.status).toBe('passed')
      expect(one.maxError).toBeLessThanOrEqual(1)
    }
  })

  it.each(['js', 'oracle', 'interpreter'])('passes the cases of a layer on %s, among those of operators', async (target) => {
    const { code, out } = await call('check', golden('gaussian-layer'), golden('max-special'), '--target', target, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ target, passed: 15, failed: 0, skipped: 0 })
  })

  it('says so in a line for people', async () => {
    const { code, out } = await call('check', golden('max-special'))
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('js: 6 passed, 0 failed, 0 skipped, largest error') })
  })

  it.each(['float16', 'bfloat16'])('stores %s where it is told to, and says so', async (dtype) => {
    const words = ['check', golden('max-special'), golden('gaussian'), '--dtype', dtype, '--target']
    const { code, out, err } = await call(...words, 'interpreter', '--arith', 'f32', '--json')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toMatchObject({ target: 'interpreter', dtype, passed: 36, failed: 0, skipped: 0 })
    expect((await call(...words, 'oracle')).out).toMatch(new RegExp(`^oracle, ${dtype}: 36 passed, 0 failed, 0 skipped, largest`))
    expect(await call(...words, 'js')).toMatchObject({ code: 2, out: '' })
    expect((await call(...words, 'js')).err).toContain(`stores float32 or float64, not ${dtype}`)
  })

  it('exits with 1 and names the case where one number is another', async () => {
    const text = JSON.parse(readFileSync(golden('max-special'), 'utf8'))
    const wrong = text.cases[2]
    const k = wrong.gradInput.data.findIndex((value: unknown) => value === 0)
    wrong.gradInput.data[k] = 1
    writeFileSync(at('wrong.json'), JSON.stringify(text))
    const { code, out } = await call('check', at('wrong.json'), '--json')
    expect(code).toBe(1)
    const failed = JSON.parse(out).cases.filter((one: { status: string }) => one.status === 'failed')
    expect(failed).toHaveLength(1)
    expect(failed[0].id).toBe(wrong.id)
    expect(failed[0].reason).toContain(`gradInput[${k}]`)
    expect((await call('check', at('wrong.json'))).out).toContain(`failed ${wrong.id}: gradInput`)
  })

  it('exits with 1 where a case is skipped, or none is there', async () => {
    const text = JSON.parse(readFileSync(golden('max-special'), 'utf8'))
    text.cases[0].op = 'unheard-of'
    writeFileSync(at('unknown.json'), JSON.stringify(text))
    const { code, out } = await call('check', at('unknown.json'), '--json')
    expect({ code, report: JSON.parse(out) }).toMatchObject({ code: 1, report: { passed: 5, skipped: 1 } })
    writeFileSync(at('none.json'), JSON.stringify({ version: 1, cases: [] }))
    expect((await call('check', at('none.json'))).code).toBe(1)
  })

  it('refuses files that are none', async () => {
    writeFileSync(at('broken.json'), '{"version": 1, "cases": [')
    expect(await call('check', at('broken.json'))).toMatchObject({ code: 2, out: '' })
    expect((await call('check', at('broken.json'))).err).toContain('broken.json: a golden file is JSON')
    expect((await call('check', at('missing.json'))).err).toContain('no such file')
    expect((await call('check')).err).toContain('FILE is missing')
    expect((await call('check', '--dtype', 'int8')).err).toMatch(/--dtype int8: choose one of float32.*\n?.*FILE is missing/)
    expect((await call('check', golden('max'), '--target', 'wasm')).code).toBe(3)
  })
})

describe('poolwright doctor', () => {
  it('says what is here, and what the rest needs', async () => {
    const { code, out } = await call('doctor')
    expect(code).toBe(0)
    expect(out).toContain(`Node ${process.versions.node}`)
    expect(out).toMatch(/yes +js/)
    expect(out).toMatch(/(yes|no ) +cuda/)
    const report = JSON.parse((await call('doctor', '--json')).out)
    expect(report.targets.js.available).toBe(true)
    expect(report.targets.webgpu.detail).toMatch(/WebGPU|webgpu/)
    expect(report.images.available).toBe(true)
  })
})
