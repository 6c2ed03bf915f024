/** Tensors from files of any kind that Poolwright reads, and into the kind that a file's name asks for. */
import { FileError } from '../../dsl/errors.ts'
import type { Layout, StorageType } from '../../dsl/geometry.ts'
import { narrow, widen, widenTensor } from '../../dsl/storage.ts'
import type { Tensor, TensorData } from '../../dsl/tensor.ts'
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

/** The storage type of a file's floats; undefined for integers. Sixteen bits in a file are float16: the formats have no other. */
const floatOf = (data: TensorData): StorageType | undefined => {
  if (data instanceof Uint16Array) return 'float16'
  if (data instanceof Float32Array) return 'float32'
  return data instanceof Float64Array ? 'float64' : undefined
}

/** What a kernel stores where nobody says so: what its input is, and float32 for integers. */
export const storageOfFile = ({ data }: Tensor): StorageType => floatOf(data) ?? 'float32'

/** A file's tensor as a kernel takes it that stores this type, rounded once. */
export const stored = (tensor: Tensor, dtype: StorageType): Tensor => {
  const { shape, data } = tensor
  return floatOf(data) === dtype ? tensor : { shape, data: narrow(widen(data, 'float16'), dtype) }
}

const isPng = (path: string): boolean => /\.png$/i.test(path)

/** What to tell of a tensor that its file cannot hold as it is: .npy has no bfloat16, and float32 holds each of its numbers. */
export const fileNote = ({ data }: Tensor, path: string, dtype: StorageType): string | undefined =>
  dtype === 'bfloat16' && data instanceof Uint16Array && !isPng(path) ? 'bfloat16 written as float32' : undefined

/** Encodes a kernel's tensor as the file's name asks. */
export const encodeTensor = (tensor: Tensor, path: string, layout: Layout, dtype: StorageType): Promise<Uint8Array> => {
  if (isPng(path)) return encodePng(widenTensor(tensor, dtype), path, layout)
  return Promise.resolve(encodeNpy(dtype === 'bfloat16' ? widenTensor(tensor, dtype) : tensor))
}
