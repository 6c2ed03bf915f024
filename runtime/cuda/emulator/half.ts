/** Numbers to sixteen-bit floats, in any direction: to the nearest, translated code rounds by itself. */
import { toBits } from '../../../dsl/half.ts'
import { formats, type Rounding, roundTo } from './rounding.ts'

export type HalfType = 'f16' | 'bf16'

/** What a GPU makes of a NaN. */
const canonicalNaN = 0x7fff

export const numberToHalf = (x: number, type: HalfType, mode: Rounding): number =>
  Number.isNaN(x) ? canonicalNaN : toBits(roundTo(x, formats[type], mode), formats[type])
