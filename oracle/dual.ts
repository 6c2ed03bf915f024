/**
 * Dual numbers: a value, and its derivatives by the elements that its window reads (the leaves). Forward mode needs no
 * transposes and no graph of the gradient, so that it can judge a compiler which has both. A value that depends on one
 * leaf says which; others keep a slope for each leaf.
 */

/** A value with its derivatives. `leaf` is -1 where there are none, or where `slopes` lists them. */
export interface Dual {
  readonly value: number
  readonly leaf: number
  readonly slope: number
  readonly slopes: Float64Array | undefined
}

/** A value without derivatives. */
export const constant = (value: number): Dual => ({ value, leaf: -1, slope: 0, slopes: undefined })

/** The value of a leaf: its derivative by itself is 1. */
export const variable = (value: number, leaf: number): Dual => ({ value, leaf, slope: 1, slopes: undefined })

const isConstant = (a: Dual): boolean => a.leaf < 0 && !a.slopes

/** A slope of 0 stays 0: a value that was not chosen has no influence, however steep what comes after. */
const times = (slope: number, factor: number): number => (slope === 0 ? 0 : slope * factor)

/** Adds `factor` times the slopes of `a`. */
export const accumulate = (slopes: Float64Array, a: Dual, factor: number): void => {
  if (a.slopes) {
    for (let leaf = 0; leaf < slopes.length; leaf++) slopes[leaf]! += times(a.slopes[leaf]!, factor)
  } else if (a.leaf >= 0) {
    slopes[a.leaf]! += times(a.slope, factor)
  }
}

/** A value with the slopes given. */
export const withSlopes = (value: number, slopes: Float64Array): Dual => ({ value, leaf: -1, slope: 0, slopes })

/** A function of one value: its result, and its derivative there. */
export const chain = (value: number, a: Dual, derivative: number): Dual => {
  if (isConstant(a)) return constant(value)
  if (!a.slopes) return { value, leaf: a.leaf, slope: times(a.slope, derivative), slopes: undefined }
  return withSlopes(
    value,
    a.slopes.map((slope) => times(slope, derivative)),
  )
}

/** A function of two values: its result, and its partial derivatives there. `leaves` is how many a window has. */
export const chain2 = (value: number, a: Dual, byA: number, b: Dual, byB: number, leaves: number): Dual => {
  if (isConstant(b)) return chain(value, a, byA)
  if (isConstant(a)) return chain(value, b, byB)
  if (!a.slopes && a.leaf === b.leaf)
    return { value, leaf: a.leaf, slope: times(a.slope, byA) + times(b.slope, byB), slopes: undefined }
  const slopes = new Float64Array(leaves)
  accumulate(slopes, a, byA)
  accumulate(slopes, b, byB)
  return withSlopes(value, slopes)
}

/** Calls back with each leaf on which a value depends, and its slope. */
export const eachSlope = (a: Dual, act: (leaf: number, slope: number) => void): void => {
  if (a.slopes) {
    a.slopes.forEach((slope, leaf) => {
      if (slope !== 0) act(leaf, slope)
    })
  } else if (a.leaf >= 0 && a.slope !== 0) {
    act(a.leaf, a.slope)
  }
}
