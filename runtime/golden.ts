/**
 * The golden contract: runs a case of a golden file on a target, forward and backward, and compares within the tolerances
 * of test/golden/README.md. What a case is of, and so how it is run, is looked up in tables that the caller has.
 */
import { StorageError } from '../dsl/errors.ts'
import type { Geometry, StorageType } from '../dsl/geometry.ts'
import { splitShape } from '../dsl/layout.ts'
import type { Operator } from '../dsl/operator.ts'
import { storageTypes } from '../dsl/storage.ts'
import { type Bound, compare } from './golden-compare.ts'
import type { GoldenCase } from './golden-file.ts'
import { operatorRunner } from './golden-operator.ts'
import { type GoldenRunner, SkippedCase } from './golden-runner.ts'
import type { Target, TargetOptions } from './target.ts'

export { type GoldenCase, readGolden } from './golden-file.ts'

export interface GoldenOptions {
  /** Operators by name; a case may name any of them. */
  readonly operators: ReadonlyMap<string, Operator>
  /** What is more than one operator, by the name that cases have for it: how such a case is run. */
  readonly layers?: ReadonlyMap<string, GoldenRunner>
  /** What kernels store, whatever the file says; an operator is held to the oracle's numbers where that differs. */
  readonly dtype?: StorageType
  readonly schedule?: NonNullable<TargetOptions['schedule']>
  readonly arith?: NonNullable<TargetOptions['arith']>
}

export interface CaseReport {
  readonly id: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly reason?: string
  /** The largest error over its bound: at most 1 where the case passed, infinite where a NaN, an infinity or an index differs, or nothing came. */
  readonly maxError: number
}

const isStorageType = (dtype: string): dtype is StorageType => storageTypes.some((one) => one === dtype)

/** The number of elements in the largest window. */
const largestWindow = (geometry: Geometry, extents: readonly number[]): number => {
  if (geometry.kind === 'sliding') return geometry.axes.reduce((taps, axis) => taps * axis.kernel, 1)
  if (geometry.kind === 'global') return extents.reduce((a, b) => a * b, 1)
  return geometry.outputSize.reduce((taps, outputs, d) => {
    const extent = extents[d]!
    const windows = Array.from(
      { length: outputs },
      (_, o) => Math.ceil(((o + 1) * extent) / outputs) - Math.floor((o * extent) / outputs),
    )
    return taps * Math.max(...windows)
  }, 1)
}

/** The error that a field of a case may have. */
const boundOf = ({ op, input, geometry }: GoldenCase, field: string): Bound => {
  if (field === 'indices') return () => 0
  const root = Math.sqrt(largestWindow(geometry, splitShape(geometry, input.shape).extents))
  const relative =
    (tolerance: number): Bound =>
    (want) =>
      tolerance * Math.max(1, Math.abs(want)) * root
  const isForward = field === 'output'
  if (op !== 'gaussian-offset') return relative(isForward ? 1e-5 : 1e-4)
  const largest = input.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  return isForward ? () => 2e-6 * largest * root : relative(2e-3)
}

/** A target whose kernels are all made with what the options pin. */
const pinned = (target: Target, { schedule, arith }: GoldenOptions): Target => ({
  ...target,
  compile: (operator, geometry, asked) =>
    target.compile(operator, geometry, { ...asked, ...(schedule && { schedule }), ...(arith && { arith }) }),
})

/**
 * Runs one case on a target. Whatever goes wrong in it is the case's failure and becomes the reason, so that one case does
 * not end a file; what this house does not have, an operator or a data type, is skipped.
 * @throws StorageError where `options.dtype` is none of the target's: then every case would fail of the same
 */
export const checkCase = async (golden: GoldenCase, target: Target, options: GoldenOptions): Promise<CaseReport> => {
  const { id } = golden
  try {
    const dtype = options.dtype ?? golden.dtype
    if (!isStorageType(dtype)) throw new SkippedCase(`kernels store ${storageTypes.join(', ')}, not ${dtype}`)
    const run = options.layers?.get(golden.op) ?? operatorRunner(options.operators)
    const found = await run(golden, pinned(target, options), dtype)
    const worst = found
      .map(({ field, got, want, storage }) => compare(field, got, want, boundOf(golden, field), storage))
      .reduce((a, b) => (b.error > a.error ? b : a))
    if (worst.error <= 1) return { id, status: 'passed', maxError: worst.error }
    const times = Number.isFinite(worst.error) ? ` (${worst.error.toPrecision(3)} times the bound)` : ''
    return { id, status: 'failed', reason: `${worst.at}${times}`, maxError: worst.error }
  } catch (error) {
    if (error instanceof StorageError && options.dtype !== undefined) throw error
    const reason = error instanceof Error ? error.message : String(error)
    return error instanceof SkippedCase || error instanceof StorageError
      ? { id, status: 'skipped', reason, maxError: 0 }
      : { id, status: 'failed', reason, maxError: Number.POSITIVE_INFINITY }
  }
}
