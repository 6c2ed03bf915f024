/** The plain loop is the yardstick of every benchmark, so it is held to numbers worked out by hand. */
import { describe, expect, test } from 'vitest'
import {
  avgBackward,
  avgForward,
  gaussianBackward,
  gaussianForward,
  maxBackward,
  maxForward,
  outputs,
} from '../../cli/bench/peers/plain-loops.ts'

const f32 = (...values: number[]): Float32Array => Float32Array.from(values)
// 1 x 1 x 2 x 4, windows of 2 x 2 side by side: {1, 2, 5, 6} and {3, 4, 7, 8}.
const x = f32(1, 2, 3, 4, 5, 6, 7, 8)
const flat = [1, 1, 2, 4, 2, 2, 0] as const
// 1 x 1 x 2 x 2 padded by one on each side: four windows of 3 x 3 at stride 1, each over all four values.
const square = f32(1, 2, 3, 4)
const padded = [1, 1, 2, 2, 3, 1, 1] as const
const eps = 1e-6

test('output extents round down', () => {
  expect([outputs(112, 2, 2, 0), outputs(112, 3, 2, 1), outputs(14, 3, 1, 1), outputs(7, 7, 7, 0)]).toEqual([56, 56, 14, 1])
})

describe('max', () => {
  test('forward', () => {
    const y = f32(0, 0)
    maxForward(x, y, ...flat)
    expect([...y]).toEqual([6, 8])
  })
  test('a NaN wins, padding does not', () => {
    const y = f32(0, 0, 0, 0)
    maxForward(f32(-1, -2, -3, -4), y, ...padded)
    expect([...y]).toEqual([-1, -1, -1, -1])
    maxForward(f32(1, Number.NaN, 3, 4), y, ...padded)
    expect([...y]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
  })
  test('backward: all to the first of equals', () => {
    const gradient = new Float32Array(8)
    maxBackward(f32(1, 1, 3, 4, 1, 1, 4, 0), f32(10, 20), gradient, ...flat)
    expect([...gradient]).toEqual([10, 0, 0, 20, 0, 0, 0, 0])
  })
  test('backward where windows overlap', () => {
    const gradient = new Float32Array(4)
    maxBackward(square, f32(1, 2, 3, 4), gradient, ...padded)
    expect([...gradient]).toEqual([0, 0, 0, 10])
  })
})

describe('avg', () => {
  test('forward', () => {
    const y = f32(0, 0)
    avgForward(x, y, ...flat)
    expect([...y]).toEqual([3.5, 5.5])
  })
  test('padding counts in the divisor', () => {
    const y = f32(0, 0, 0, 0)
    avgForward(f32(9, 18, 27, 36), y, ...padded)
    expect([...y]).toEqual([10, 10, 10, 10])
  })
  test('backward', () => {
    const gradient = new Float32Array(8)
    avgBackward(f32(4, 8), gradient, ...flat)
    expect([...gradient]).toEqual([1, 1, 2, 2, 1, 1, 2, 2])
  })
})

describe('gaussian', () => {
  // Means 3.5 and 5.5, both variances (6.25 + 2.25 + 2.25 + 6.25) / 4 = 4.25.
  const deviation = Math.sqrt(4.25)
  test('forward', () => {
    const y = f32(0, 0)
    gaussianForward(x, f32(2), y, eps, ...flat)
    expect(y[0]).toBeCloseTo(3.5 + 2 * deviation, 5)
    expect(y[1]).toBeCloseTo(5.5 + 2 * deviation, 5)
  })
  test('padding counts as zeros', () => {
    const y = f32(0, 0, 0, 0)
    gaussianForward(square, f32(1), y, eps, ...padded)
    // Sum 10, sum of squares 30, nine taps.
    expect(y[0]).toBeCloseTo(10 / 9 + Math.sqrt(30 / 9 - 100 / 81), 5)
  })
  test('backward', () => {
    const gradient = new Float32Array(8)
    const weightGradient = f32(0)
    gaussianBackward(x, f32(2), f32(1, 3), gradient, weightGradient, eps, ...flat)
    expect(gradient[0]).toBeCloseTo(0.25 + (2 * (1 - 3.5)) / (4 * deviation), 5)
    expect(gradient[7]).toBeCloseTo(0.75 + (3 * 2 * (8 - 5.5)) / (4 * deviation), 5)
    expect(weightGradient[0]).toBeCloseTo(4 * deviation, 5)
  })
  test('a flat window hands back the mean alone', () => {
    const gradient = new Float32Array(8)
    gaussianBackward(new Float32Array(8).fill(3), f32(2), f32(4, 4), gradient, f32(0), eps, ...flat)
    expect([...gradient]).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
  })
})
