/** The oracle as a target: slow and sure, so that whatever runs a kernel can also run the definition in its place. */
import { ArgumentError } from '../dsl/errors.ts'
import type { StorageType } from '../dsl/geometry.ts'
import type { Tensor } from '../dsl/tensor.ts'
import { oracleBackward, oracleForward } from '../oracle/oracle.ts'
import type { Target, Tensors } from './target.ts'

/** A tensor as a kernel would hand it on: floats stored as `dtype`, in the tensor given for it where there is one. */
const store = (name: string, made: Tensor, dtype: StorageType, out: Tensors | undefined): Tensor => {
  const into = out && Object.hasOwn(out, name) ? out[name] : undefined
  if (into) {
    if (into.data.length !== made.data.length) {
      throw new ArgumentError(`'${name}' has ${made.data.length} elements, but the tensor to write into has ${into.data.length}`)
    }
    into.data.set(made.data)
    return into
  }
  return dtype === 'float32' && made.data instanceof Float64Array
    ? { shape: made.shape, data: new Float32Array(made.data) }
    : made
}

const storeAll = (made: Tensors, dtype: StorageType, out: Tensors | undefined): Tensors =>
  Object.fromEntries(Object.entries(made).map(([name, tensor]) => [name, store(name, tensor, dtype, out)]))

/** Computes in float64 by the operator's definition, whatever the storage type; there is no source. */
export const oracleTarget: Target = {
  device: 'oracle: brute force and dual numbers in float64',
  compile: async (operator, geometry, { dtype, results, schedule }) => {
    const axes = Object.keys(schedule ?? {})
    if (axes.length > 0) throw new ArgumentError(`the oracle has no schedule, so ${axes.join(', ')} cannot be pinned`)
    return {
      forward: (inputs, options = {}) => {
        const { seed, out } = options
        const wanted = { dtype, ...(seed !== undefined && { seed }), ...(results && { results }) }
        return storeAll(oracleForward(operator, geometry, inputs, wanted), dtype, out)
      },
      backward: (inputs, cotangents, options = {}) => {
        const { seed, out } = options
        const given = { dtype, ...(seed !== undefined && { seed }) }
        return storeAll(oracleBackward(operator, geometry, inputs, cotangents, given), dtype, out)
      },
      source: { forward: '', backward: '' },
    }
  },
}
