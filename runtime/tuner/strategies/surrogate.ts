/**
 * A Gaussian process over the points of a space: what was measured tells something of what is near. Its mean is the cost
 * model, in whose logarithm errors are factors; points are near that agree in many axes, and along an axis of numbers those
 * whose values are near. (C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, 2006, algorithm 2.1.)
 */
import type { Axes } from '../subject.ts'

/** How far the cost model is off, as a standard deviation of the logarithm; and a measurement. */
const spread = { model: 0.35, noise: 0.03 }

/** The correlation of two points that differ in one axis alone; along numbers, where one is twice the other. */
const likeness = { other: 0.75, twice: 0.85 }

export interface Belief {
  readonly mean: number
  readonly deviation: number
}

const likenessOf = (a: unknown, b: unknown): number => {
  if (a === b) return 1
  if (typeof a === 'number' && typeof b === 'number' && a > 0 && b > 0) return likeness.twice ** Math.abs(Math.log2(a / b))
  return likeness.other
}

/** The lower triangle L of a positive definite matrix L Lᵀ, by rows. */
const cholesky = (matrix: readonly Float64Array[]): Float64Array[] => {
  const lower = matrix.map((row) => Float64Array.from(row))
  for (let i = 0; i < lower.length; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i]![j]!
      for (let k = 0; k < j; k++) sum -= lower[i]![k]! * lower[j]![k]!
      lower[i]![j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[j]![j]!
    }
  }
  return lower
}

/** x of L x = b. */
const forwards = (lower: readonly Float64Array[], b: ArrayLike<number>): Float64Array => {
  const x = Float64Array.from(b)
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i]! -= lower[i]![k]! * x[k]!
    x[i]! /= lower[i]![i]!
  }
  return x
}

/** x of Lᵀ x = b. */
const backwards = (lower: readonly Float64Array[], b: ArrayLike<number>): Float64Array => {
  const x = Float64Array.from(b)
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i]! -= lower[k]![i]! * x[k]!
    x[i]! /= lower[i]![i]!
  }
  return x
}

/** A point, and the logarithms of what the model expects of it and of what was measured. */
export interface Known {
  readonly point: readonly number[]
  readonly expected: number
  readonly measured: number
}

/** What is believed of points after some are known: a function of a point and of what the model expects of it. */
export const believe = (axes: Axes, known: readonly Known[]): ((point: readonly number[], expected: number) => Belief) => {
  // The likeness of each pair of an axis' values, made once.
  const tables = Object.values(axes).map((values) => values.map((a) => values.map((b) => likenessOf(a, b))))
  const covariance = (a: readonly number[], b: readonly number[]): number =>
    tables.reduce((product, table, d) => product * table[a[d]!]![b[d]!]!, spread.model ** 2)
  // The model's unit is its own: what is measured sets it.
  const offsets = known.map(({ expected, measured }) => measured - expected)
  const offset = offsets.reduce((a, b) => a + b, 0) / Math.max(1, offsets.length)
  const matrix = known.map(({ point }, i) =>
    Float64Array.from(known, (other, j) => covariance(point, other.point) + (i === j ? spread.noise ** 2 : 0)),
  )
  const lower = cholesky(matrix)
  const weights = backwards(
    lower,
    forwards(
      lower,
      offsets.map((one) => one - offset),
    ),
  )
  return (point, expected) => {
    const near = Float64Array.from(known, (one) => covariance(point, one.point))
    const solved = forwards(lower, near)
    const explained = solved.reduce((sum, x) => sum + x * x, 0)
    const correction = near.reduce((sum, x, k) => sum + x * weights[k]!, 0)
    return {
      mean: expected + offset + correction,
      deviation: Math.sqrt(Math.max(spread.model ** 2 - explained, 1e-9)),
    }
  }
}

/** The density and the distribution of the standard normal; the latter by A&S 26.2.17, to 7.5e-8. */
const density = (z: number): number => Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI)
const distribution = (z: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const tail = density(z) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return z > 0 ? 1 - tail : tail
}

/** How much lower than `best` a value is to be expected to come out. */
export const expectedImprovement = ({ mean, deviation }: Belief, best: number): number => {
  const z = (best - mean) / deviation
  return (best - mean) * distribution(z) + deviation * density(z)
}
