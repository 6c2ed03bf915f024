/** `poolwright run` with 16-bit storage: which files it reads and writes, and who says what it stores. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { encodeNpy, readNpy } from '../../cli/files/npy.ts'
import { main } from '../../cli/program.ts'
import { narrow, widen } from '../../dsl/storage.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import { call, folder } from './call.ts'

const at = folder()
const write = (name: string, tensor: Tensor): void => writeFileSync(at(name), encodeNpy(tensor))
const read = (name: string): Tensor => readNpy(readFileSync(at(name)), name)
const x = { shape: [1, 1, 4, 4], data: Float32Array.from({ length: 16 }, (_, k) => (k * 7) % 16) }
write('x.npy', x)

const succeed = async (...words: string[]): Promise<string> => {
  const { code, out, err } = await call(...words)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}

const refusal = async (path: string, ...flags: string[]): Promise<string> => {
  const { code, out, err } = await call('run', 'max', path, at('new.npy'), '--kernel', '2', ...flags)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(existsSync(at('new.npy'))).toBe(false)
  return err
}

describe('poolwright run, in 16 bits', () => {
  it.each(['oracle', 'interpreter'])('stores float16 on %s as its input does, and parameters in float32', async (target) => {
    const rough = Float32Array.from(x.data, (value) => value * 1.001)
    write('h.npy', { shape: x.shape, data: narrow(rough, 'float16') })
    write('hw.npy', { shape: [2, 2], data: narrow([1, 2, 3, 4], 'float16') })
    const words = ['run', '--formula', 'sum(w * x)', '--kernel', '2', '--target', target, '--param', `w=${at('hw.npy')}`]
    await succeed(...words, at('h.npy'), at('y.npy'), '--grad-input', at('dx.npy'), '--grad-param', `w=${at('dw.npy')}`)
    const half = widen(narrow(rough, 'float16'), 'float16')
    const sum = half[0]! + 2 * half[1]! + 3 * half[4]! + 4 * half[5]!
    expect(read('y.npy').data[0]).toBe(narrow([sum], 'float16')[0])
    expect(read('dx.npy').data.subarray(0, 2)).toEqual(narrow([1, 2], 'float16'))
    expect(read('dw.npy').data).toEqual(
      Float32Array.of(...[0, 1, 4, 5].map((k) => [0, 2, 8, 10].reduce((s, o) => s + half[k + o]!, 0))),
    )
    // A type that is asked for takes files of any other.
    await succeed(...words, at('h.npy'), at('y.npy'), '--dtype', 'float32')
    expect(read('y.npy').data).toBeInstanceOf(Float32Array)
    expect(read('y.npy').data[0]).toBe(Math.fround(sum))
    await succeed(...words, at('x.npy'), at('y.npy'), '--dtype', 'float16')
    expect(read('y.npy').data).toBeInstanceOf(Uint16Array)
  })

  it('rounds to bfloat16, and writes float32, since .npy has no bfloat16', async () => {
    const rough = Float32Array.from(x.data, (value) => value * 1.01)
    write('r.npy', { shape: x.shape, data: rough })
    const flags = ['--kernel', '2', '--dtype', 'bfloat16', '--target', 'oracle']
    await succeed('run', 'max', at('r.npy'), at('y.npy'), ...flags, '--indices', at('i.npy'), '--grad-input', at('dx.npy'))
    expect(read('y.npy').data).toEqual(
      widen(
        narrow(
          [12, 14, 15, 13].map((v) => Math.fround(v * 1.01)),
          'bfloat16',
        ),
        'bfloat16',
      ),
    )
    expect(read('i.npy').data).toBeInstanceOf(Int32Array)
    expect([...read('dx.npy').data].filter((g) => g === 1)).toHaveLength(4)
    // The bits of a float16 file are not taken for those of bfloat16.
    write('h.npy', { shape: x.shape, data: narrow(rough, 'float16') })
    await succeed('run', 'max', at('h.npy'), at('z.npy'), ...flags)
    expect(read('z.npy').data[0]).toBe(widen(narrow(widen(narrow([rough[4]!], 'float16'), 'float16'), 'bfloat16'), 'bfloat16')[0])
    const report = JSON.parse(await succeed('run', 'max', at('r.npy'), at('y.npy'), ...flags, '--json'))
    expect(report).toMatchObject({ dtype: 'bfloat16', files: [{ path: at('y.npy'), note: 'bfloat16 written as float32' }] })
    const said: string[] = []
    const io = { out: () => undefined, err: (text: string) => void said.push(text), watched: true }
    expect(await main(['run', 'max', at('r.npy'), at('y.npy'), ...flags, '--indices', at('i.npy')], io, '0')).toBe(0)
    expect(said).toContain(`${at('y.npy')}: [1, 1, 2, 2], bfloat16 written as float32\n`)
    expect(said).toContain(`${at('i.npy')}: [1, 1, 2, 2]\n`)
  })

  it.each(['float16', 'bfloat16'])('pools a photograph in %s into a picture', async (dtype) => {
    const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, (_, k) => (k * 37) % 256)
    await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
      .png()
      .toFile(at('photo.png'))
    const flags = ['--kernel', '2', '--target', 'oracle']
    await succeed('run', 'max', at('photo.png'), at('out.png'), ...flags)
    const wide = await sharp(at('out.png')).raw().toBuffer()
    await succeed('run', 'max', at('photo.png'), at('out.png'), ...flags, '--dtype', dtype)
    const made = await sharp(at('out.png')).raw().toBuffer()
    // Rounding moves a byte by a half of 256 / 2^11 or 2^8 of itself, and then it is rounded again.
    expect(made.every((byte, k) => Math.abs(byte - wide[k]!) <= 1)).toBe(true)
  })

  it('takes a cotangent of any type', async () => {
    write('g.npy', { shape: [1, 1, 2, 2], data: Float64Array.of(1.001, 0, 0, -1) })
    const flags = ['--kernel', '2', '--dtype', 'float16', '--target', 'interpreter', '--grad-output', at('g.npy')]
    await succeed('run', 'sum', at('x.npy'), at('y.npy'), ...flags, '--grad-input', at('dx.npy'))
    expect(read('dx.npy').data.subarray(0, 4)).toEqual(narrow([1.001, 1.001, 0, 0], 'float16'))
  })

  it('refuses types that the target has not, given or read from the input', async () => {
    const told = 'js target stores float32 or float64, not float16: take one of these (--dtype float32), or the target cuda'
    expect(await refusal(at('x.npy'), '--dtype', 'float16')).toContain(told)
    write('halves.npy', { shape: x.shape, data: narrow(x.data, 'float16') })
    expect(await refusal(at('halves.npy'))).toContain(told)
  })
})
