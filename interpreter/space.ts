/**
 * The points that a program visits, enumerated for the interpreter: windows with their valid taps, elements with the
 * windows that cover them (by the compiler's cover formula, which is thereby tested), and how tensors are laid out.
 */
import { phasesOf } from '../codegen/covers.ts'
import type { Geometry } from '../dsl/geometry.ts'
import { elements } from '../dsl/tensor.ts'

/** A tap of a window and the input element that it reads, both flat. */
export interface Read {
  readonly tap: number
  readonly element: number
}

/** A window that reads an element, and at which tap. */
export interface CoverPair {
  readonly window: number
  readonly tap: number
}

/** What one launch covers. `extents` and `outExtents` are spatial. */
export interface Space {
  readonly geometry: Geometry
  readonly samples: number
  readonly channels: number
  readonly extents: readonly number[]
  readonly outExtents: readonly number[]
  /** The taps of a window that read an element, in order. */
  readonly reads: (window: number) => readonly Read[]
  readonly covers: (element: number) => readonly CoverPair[]
  /** What a mean divides by when no override is given. */
  readonly divisor: (window: number) => number
  /** The row-major index of a tap in the plane, for a window. */
  readonly flatIndex: (window: number, tap: number) => number
  readonly coordinates: (flat: number, extents: readonly number[]) => number[]
}

export const coordinates = (flat: number, extents: readonly number[]): number[] => {
  const at = new Array<number>(extents.length)
  let rest = flat
  for (let d = extents.length - 1; d >= 0; d--) {
    at[d] = rest % extents[d]!
    rest = Math.floor(rest / extents[d]!)
  }
  return at
}

export const flatten = (at: readonly number[], extents: readonly number[]): number =>
  at.reduce((flat, x, d) => flat * extents[d]! + x, 0)

/** One dimension: for each window the taps and the elements that they read; for each element its covers. */
interface AxisSpace {
  readonly taps: (window: number) => readonly Read[]
  readonly covers: (element: number) => readonly CoverPair[]
  readonly divisor: (window: number) => number
  readonly kernel: (window: number) => number
}

const axisSpace = (geometry: Geometry, d: number, extent: number, out: number): AxisSpace => {
  if (geometry.kind === 'sliding') {
    const axis = geometry.axes[d]!
    const phases = phasesOf(axis)
    const position = (window: number, tap: number): number => window * axis.stride - axis.low + tap * axis.dilation
    const all = Array.from({ length: axis.kernel }, (_, tap) => tap)
    return {
      taps: (window) =>
        all.map((tap) => ({ tap, element: position(window, tap) })).filter((x) => x.element >= 0 && x.element < extent),
      covers: (element) => {
        const q = Math.floor((element + axis.low) / axis.stride)
        const phase = phases[(element + axis.low) % axis.stride]!
        return phase.map(({ tap, offset }) => ({ window: q + offset, tap })).filter((x) => x.window >= 0 && x.window < out)
      },
      divisor: (window) => all.filter((tap) => position(window, tap) < extent + axis.high).length,
      kernel: () => axis.kernel,
    }
  }
  const start = (window: number): number => Math.floor((window * extent) / out)
  const end = (window: number): number => Math.floor(((window + 1) * extent + out - 1) / out)
  return {
    taps: (window) => Array.from({ length: end(window) - start(window) }, (_, tap) => ({ tap, element: start(window) + tap })),
    covers: (element) => {
      const first = Math.floor((element * out) / extent)
      const last = Math.floor(((element + 1) * out - 1) / extent)
      return Array.from({ length: last - first + 1 }, (_, k) => ({ window: first + k, tap: element - start(first + k) }))
    },
    divisor: (window) => end(window) - start(window),
    kernel: (window) => end(window) - start(window),
  }
}

const product = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((all, list) => all.flatMap((head) => list.map((x) => [...head, x])), [[]])

/** Enumerates a launch; results per window and per element are kept. */
export const spaceOf = (
  geometry: Geometry,
  samples: number,
  channels: number,
  extents: readonly number[],
  outExtents: readonly number[],
): Space => {
  const axes = extents.map((extent, d) => axisSpace(geometry, d, extent, outExtents[d]!))
  const readsOf: (readonly Read[] | undefined)[] = new Array(elements(outExtents))
  const coversOf: (readonly CoverPair[] | undefined)[] = new Array(elements(extents))
  const kernels = (at: readonly number[]): number[] => axes.map((axis, d) => axis.kernel(at[d]!))
  return {
    geometry,
    samples,
    channels,
    extents,
    outExtents,
    coordinates,
    reads: (window) => {
      const known = readsOf[window]
      if (known) return known
      const at = coordinates(window, outExtents)
      const kernel = kernels(at)
      const made = product(axes.map((axis, d) => axis.taps(at[d]!))).map((reads) => ({
        tap: flatten(
          reads.map((x) => x.tap),
          kernel,
        ),
        element: flatten(
          reads.map((x) => x.element),
          extents,
        ),
      }))
      readsOf[window] = made
      return made
    },
    covers: (element) => {
      const known = coversOf[element]
      if (known) return known
      const at = coordinates(element, extents)
      const made = product(axes.map((axis, d) => axis.covers(at[d]!))).map((pairs) => {
        const where = pairs.map((x) => x.window)
        return {
          window: flatten(where, outExtents),
          tap: flatten(
            pairs.map((x) => x.tap),
            kernels(where),
          ),
        }
      })
      coversOf[element] = made
      return made
    },
    divisor: (window) => {
      if (geometry.kind === 'sliding' && geometry.divisorOverride !== null) return geometry.divisorOverride
      const at = coordinates(window, outExtents)
      const counted = geometry.kind !== 'sliding' || geometry.countIncludePad
      const n = counted
        ? axes.reduce((p, axis, d) => p * axis.divisor(at[d]!), 1)
        : axes.reduce((p, axis, d) => p * axis.taps(at[d]!).length, 1)
      return Math.max(n, 1)
    },
    flatIndex: (window, tap) => {
      const at = coordinates(window, outExtents)
      const taps = coordinates(tap, kernels(at))
      const where = taps.map((t, d) => {
        if (geometry.kind !== 'sliding') return Math.floor((at[d]! * extents[d]!) / outExtents[d]!) + t
        const axis = geometry.axes[d]!
        return at[d]! * axis.stride - axis.low + t * axis.dilation
      })
      return flatten(where, extents)
    },
  }
}
