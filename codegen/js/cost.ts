/** What a block of windows costs, in operations written out: how many windows are worth computing together. */
import { areDisjoint, spanOf } from '../covers.ts'
import { topological } from '../ir.ts'
import type { Program } from '../program.ts'
import { shiftsOf } from './shift.ts'

/** Windows that are computed together: so many rows of so many. */
export interface BlockSize {
  readonly rows: number
  readonly inRow: number
}

/** Operations that a block of windows may have when several are written out side by side: more is more text than speed. */
const blockBudget = 176

/** The same where the windows of a block share rows too, and so more of what they load and compute. */
const sharedBudget = 600

/**
 * Taps that the windows of several rows together may have: V8 leaves a function of more than 60 KB of bytecode to its baseline
 * compiler (`--max-optimized-bytecode-size`), where Gaussian pooling's gradient in blocks of 4 x 8 windows took 20 times as long.
 */
export const rowsBudget = 256

/** What a comparison by bits costs at each tap. */
const comparison = 4

const storesOf = (program: Program) => program.stages.flatMap((stage) => (stage.visits === 'parameters' ? [] : stage.stores))

/** The operations at each tap of a window. */
export const operationsPerTap = (program: Program): number => {
  const nodes = topological(storesOf(program).map((x) => x.value))
  const perTap = nodes.reduce((sum, node) => {
    if (node.op === 'reduce') return node.over === 'taps' && node.by !== 'sum' ? sum + comparison : sum
    return node.level.place === 'window' || node.level.place === 'in' ? sum + 1 : sum
  }, 0)
  return Math.max(1, perTap)
}

/** Taps of a full window; as many as there may be where windows have no fixed size. */
export const tapsIn = ({ geometry }: Program): number =>
  geometry.kind === 'sliding' ? geometry.axes.reduce((k, axis) => k * axis.kernel, 1) : Number.POSITIVE_INFINITY

/**
 * Whether windows below one another read enough of the same rows of a plane: half of them at least, or, where exponentials are
 * shared, any. Of windows of 3 x 3, stride 1 gains 1.1 to 1.7 times by two rows a block, stride 2 not enough for twice the text.
 */
const sharesRows = (program: Program): boolean => {
  const { geometry } = program
  if (geometry.kind !== 'sliding' || geometry.dims !== 2 || geometry.layout !== 'channels-first') return false
  const [axis] = geometry.axes
  const { stride, dilation } = axis!
  const span = spanOf(axis!)
  return dilation === 1 && (2 * stride <= span || (stride < span && shiftsOf(program).size > 0))
}

/** The windows that are computed together without measuring: as many as the budgets allow for what is computed at each tap. */
export const usualBlock = (program: Program): BlockSize => {
  const taps = tapsIn(program)
  const cost = (windows: number): number => windows * taps * operationsPerTap(program)
  if (sharesRows(program)) {
    if (cost(16) <= blockBudget) return { rows: 4, inRow: 4 }
    const shared = [
      { rows: 2, inRow: 4 },
      { rows: 2, inRow: 2 },
    ].find(({ rows, inRow }) => cost(rows * inRow) <= sharedBudget && rows * inRow * taps <= rowsBudget)
    if (shared) return shared
  }
  // Blocks of eight are for windows of a few taps: more are more than a row of a small map has.
  const sizes = taps <= 4 ? [8, 4, 2] : [4, 2]
  return { rows: 1, inRow: sizes.find((m) => cost(m) <= blockBudget) ?? 1 }
}

/** Whether the place of a greatest or least number is looked for in windows that share no elements, and so no comparisons. */
export const placesAlone = (program: Program): boolean =>
  program.geometry.kind === 'sliding' &&
  areDisjoint(program.geometry) &&
  topological(storesOf(program).map((x) => x.value)).some((x) => x.op === 'reduce' && x.over === 'taps' && x.by.startsWith('arg'))

/** Whether no maximum or minimum is looked for: its comparisons keep the machine busy with fewer sums side by side. */
export const isSumsAlone = (program: Program): boolean =>
  topological(program.stages.flatMap((stage) => stage.stores.map((x) => x.value))).every(
    (x) => x.op !== 'reduce' || x.over !== 'taps' || x.by === 'sum',
  )
