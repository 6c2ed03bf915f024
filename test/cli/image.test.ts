/** Images in and out: exact values, and files that are broken. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { encodePng, readImage } from '../../cli/files/image.ts'
import { FileError } from '../../dsl/errors.ts'

const raw = (data: Uint8Array | Uint16Array, width: number, height: number, channels: 1 | 2 | 3 | 4) =>
  sharp(data, { raw: { width, height, channels } })

const refusal = async (bytes: Uint8Array): Promise<string> => {
  try {
    await readImage(bytes, 'x.png')
  } catch (error) {
    expect(error).toBeInstanceOf(FileError)
    return (error as Error).message
  }
  throw new Error('was read')
}

/** A PNG whose header says another size; the checksum is right, so that only the size is a lie. */
const lying = (png: Uint8Array, width: number, height: number): Uint8Array => {
  const bytes = Uint8Array.from(png)
  const view = new DataView(bytes.buffer)
  view.setUint32(16, width)
  view.setUint32(20, height)
  let crc = -1
  for (const byte of bytes.subarray(12, 29)) {
    crc ^= byte
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  view.setInt32(29, ~crc)
  return bytes
}

describe('reading', () => {
  it('gives bytes / 255, channel by channel, alpha dropped', async () => {
    const pixels = Uint8Array.of(0, 51, 255, 0, 102, 204, 153, 128)
    const png = await raw(pixels, 2, 1, 4).png().toBuffer()
    const read = await readImage(png, 'x.png')
    expect(read).toEqual({ shape: [1, 3, 1, 2], data: Float32Array.of(0, 102 / 255, 51 / 255, 204 / 255, 1, 153 / 255) })
    const last = await readImage(png, 'x.png', 'channels-last')
    expect(last).toEqual({ shape: [1, 1, 2, 3], data: Float32Array.of(0, 51 / 255, 1, 102 / 255, 204 / 255, 153 / 255) })
  })

  it('gives one channel for grey images, with and without alpha', async () => {
    const grey = await raw(Uint8Array.of(0, 51, 255), 3, 1, 1)
      .toColourspace('b-w')
      .png()
      .toBuffer()
    expect(await readImage(grey, 'x.png')).toEqual({ shape: [1, 1, 1, 3], data: Float32Array.of(0, 0.2, 1) })
    const alpha = await raw(Uint8Array.of(51, 0, 255, 128), 2, 1, 2)
      .toColourspace('b-w')
      .png()
      .toBuffer()
    expect(await readImage(alpha, 'x.png')).toEqual({ shape: [1, 1, 1, 2], data: Float32Array.of(0.2, 1) })
  })

  it('reads 16 bits a channel, palettes, and JPEG', async () => {
    const wide = await raw(Uint16Array.of(0, 1, 65535, 256, 30000, 40000), 2, 1, 3)
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    expect([...(await readImage(wide, 'x.png')).data]).toEqual(
      [...Float32Array.of(0, 256, 1, 30000, 65535, 40000)].map((v) => Math.fround(v / 65535)),
    )
    const wideGrey = await raw(Uint16Array.of(1, 65535), 2, 1, 1).toColourspace('grey16').png().toBuffer()
    expect([...(await readImage(wideGrey, 'x.png')).data]).toEqual([Math.fround(1 / 65535), 1])
    const palette = await raw(Uint8Array.of(255, 0, 0, 0, 0, 255), 2, 1, 3)
      .png({ palette: true })
      .toBuffer()
    expect([...(await readImage(palette, 'x.png')).data]).toEqual([1, 0, 0, 0, 0, 1])
    const jpeg = await raw(new Uint8Array(8 * 8 * 3).fill(128), 8, 8, 3)
      .jpeg()
      .toBuffer()
    const read = await readImage(jpeg, 'x.jpg')
    expect(read.shape).toEqual([1, 3, 8, 8])
    expect(read.data[0]).toBeCloseTo(128 / 255, 5)
  })

  it('does not apply a colour profile', async () => {
    const png = await raw(Uint8Array.of(200, 100, 50), 1, 1, 3)
      .withIccProfile('p3')
      .png()
      .toBuffer()
    const { data } = await raw(Uint8Array.of(0, 0, 0), 1, 1, 3)
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(data.length).toBe(3)
    const stored = await sharp(png, { ignoreIcc: true }).raw().toBuffer()
    expect([...(await readImage(png, 'x.png')).data]).toEqual([...stored].map((v) => Math.fround(v / 255)))
  })
})

describe('writing', () => {
  it('clamps, rounds, and makes a NaN black', async () => {
    const data = Float32Array.of(-1, 0.5, 2, Number.NaN, 0.2, 1)
    const png = await encodePng({ shape: [1, 1, 2, 3], data }, 'x.png')
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 3, height: 2, channels: 1, depth: 'uchar' })
    expect([...(await readImage(png, 'x.png')).data].map((v) => Math.round(v * 255))).toEqual([0, 128, 255, 0, 51, 255])
  })

  it.each(['channels-first', 'channels-last'] as const)('comes back as it was, %s', async (layout) => {
    const shape = layout === 'channels-first' ? [1, 3, 2, 2] : [1, 2, 2, 3]
    const data = Float32Array.from({ length: 12 }, (_, k) => (k * 20) / 255)
    expect(await readImage(await encodePng({ shape, data }, 'x.png', layout), 'x.png', layout)).toEqual({ shape, data })
  })

  it.each([[[2, 3, 2, 2]], [[1, 2, 2, 2]], [[1, 3, 4]], [[1, 3, 0, 2]]])('refuses the shape %j', async (shape) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
    await expect(encodePng({ shape, data }, 'x.png')).rejects.toThrow(FileError)
  })
})

describe('broken images', () => {
  const photograph = readFileSync(new URL('../../examples/photograph.jpg', import.meta.url))

  it('are refused: truncated', async () => {
    expect(await refusal(photograph.subarray(0, photograph.length / 2))).toContain('Save it again')
    const png = await sharp(photograph).resize(64).png().toBuffer()
    expect(await refusal(png.subarray(0, png.length / 2))).toContain('Save it again')
    expect(await refusal(png.subarray(0, 20))).toContain('Save it again')
  })

  it('are refused: headers that lie', async () => {
    const png = await sharp(photograph).resize(16).png().toBuffer()
    expect(await refusal(lying(png, 8000, 8000))).toContain('cannot hold as many')
    expect(await refusal(lying(png, 60000, 60000))).toMatch(/pixel/)
    expect(await refusal(lying(png, 0, 16))).toContain('Save it again')
  })

  it('are refused: other colour spaces', async () => {
    const cmyk = await sharp(photograph).resize(16).toColourspace('cmyk').jpeg().toBuffer()
    expect(await refusal(cmyk)).toContain('cmyk')
  })

  it('never fail otherwise than with a FileError', async () => {
    const small = sharp(photograph).resize(24)
    const seeds = [
      await small.clone().png().toBuffer(),
      await small.clone().jpeg().toBuffer(),
      await small.clone().jpeg({ progressive: true }).toBuffer(),
    ]
    const change = fc.record({ at: fc.nat(5000), byte: fc.nat(255) })
    const property = fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      fc.nat(10000),
      async (seed, changes, cut) => {
        const bytes = Uint8Array.from(cut % 3 === 0 ? seed.subarray(0, cut % seed.length) : seed)
        for (const { at, byte } of changes) bytes[at % Math.max(bytes.length, 1)] = byte
        try {
          const { shape, data } = await readImage(bytes, 'x.png')
          expect(data.length).toBe(shape.reduce((a, b) => a * b, 1))
        } catch (error) {
          expect(error).toBeInstanceOf(FileError)
        }
      },
    )
    await fc.assert(property, { numRuns: 400 })
  })
})
