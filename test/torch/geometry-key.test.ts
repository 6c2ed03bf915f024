/** Geometries as words: what one language writes the other finds, and a person may write less. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ArgumentError } from '../../dsl/errors.ts'
import { type Geometry, type GeometryOptions, normaliseGeometry } from '../../dsl/geometry.ts'
import { geometryKey, readGeometryKey } from '../../runtime/torch/geometry-key.ts'
import { launches } from '../property/geometries.ts'

/** Whether padding is counted is of no account where no window sticks out. */
const asItCounts = (geometry: Geometry): Geometry => {
  if (geometry.kind !== 'sliding') return geometry
  const sticksOut = geometry.ceilMode || geometry.axes.some(({ low, high }) => low + high > 0)
  return { ...geometry, countIncludePad: geometry.countIncludePad || !sticksOut }
}

it('a key is read as the geometry that it is of', () => {
  fc.assert(
    fc.property(launches, fc.constantFrom(1, 2, 3), ({ options }, dims) => {
      const geometry = normaliseGeometry(options)
      const { layout } = geometry
      expect(normaliseGeometry({ ...readGeometryKey(geometryKey(geometry), dims), layout })).toEqual(asItCounts(geometry))
    }),
  )
})

describe('geometryKey', () => {
  it.for([
    ['k3x3-s3x3', { dims: 2, kernelSize: 3 }],
    ['k3x3-s2x2-p1x1', { dims: 2, kernelSize: 3, stride: 2, padding: 1 }],
    ['k2x3-s1x2-p0:1x1-d2x1', { kernelSize: [2, 3], stride: [1, 2], padding: [[0, 1], 1], dilation: [2, 1] }],
    ['k2x2-s2x2-ceil-nopad-div4', { dims: 2, kernelSize: 2, ceilMode: true, countIncludePad: false, divisorOverride: 4 }],
    ['k3x3-s3x3', { dims: 2, kernelSize: 3, countIncludePad: false }],
    ['k3-s2-1d', { dims: 1, kernelSize: 3, stride: 2 }],
    ['adaptive1x1', { dims: 2, outputSize: 1 }],
    ['adaptive7-1d', { dims: 1, outputSize: 7 }],
    ['global3d', { dims: 3, global: true }],
  ] satisfies [string, GeometryOptions][])('is %s', ([key, options]) => {
    expect(geometryKey(normaliseGeometry(options))).toBe(key)
  })
})

describe('readGeometryKey', () => {
  it.for([
    ['k3s2p1', { dims: 2, kernelSize: 3, stride: 2, padding: 1 }],
    ['k3p1s2d2', { dims: 2, kernelSize: 3, stride: 2, padding: 1, dilation: 2 }],
    ['k3s2p1-1d', { dims: 1, kernelSize: 3, stride: 2, padding: 1 }],
    ['k2x2x2s2', { dims: 3, kernelSize: [2, 2, 2], stride: 2 }],
    [
      'k2p0:1',
      {
        dims: 2,
        kernelSize: 2,
        padding: [
          [0, 1],
          [0, 1],
        ],
      },
    ],
    ['k2ceilnopaddiv-0.5', { dims: 2, kernelSize: 2, ceilMode: true, countIncludePad: false, divisorOverride: -0.5 }],
    ['adaptive7', { dims: 2, outputSize: 7 }],
    ['global', { dims: 2, global: true }],
    ['global-3d', { dims: 3, global: true }],
  ] satisfies [string, GeometryOptions][])('reads %s', ([text, options]) => {
    expect(readGeometryKey(text)).toEqual(options)
  })

  it.for([
    ['', /the word '' of the geometry '' is not understood; write a geometry as k3s2p1/],
    ['s2k3', /begins with s, which tells no windows/],
    ['k3s2q1', /the word 'q1' of the geometry 'k3s2q1' is not understood/],
    ['k3-q1', /the word 'q1' of the geometry 'k3-q1' is not understood/],
    ['k', /the word 'k' .* behind k stands an integer for all dimensions/],
    ['k3s2.5', /the word 's2.5' of the geometry 'k3s2.5' is wrong: behind s stands an integer/],
    ['k3-s2-s1', /has s twice: give it once/],
    ['k3-adaptive7', /has adaptive7, which does not go with k: leave it out/],
    ['adaptive7s2', /has s2, which does not go with adaptive/],
    ['k3-p1:2:3', /the word 'p1:2:3' .* or low:high in place of an integer/],
    ['k3-divx', /the word 'divx' .* behind div stands a number/],
    ['k3-4d', /the word '4d' of the geometry/],
  ] as const)('refuses %s', ([text, message]) => {
    expect(() => readGeometryKey(text)).toThrow(ArgumentError)
    expect(() => readGeometryKey(text)).toThrow(message)
  })
})
