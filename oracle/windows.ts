/**
 * Every window with its valid taps, enumerated from the definition: window o, tap t reads o * stride - low + t * dilation
 * where that lies in the input. No formula that runs the other way, from an element to its windows, is used here.
 */
import type { Geometry } from '../dsl/geometry.ts'
import { elements } from '../dsl/tensor.ts'

/** One window and the taps of it that read an element, in row-major order. */
export interface Window {
  /** Its place in the output, dimension by dimension. */
  readonly at: readonly number[]
  /** The valid taps, each flat in the window. */
  readonly taps: readonly number[]
  /** The element that each valid tap reads, flat in the input's spatial plane. */
  readonly elements: readonly number[]
  readonly divisor: number
  /** The taps of the full window. */
  readonly size: number
  /** The element, flat in the plane, that a tap of the window reads. */
  readonly elementOf: (tap: number) => number
}

const coordinates = (flat: number, extents: readonly number[]): number[] => {
  const at = extents.map(() => 0)
  let rest = flat
  for (let d = extents.length - 1; d >= 0; d--) {
    at[d] = rest % extents[d]!
    rest = Math.floor(rest / extents[d]!)
  }
  return at
}

const flatten = (at: readonly number[], extents: readonly number[]): number =>
  at.reduce((flat, x, d) => flat * extents[d]! + x, 0)

/** One dimension of one window: what each tap reads, whether inside the input or not. */
interface Span {
  readonly positions: readonly number[]
  /** The taps that count as input or padding; those beyond the high padding hang over. */
  readonly counted: number
}

const spanOf = (geometry: Geometry, d: number, o: number, extent: number, outputs: number): Span => {
  if (geometry.kind === 'sliding') {
    const { kernel, stride, low, high, dilation } = geometry.axes[d]!
    const positions = Array.from({ length: kernel }, (_, t) => o * stride - low + t * dilation)
    return { positions, counted: positions.filter((position) => position < extent + high).length }
  }
  const first = Math.floor((o * extent) / outputs)
  const end = Math.ceil(((o + 1) * extent) / outputs)
  return { positions: Array.from({ length: end - first }, (_, t) => first + t), counted: end - first }
}

const divisorOf = (geometry: Geometry, spans: readonly Span[], valid: number): number => {
  if (geometry.kind !== 'sliding') return valid
  if (geometry.divisorOverride !== null) return geometry.divisorOverride
  const counted = geometry.countIncludePad ? spans.reduce((n, span) => n * span.counted, 1) : valid
  // A window without taps has sum 0, and so mean 0.
  return Math.max(counted, 1)
}

/** All windows of one plane, in the order of the output. */
export const enumerateWindows = (geometry: Geometry, extents: readonly number[], outExtents: readonly number[]): Window[] =>
  Array.from({ length: elements(outExtents) }, (_, flat): Window => {
    const at = coordinates(flat, outExtents)
    const spans = at.map((o, d) => spanOf(geometry, d, o, extents[d]!, outExtents[d]!))
    const shape = spans.map((span) => span.positions.length)
    const positionsOf = (tap: number): number[] => coordinates(tap, shape).map((t, d) => spans[d]!.positions[t]!)
    const size = elements(shape)
    const taps: number[] = []
    const read: number[] = []
    for (let tap = 0; tap < size; tap++) {
      const positions = positionsOf(tap)
      if (!positions.every((position, d) => position >= 0 && position < extents[d]!)) continue
      taps.push(tap)
      read.push(flatten(positions, extents))
    }
    const elementOf = (tap: number): number => flatten(positionsOf(tap), extents)
    return { at, taps, elements: read, divisor: divisorOf(geometry, spans, taps.length), size, elementOf }
  })
