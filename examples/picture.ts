/**
 * The picture that `npm start` writes: a column for each operator, and in rows what it makes of the photograph, the
 * gradient that it hands back, and one detail of that gradient. Tensors are 1 x 3 x height x width.
 */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import sharp, { type OverlayOptions } from 'sharp'
import type { Tensor } from '../index.ts'
import { lettering } from './lettering.ts'

export interface Column {
  readonly title: string
  readonly formula: string
  readonly pooled: Tensor
  readonly gradient: Tensor
}

/** Part of the photograph, in pixels. */
export interface Region {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const margin = 28
const gutter = 16
const heading = 74
const caption = 40
const paper = '#f7f5f0'
const ink = '#1d1b18'
const faint = '#7a736a'

/** An image's bytes, three channels, row by row. */
interface Pixels {
  readonly bytes: Uint8ClampedArray
  readonly width: number
  readonly height: number
}

const toPixels = ({ shape, data }: Tensor, shade: (value: number) => number): Pixels => {
  const [, channels = 0, height = 0, width = 0] = shape
  const bytes = new Uint8ClampedArray(3 * height * width)
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < height * width; i++) bytes[3 * i + c] = 255 * shade(data[c * height * width + i] ?? 0)
  return { bytes, width, height }
}

const identity = (value: number): number => value

/** Middle grey is zero; all but the largest thousandth of the values fit between black and white. */
const signed = ({ data }: Tensor): ((value: number) => number) => {
  const sizes = Float64Array.from(data, Math.abs).sort()
  const scale = sizes[Math.floor(0.999 * (sizes.length - 1))] || 1
  return (value) => 0.5 + (0.5 * value) / scale
}

/** Whole pixels repeated, so that one window of the operator is a square that the eye can count. */
const enlarge = ({ bytes, width, height }: Pixels, toWidth: number, toHeight: number, part?: Region): Promise<Buffer> => {
  const image = sharp(Buffer.from(bytes.buffer), { raw: { width, height, channels: 3 } })
  return (part ? image.extract(part) : image).resize(toWidth, toHeight, { kernel: 'nearest' }).png().toBuffer()
}

export const drawPicture = async (
  path: string,
  photograph: Tensor,
  cotangent: Tensor,
  detail: Region,
  columns: readonly Column[],
): Promise<{ readonly width: number; readonly height: number }> => {
  const [, , cellHeight = 0, cellWidth = 0] = photograph.shape
  const left = (column: number): number => margin + column * (cellWidth + gutter)
  const top = (row: number): number => margin + heading + row * (cellHeight + caption)
  const width = left(columns.length) + cellWidth + margin
  const height = top(2) + cellHeight + margin

  const cells: OverlayOptions[] = []
  let drawing = ''
  const place = async (column: number, row: number, pixels: Pixels, part?: Region): Promise<void> => {
    cells.push({ input: await enlarge(pixels, cellWidth, cellHeight, part), left: left(column), top: top(row) })
  }
  const write = (text: string, column: number, y: number, size: number, colour = ink): void => {
    drawing += lettering(text, left(column), y, size, colour)
  }

  const photographPixels = toPixels(photograph, identity)
  await place(0, 0, photographPixels)
  await place(0, 1, toPixels(cotangent, identity))
  await place(0, 2, photographPixels, detail)
  write('photograph', 0, margin, 21)
  write('x', 0, margin + 40, 13, faint)
  write('the cotangent handed back: g = mean(x)', 0, top(1) - 25, 13, faint)
  write(`detail, ${cellWidth / detail.width} times`, 0, top(2) - 25, 13, faint)
  for (const [index, { title, formula, pooled, gradient }] of columns.entries()) {
    const gradientPixels = toPixels(gradient, signed(gradient))
    await place(index + 1, 0, toPixels(pooled, identity))
    await place(index + 1, 1, gradientPixels)
    await place(index + 1, 2, gradientPixels, detail)
    write(title, index + 1, margin, 21)
    write(formula, index + 1, margin + 40, 13, faint)
    write('gradient of x, grey is zero', index + 1, top(1) - 25, 13, faint)
    write('gradient, detail', index + 1, top(2) - 25, 13, faint)
  }
  // The detail's place in the photograph.
  drawing += `<rect x="${left(0) + detail.left}" y="${top(0) + detail.top}" width="${detail.width}" height="${detail.height}" fill="none" stroke="${paper}" stroke-width="2"/>`

  const overlay = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawing}</svg>`)
  await mkdir(dirname(path), { recursive: true })
  await sharp({ create: { width, height, channels: 3, background: paper } })
    .composite([...cells, { input: overlay, left: 0, top: 0 }])
    .png({ compressionLevel: 9 })
    .toFile(path)
  return { width, height }
}
