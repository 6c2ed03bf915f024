/**
 * Where numbers lie in a drawing, and which of them are written along it. Times of candidates lie within a few times each
 * other, or many powers of ten apart: a scale is linear for the first and logarithmic for the second.
 */

export interface Scale {
  /** Where a number lies, in units of the drawing. */
  at(value: number): number
  /** Round numbers within the scale, ascending. */
  readonly ticks: readonly number[]
  readonly isLog: boolean
}

export interface ScaleOptions {
  /** Where the least and the greatest number lie. */
  readonly range: readonly [number, number]
  /** The least distance of two ticks, so that what is written at them has room. */
  readonly apart: number
  /** Whether a linear scale begins at 0, so that lengths are in proportion. */
  readonly fromZero: boolean
}

/** A larger ratio of the greatest to the least would leave the small ones in a corner. */
const logFrom = 3

/** What differs by less is equal: no digit that is written would show it, and ticks between would be noise. */
const equalWithin = 1e-6

/** Floating point makes 0.30000000000000004 of three tenths. */
const cleaned = (value: number): number => Number(value.toPrecision(12))

const linearTicks = (low: number, high: number, most: number): readonly number[] => {
  const rough = (high - low) / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9))! * power
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)]
  return Array.from({ length: last - first + 1 }, (_, k) => cleaned((first + k) * step))
}

/** Which leading digits are written, at every how many powers of ten. */
const logPatterns = [
  { leading: [1, 1.5, 2, 3, 4, 5, 7], every: 1 },
  { leading: [1, 2, 3, 5, 7], every: 1 },
  { leading: [1, 2, 5], every: 1 },
  { leading: [1, 3, 6], every: 1 },
  ...[1, 2, 3, 5, 10, 20, 50, 100, 1000].map((every) => ({ leading: [1], every })),
]

/** The ticks of the pattern that has most, of those whose ticks lie so far apart, in powers of e. */
const logTicks = (low: number, high: number, apart: number): readonly number[] => {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))]
  const powers = Array.from({ length: last - first + 1 }, (_, k) => first + k)
  const written = logPatterns.map(({ leading, every }) =>
    powers
      .filter((power) => power % every === 0)
      .flatMap((power) => leading.map((digit) => cleaned(digit * 10 ** power)))
      .filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)),
  )
  return written
    .filter((ticks) => ticks.every((tick, k) => k === 0 || Math.log(tick / ticks[k - 1]!) >= apart))
    .reduce((a, b) => (b.length > a.length ? b : a))
}

/** @param values - at least one, none of them below 0 */
export const scaleOf = (values: readonly number[], { range: [start, end], apart, fromZero }: ScaleOptions): Scale => {
  const least = values.reduce((a, b) => Math.min(a, b))
  const greatest = values.reduce((a, b) => Math.max(a, b))
  const isLog = least > 0 && greatest / least > logFrom
  // Of equal numbers none would have a place: a tenth to both sides gives them one.
  const margin = greatest - least <= equalWithin * greatest ? greatest / 10 || 1 : 0
  const low = fromZero && !isLog ? 0 : Math.max(0, least - margin)
  const high = greatest + margin
  const bent = isLog ? Math.log : (value: number): number => value
  const length = Math.abs(end - start)
  const share = (value: number): number => (bent(value) - bent(low)) / (bent(high) - bent(low))
  return {
    at: (value) => start + share(value) * (end - start),
    ticks: isLog ? logTicks(low, high, (apart / length) * Math.log(high / low)) : linearTicks(low, high, length / apart),
    isLog,
  }
}
