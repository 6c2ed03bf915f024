/**
 * The seam between the golden contract and what its cases are of: whoever knows how to run a case gives what was made beside
 * what is wanted, field by field, and the contract compares. One operator is such a thing, a layer of several kernels another.
 */
import type { StorageType } from '../dsl/geometry.ts'
import type { Tensor } from '../dsl/tensor.ts'
import type { GoldenCase, GoldenTensor } from './golden-file.ts'
import type { Target } from './target.ts'

export type { GoldenCase, GoldenTensor } from './golden-file.ts'

/** What was made for a field of a case: `output`, `indices`, or `gradInput`, `gradParams.NAME` and their like. */
export interface Found {
  readonly field: string
  readonly got: Tensor | undefined
  readonly want: GoldenTensor
  readonly storage: StorageType | 'int32'
}

/** Runs a case on a target, forward and backward. @throws SkippedCase for what cannot be run here; any error is the case's failure */
export type GoldenRunner = (golden: GoldenCase, target: Target, dtype: StorageType) => Promise<readonly Found[]>

/** A reason to leave a case out: not wrong, but nothing that can be run here. */
export class SkippedCase extends Error {
  override name = 'SkippedCase'
}
