/** Tensors as every part of Poolwright hands them on: a shape and a flat typed array, row-major. */

/** Numbers; or, in a `Uint16Array`, the bits of float16 or bfloat16, which the storage type of the kernel tells apart. */
export type TensorData = Float32Array | Float64Array | Int32Array | Uint16Array

/** A tensor in memory. `data.length` is the product of `shape`; the last axis varies fastest. */
export interface Tensor<D extends TensorData = TensorData> {
  readonly shape: readonly number[]
  readonly data: D
}

/**
 * A tensor whose numbers are elsewhere, in the memory of a device: what it is of is known without reading them, which `data`
 * does.
 */
export interface ResidentTensor extends Tensor {
  /** A storage type, or int32. */
  readonly stored: string
}

export const isResident = (tensor: Tensor): tensor is ResidentTensor => 'stored' in tensor

/** A kind of array as a sentence takes it: `an Int32Array`, `a Uint16Array`. */
export const arrayWords = ({ name }: { readonly name: string }): string => `${name.startsWith('I') ? 'an' : 'a'} ${name}`

/** The number of elements of a shape; 1 for an empty shape. */
export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
