/**
 * Images as tensors, through sharp: bytes / 255 with no gamma and no colour profile, alpha dropped, and back again clamped
 * and rounded. sharp is loaded when the first image is met, so that work on .npy files neither waits for it nor needs it.
 */
import { FileError } from '../../dsl/errors.ts'
import type { Layout } from '../../dsl/geometry.ts'
import type { Tensor } from '../../dsl/tensor.ts'

/** 64 megapixels: beyond any camera's photograph, within any machine's memory. */
const mostPixels = 2 ** 26
/** Deflate makes at most about 1032 bytes of one; a PNG that promises more than that does not hold it. */
const deflateRatio = 1040

const loadSharp = async (): Promise<typeof import('sharp').default> => {
  try {
    return (await import('sharp')).default
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new FileError(
      `the image library sharp cannot be loaded (${why}). Install it with npm install sharp, or use .npy files.`,
    )
  }
}

/** What libvips says of a broken file, in one line. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, 2)
    .join('; ')

const checkSize = (name: string, width: number, height: number, channels: number, file: Uint8Array, format: string): void => {
  if (width < 1 || height < 1 || width * height > mostPixels)
    throw new FileError(
      `${name}: is ${width} x ${height} pixels; Poolwright reads up to ${mostPixels} of them. Scale it down, or save it as .npy.`,
    )
  if (format === 'png' && (width * height * channels) / 8 > file.length * deflateRatio)
    throw new FileError(
      `${name}: says that it is ${width} x ${height} pixels, but its ${file.length} bytes cannot hold as many. Save it again.`,
    )
}

/**
 * Reads a PNG or a JPEG as a tensor of one sample with 3 channels, or 1 for a grey image.
 * @throws FileError where it is broken, too large, or of another colour space
 */
export const readImage = async (
  bytes: Uint8Array,
  name: string,
  layout: Layout = 'channels-first',
): Promise<Tensor<Float32Array>> => {
  const sharp = await loadSharp()
  const options = { limitInputPixels: mostPixels, failOn: 'error', ignoreIcc: true, autoOrient: false } as const
  try {
    const { width, height, channels, space, depth, format } = await sharp(bytes, options).metadata()
    checkSize(name, width, height, channels, bytes, format)
    const grey = space === 'b-w' || space === 'grey16'
    if (!grey && space !== 'srgb' && space !== 'rgb16' && space !== 'rgb')
      throw new FileError(`${name}: its colours are ${space}; Poolwright reads RGB and grey. Convert it to sRGB.`)
    const wide = depth === 'ushort'
    const pixels = sharp(bytes, options)
      .removeAlpha()
      .toColourspace(grey ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb')
      .raw({ depth: wide ? 'ushort' : 'uchar' })
    const { data, info } = await pixels.toBuffer({ resolveWithObject: true })
    const values = wide ? new Uint16Array(new Uint8Array(data).buffer) : data
    return toTensor(values, info.width, info.height, info.channels, grey ? 1 : 3, wide ? 65535 : 255, layout)
  } catch (error) {
    if (error instanceof FileError) throw error
    throw new FileError(`${name}: is no image that can be read (${reasonOf(error)}). Save it again as PNG or JPEG.`)
  }
}

/** From pixels, with `stored` numbers each, to the first `channels` of them. */
const toTensor = (
  values: ArrayLike<number>,
  width: number,
  height: number,
  stored: number,
  channels: number,
  full: number,
  layout: Layout,
): Tensor<Float32Array> => {
  const points = width * height
  const data = new Float32Array(points * channels)
  const [channelStep, pointStep] = layout === 'channels-first' ? [points, 1] : [1, channels]
  for (let c = 0; c < channels; c++)
    for (let p = 0; p < points; p++) data[c * channelStep + p * pointStep] = values[p * stored + c]! / full
  return { shape: layout === 'channels-first' ? [1, channels, height, width] : [1, height, width, channels], data }
}

/**
 * Encodes a tensor as a PNG with 8 bits a channel: clamped to 0..1, rounded; a NaN is black.
 * @throws FileError where the tensor is no image
 */
export const encodePng = async (tensor: Tensor, name: string, layout: Layout = 'channels-first'): Promise<Uint8Array> => {
  const { shape, data } = tensor
  const [samples = 0, ...rest] = shape
  const [channels = 0, height = 0, width = 0] = layout === 'channels-first' ? rest : [rest[2], rest[0], rest[1]]
  if (shape.length !== 4 || samples !== 1 || (channels !== 1 && channels !== 3) || width < 1 || height < 1) {
    throw new FileError(
      `${name}: a PNG holds one sample with 1 or 3 channels in two dimensions, but the result is [${shape.join(', ')}]. Write a .npy file.`,
    )
  }
  const points = width * height
  const [channelStep, pointStep] = layout === 'channels-first' ? [points, 1] : [1, channels]
  const pixels = new Uint8Array(points * channels)
  for (let c = 0; c < channels; c++)
    for (let p = 0; p < points; p++) {
      const value = data[c * channelStep + p * pointStep]!
      pixels[p * channels + c] = value > 0 ? Math.round(Math.min(value, 1) * 255) : 0
    }
  const sharp = await loadSharp()
  try {
    // Without a colour space of its own, one channel would be written as three.
    const image = sharp(pixels, { raw: { width, height, channels } }).toColourspace(channels === 1 ? 'b-w' : 'srgb')
    return await image.png().toBuffer()
  } catch (error) {
    throw new FileError(`${name}: cannot be made a PNG (${reasonOf(error)}). Write a .npy file.`)
  }
}
