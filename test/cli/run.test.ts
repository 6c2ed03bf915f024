/** `poolwright run` end to end, in process: files in, files out, and nothing written on a failure. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodeNpy, readNpy } from '../../cli/files/npy.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import { call, folder } from './call.ts'

const at = folder()
const write = (name: string, tensor: Tensor): string => {
  writeFileSync(at(name), encodeNpy(tensor))
  return at(name)
}
const read = (name: string): Tensor => readNpy(readFileSync(at(name)), name)
/** The folder's files: a failure adds none, not even a temporary one. */
const files = (): string[] => readdirSync(dirname(at('x'))).sort()

const x = { shape: [1, 1, 4, 4], data: Float32Array.from({ length: 16 }, (_, k) => (k * 7) % 16) }

beforeAll(async () => {
  write('x.npy', x)
  write('flat.npy', { shape: [1, 1, 4, 4], data: new Float32Array(16).fill(0.5) })
  const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, (_, k) => (k * 37) % 256)
  await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
    .png()
    .toFile(at('photo.png'))
})

const succeed = async (...words: string[]): Promise<string> => {
  const { code, out, err } = await call(...words)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}

const fail = async (...words: string[]): Promise<string> => {
  const before = files()
  const { code, out, err } = await call(...words)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(files()).toEqual(before)
  return err
}

describe('poolwright run', () => {
  it('pools a tensor, with indices and the gradient', async () => {
    await succeed('run', 'max', at('x.npy'), at('y.npy'), '--kernel', '2', '--indices', at('i.npy'), '--grad-input', at('dx.npy'))
    expect(read('y.npy')).toEqual({ shape: [1, 1, 2, 2], data: Float32Array.of(12, 14, 15, 13) })
    expect(read('i.npy').data).toBeInstanceOf(Int32Array)
    const index = [...read('i.npy').data]
    expect(index.map((k) => x.data[k])).toEqual([12, 14, 15, 13])
    // Without a cotangent of its own every output counts once.
    expect([...read('dx.npy').data]).toEqual(Array.from({ length: 16 }, (_, k) => (index.includes(k) ? 1 : 0)))
  })

  it.each(['js', 'oracle', 'interpreter'])('gives the same on %s, with parameters, tensors and attributes', async (target) => {
    write('w.npy', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) })
    write('g.npy', { shape: [1, 1, 2, 2], data: Float32Array.of(1, 0, 0, -1) })
    await succeed(
      ...['run', '--formula', 'sum(w * x) * a + mean(t) * b', at('x.npy'), at('y.npy'), '--kernel', '2', '--target', target],
      ...['--param', `w=${at('w.npy')}`, '--param', 'a=2', '--tensor', `t=${at('flat.npy')}`, '--attr', 'b=10'],
      ...['--grad-output', at('g.npy'), '--grad-input', at('dx.npy'), '--grad-param', `w=${at('dw.npy')}`],
      ...['--grad-param', `a=${at('da.npy')}`, '--grad-tensor', `t=${at('dt.npy')}`],
    )
    const window = [0, 7, 12, 3]
    const last = [6, 13, 2, 9]
    const weigh = (values: readonly number[]): number => values.reduce((sum, value, k) => sum + value * (k + 1), 0)
    expect(read('y.npy').data[0]).toBeCloseTo(2 * weigh(window) + 5, 4)
    expect([...read('dw.npy').data]).toEqual(window.map((value, k) => 2 * (value - last[k]!)))
    expect(read('da.npy').shape).toEqual([])
    expect(read('da.npy').data[0]).toBe(weigh(window) - weigh(last))
    expect(read('dt.npy').data.slice(0, 4)).toEqual(Float32Array.of(2.5, 2.5, 0, 0))
    expect([...read('dx.npy').data.slice(0, 6)]).toEqual([2, 4, 0, 0, 6, 8])
  })

  it('pools a photograph into a picture', async () => {
    await succeed('run', '--formula', 'mean(x) + 2 * std(x)', '--kernel', '2', '--stride', '2', at('photo.png'), at('out.png'))
    expect(await sharp(at('out.png')).metadata()).toMatchObject({ width: 4, height: 4, channels: 3 })
  })

  it('has finite gradients on an image of one colour', async () => {
    const colour = sharp({ create: { width: 6, height: 6, channels: 3, background: '#336699' } })
    await colour.png().toFile(at('colour.png'))
    await succeed(
      'run',
      '--formula',
      'mean(x) + 2 * std(x)',
      '--kernel',
      '2',
      at('colour.png'),
      at('c.npy'),
      '--grad-input',
      at('dc.npy'),
    )
    expect(read('dc.npy').data.every(Number.isFinite)).toBe(true)
    expect(read('dc.npy').shape).toEqual([1, 3, 6, 6])
  })

  it('keeps doubles, and stores what --dtype says', async () => {
    write('d.npy', { shape: [1, 1, 2], data: Float64Array.of(0.1, 0.2) })
    await succeed('run', 'avg', at('d.npy'), at('y.npy'), '--kernel', '2')
    expect(read('y.npy').data).toBeInstanceOf(Float64Array)
    await succeed('run', 'avg', at('d.npy'), at('y.npy'), '--global', '--dtype', 'float32', '--target', 'interpreter')
    expect(read('y.npy').data).toBeInstanceOf(Float32Array)
  })

  it('draws from a seed, and takes noise that is handed in', async () => {
    const words = ['run', 'isp-gaussian', at('x.npy'), at('y.npy'), '--kernel', '2', '--param', 'm=0.5', '--param', 's=1']
    await succeed(...words, '--seed', '7')
    const first = read('y.npy')
    await succeed(...words, '--seed', '7')
    expect(read('y.npy')).toEqual(first)
    await succeed(...words, '--seed', '8')
    expect(read('y.npy')).not.toEqual(first)
    expect(await fail(...words)).toContain('--seed 7')
    write('noise.npy', { shape: [1, 1, 2, 2], data: Float32Array.of(0, 1, -1, 2) })
    await succeed(...words, '--tensor', `noise=${at('noise.npy')}`)
    await succeed(...words, '--param', `noise=${at('noise.npy')}`)
    expect(await fail(...words, '--param', `noise=${at('noise.npy')}`, '--seed', '3')).toContain('leave --seed out')
  })

  it('understands every way to say where windows lie', async () => {
    const shapeOf = async (...flags: string[]): Promise<readonly number[]> => {
      await succeed('run', 'avg', at('x.npy'), at('y.npy'), ...flags)
      return read('y.npy').shape
    }
    expect(await shapeOf('--kernel', '3', '--stride', '2', '--padding', '1')).toEqual([1, 1, 2, 2])
    expect(await shapeOf('--kernel', '3,2', '--stride', '2,1', '--padding', '1,0')).toEqual([1, 1, 2, 3])
    expect(await shapeOf('--kernel', '2', '--stride', '1', '--padding', '0:1')).toEqual([1, 1, 4, 4])
    expect(await shapeOf('--kernel', '2', '--stride', '1', '--padding', '0:1,1:0')).toEqual([1, 1, 4, 4])
    expect(await shapeOf('--kernel', '2', '--dilation', '2', '--stride', '1')).toEqual([1, 1, 2, 2])
    expect(await shapeOf('--kernel', '3', '--stride', '2', '--ceil-mode', '--no-count-include-pad')).toEqual([1, 1, 2, 2])
    expect(await shapeOf('--output-size', '3')).toEqual([1, 1, 3, 3])
    expect(await shapeOf('--global')).toEqual([1, 1, 1, 1])
    expect(await shapeOf('--kernel', '1,2', '--layout', 'channels-last')).toEqual([1, 1, 2, 4])
  })

  it('reports as JSON', async () => {
    const report = JSON.parse(await succeed('run', 'max', at('x.npy'), at('y.npy'), '--kernel', '2', '--json'))
    expect(report).toMatchObject({
      operator: 'max',
      target: 'js',
      dtype: 'float32',
      input: { shape: [1, 1, 4, 4] },
      files: [{ path: at('y.npy'), shape: [1, 1, 2, 2] }],
    })
  })
})

describe('poolwright run refuses, and writes nothing', () => {
  const pool = (...flags: string[]): Promise<string> => fail('run', 'max', at('x.npy'), at('new.npy'), '--kernel', '2', ...flags)

  it('a misspelt function, with a caret', async () => {
    const err = await fail('run', '--formula', 'mean(x) + 2 * sdt(x)', '--kernel', '2', at('photo.png'), at('new.png'))
    expect(err).toContain('mean(x) + 2 * sdt(x)\n                ^^^')
    expect(err).toContain('std')
  })

  it('a misspelt operator, parameter, attribute, gradient or target', async () => {
    expect(await fail('run', 'gausian', at('x.npy'), at('new.npy'), '--kernel', '2')).toContain('Did you mean gaussian?')
    expect(await fail('run', 'gaussian', at('x.npy'), at('new.npy'), '--kernel', '2', '--param', 'wieght=1')).toContain('weight')
    expect(await fail('run', 'gaussian', at('x.npy'), at('new.npy'), '--kernel', '2')).toContain(
      "needs 'weight': add --param weight=",
    )
    expect(await fail('run', 'lp', at('x.npy'), at('new.npy'), '--kernel', '2', '--attr', 'q=2')).toContain("'q'")
    expect(await pool('--grad-param', `w=${at('new.w.npy')}`)).toContain('no such parameter')
    expect(await pool('--target', 'oracel')).toContain('did you mean oracle?')
    expect(await pool('--kernal', '2')).toContain('--kernel')
  })

  it('several mistakes at once', async () => {
    const err = await fail(
      'run',
      'max',
      at('x.npy'),
      at('new.gif'),
      '--kernel',
      'two',
      '--padding',
      '1:2:3',
      '--seed',
      '-1',
      '--dtype',
      'half',
    )
    expect(err.trim().split('\n')).toHaveLength(5)
    for (const flag of [
      '--kernel two',
      '--padding 1:2:3',
      '--seed -1',
      '--dtype half: choose one of float32, float64, float16, bfloat16',
      '.gif',
    ])
      expect(err).toContain(flag)
  })

  it('words that are missing or too many, and names given twice', async () => {
    expect(await fail('run', 'max', '--kernel', '2')).toContain('INPUT and OUTPUT are missing')
    expect(await fail('run', 'max', 'a', 'b.npy', 'c', '--kernel', '2')).toContain("'c' is one word too many")
    expect(await fail('run', 'max', at('x.npy'), at('new.npy'))).toContain('no windows are given')
    expect(await pool('--param', 'a=1', '--param', 'a=2')).toContain('given twice')
    expect(await pool('--param', 'a=1', '--attr', 'a=2')).toContain('given twice')
    expect(await pool('--attr', 'a=b')).toContain('an attribute is a number')
    expect(await pool('--param', 'a')).toContain('NAME=VALUE')
    expect(await pool('--grad-output', at('x.npy'))).toContain('no gradient is asked for')
    expect(await pool('--indices', at('new.txt'))).toContain('.npy')
    expect(await pool('--arith', 'f32')).toContain('--arith f32')
    expect(await pool('--device', 'gpu')).toContain('--device gpu')
    expect(await fail('run', 'avg', at('x.npy'), at('new.npy'), '--kernel', '2', '--indices', at('new.i.npy'))).toContain(
      'gives no indices',
    )
  })

  it('geometry that breaks a rule, in the words of the flags', async () => {
    expect(await fail('run', 'max', at('x.npy'), at('new.npy'), '--kernel', '9')).toContain('does not fit')
    expect(await pool('--global')).toContain('--kernel and global')
    expect(await fail('run', 'std', at('x.npy'), at('new.npy'), '--kernel', '2', '--divisor', '3')).toContain('--divisor')
    expect(await fail('run', 'max', at('x.npy'), at('new.npy'), '--output-size', '100000')).toContain('the most')
  })

  it('inputs that are missing, broken, of another kind, or of another shape', async () => {
    expect(await fail('run', 'max', at('none.npy'), at('new.npy'), '--kernel', '2')).toContain('there is no such file')
    expect(await fail('run', 'max', dirname(at('x')), at('new.npy'), '--kernel', '2')).toContain('is a folder')
    expect(await fail('run', 'max', '/dev/zero', at('new.npy'), '--kernel', '2')).toContain('is a device')
    writeFileSync(at('text.txt'), 'hello')
    expect(await fail('run', 'max', at('text.txt'), at('new.npy'), '--kernel', '2')).toContain('is no PNG, JPEG or .npy file')
    const bytes = readFileSync(at('x.npy'))
    writeFileSync(at('cut.npy'), bytes.subarray(0, bytes.length - 4))
    expect(await fail('run', 'max', at('cut.npy'), at('new.npy'), '--kernel', '2')).toContain('cut off')
    write('matrix.npy', { shape: [2, 2], data: new Float32Array(4) })
    expect(await fail('run', 'max', at('matrix.npy'), at('new.npy'), '--kernel', '2')).toContain('rank 2')
    expect(await pool('--grad-input', at('new.dx.npy'), '--grad-output', at('x.npy'))).toContain('cotangent')
  })

  it('outputs that cannot be', async () => {
    expect(await fail('run', 'max', at('x.npy'), at('nowhere/y.npy'), '--kernel', '2')).toContain('no such file or folder')
    expect(await pool('--indices', at('new.npy'))).toContain('two results would be written')
    write('two.npy', { shape: [2, 1, 4, 4], data: new Float32Array(32) })
    expect(await fail('run', 'max', at('two.npy'), at('new.png'), '--kernel', '2')).toContain('a PNG holds one sample')
    // The second file cannot be written, so the first is not either.
    expect(await pool('--grad-input', at('nowhere/dx.npy'))).toContain('nowhere')
    expect(existsSync(at('new.npy'))).toBe(false)
  })

  it('targets of later versions, with the exit code for what cannot be', async () => {
    const { code, err } = await call('run', 'max', at('x.npy'), at('new.npy'), '--kernel', '2', '--target', 'wasm')
    expect(code).toBe(3)
    expect(err).toContain('no target wasm yet')
  })
})
