/** The oracle as a target: slow and sure, so that whatever runs a kernel can also run the definition in its place. */
import { ArgumentError } from '../dsl/errors.ts'
import { storageByName, storageOf } from '../dsl/storage.ts'
import { oracleBackward, oracleForward } from '../oracle/oracle.ts'
import { storeAll } from './out.ts'
import type { Target } from './target.ts'

/** Computes in float64 by the operator's definition, and rounds what it hands on to the storage type; there is no source. */
export const oracleTarget: Target = {
  device: 'oracle: brute force and dual numbers in float64',
  compile: async (operator, geometry, { dtype, results, schedule }) => {
    const axes = Object.keys(schedule ?? {})
    if (axes.length > 0) throw new ArgumentError(`the oracle has no schedule, so ${axes.join(', ')} cannot be pinned`)
    const gradientStorage = storageByName(operator, dtype)
    return {
      forward: (inputs, options = {}) => {
        const { seed, out } = options
        const wanted = { dtype, ...(seed !== undefined && { seed }), ...(results && { results }) }
        return storeAll(oracleForward(operator, geometry, inputs, wanted), () => storageOf(dtype, 'result'), out)
      },
      backward: (inputs, cotangents, options = {}) => {
        const { seed, out } = options
        const given = { dtype, ...(seed !== undefined && { seed }) }
        return storeAll(oracleBackward(operator, geometry, inputs, cotangents, given), gradientStorage, out)
      },
      source: { forward: '', backward: '' },
    }
  },
}
