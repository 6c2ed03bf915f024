/**
 * Golden cases under another storage type than their file's: the inputs are rounded to it, and so what is expected is no longer
 * what the file says, but what the oracle makes of the rounded ones.
 */
import type { CheckedOperator } from '../dsl/expression.ts'
import type { StorageType } from '../dsl/geometry.ts'
import type { Tensor } from '../dsl/tensor.ts'
import { oracleBackward, oracleForward } from '../oracle/oracle.ts'
import type { GoldenCase, GoldenTensor, GoldenTensors } from './golden-file.ts'
import type { Inputs } from './target.ts'

/** What a case hands to a kernel, stored as the kernel stores it, and the results that the file has. */
export interface GoldenLaunch {
  readonly operator: CheckedOperator
  readonly dtype: StorageType
  readonly inputs: Inputs
  readonly cotangent: Tensor | undefined
  readonly inputName: string
  readonly float: string
  readonly int: string | undefined
}

const asNumbers = ({ shape, data }: Tensor): GoldenTensor => ({ shape, data: Float64Array.from(data) })

/** The case with the oracle's numbers in place of the file's, wherever the file has any. */
export const expectedByOracle = (golden: GoldenCase, launch: GoldenLaunch): GoldenCase => {
  const { operator, dtype, inputs, cotangent, inputName, float, int } = launch
  const { geometry } = golden
  const made = oracleForward(operator, geometry, inputs, { dtype })
  const gradients = cotangent ? oracleBackward(operator, geometry, inputs, { [float]: cotangent }, { dtype }) : {}
  const named = (wanted: GoldenTensors): GoldenTensors =>
    Object.fromEntries(Object.keys(wanted).map((name) => [name, gradients[name]!]))
  return {
    ...golden,
    output: asNumbers(made[float]!),
    indices: golden.indices && int !== undefined ? asNumbers(made[int]!) : undefined,
    gradInput: golden.gradInput && gradients[inputName],
    gradTensors: named(golden.gradTensors),
    gradParams: named(golden.gradParams),
  }
}
