/** Tensors as every part of Poolwright hands them on: a shape and a flat typed array, row-major. */

export type TensorData = Float32Array | Float64Array | Int32Array

/** A tensor in memory. `data.length` is the product of `shape`; the last axis varies fastest. */
export interface Tensor<D extends TensorData = TensorData> {
  readonly shape: readonly number[]
  readonly data: D
}

/** The number of elements of a shape; 1 for an empty shape. */
export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
