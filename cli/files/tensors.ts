/** Tensors from files of any kind that Poolwright reads, and into the kind that a file's name asks for. */
import { FileError } from '../../dsl/errors.ts'
import type { Layout, StorageType } from '../../dsl/geometry.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import { encodePng, readImage } from './image.ts'
import { encodeNpy, readNpy } from './npy.ts'
import { kindOf, readBytes } from './read.ts'

/**
 * Reads an image or a .npy file.
 * @throws FileError where it is neither, or broken
 */
export const readInput = async (path: string, layout: Layout): Promise<Tensor> => {
  const bytes = await readBytes(path)
  const kind = kindOf(bytes)
  switch (kind) {
    case 'npy':
      return readNpy(bytes, path)
    case 'png':
    case 'jpeg':
      return readImage(bytes, path, layout)
    case undefined:
      throw new FileError(
        `${path}: ${bytes.length === 0 ? 'is empty' : 'is no PNG, JPEG or .npy file'}. Convert it to one of these; its name does not matter, its first bytes do.`,
      )
    default:
      return kind satisfies never
  }
}

/**
 * Reads a .npy file.
 * @throws FileError where it is none, or broken
 */
export const readTensor = async (path: string): Promise<Tensor> => readNpy(await readBytes(path), path)

/** A tensor as a kernel of this type takes it. */
export const stored = (tensor: Tensor, dtype: StorageType): Tensor => {
  const Floats = dtype === 'float32' ? Float32Array : Float64Array
  return tensor.data instanceof Floats ? tensor : { shape: tensor.shape, data: Floats.from(tensor.data) }
}

/** Encodes a tensor as the file's name asks. */
export const encodeTensor = (tensor: Tensor, path: string, layout: Layout): Promise<Uint8Array> =>
  /\.png$/i.test(path) ? encodePng(tensor, path, layout) : Promise.resolve(encodeNpy(tensor))
