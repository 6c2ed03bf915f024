/**
 * Which windows read an input element, in closed form. With i + low = q * stride + r, phase r is read by the taps t with
 * t * dilation = r (mod stride), at window q + (r - t * dilation) / stride. So a table with one row a phase, made at compile
 * time, replaces every division by the stride at run time. Dilation needs nothing more; a phase without taps is a gap.
 */
import type { Geometry, SlidingAxis } from '../dsl/geometry.ts'

/** A tap that reads elements of a phase: window `q + offset` reads the element at `tap`. */
export interface Cover {
  readonly tap: number
  readonly offset: number
}

/** The covers of phases 0 to stride - 1, each in ascending order of windows. */
export const phasesOf = ({ kernel, stride, dilation }: SlidingAxis): readonly (readonly Cover[])[] =>
  Array.from({ length: stride }, (_, r) => {
    const covers: Cover[] = []
    for (let tap = kernel - 1; tap >= 0; tap--) {
      const distance = r - tap * dilation
      if (distance % stride === 0) covers.push({ tap, offset: distance / stride })
    }
    return covers
  })

/** The elements that a full window spans, gaps between its taps included. */
export const spanOf = ({ kernel, dilation }: SlidingAxis): number => (kernel - 1) * dilation + 1

/** The elements that so many windows in a row span together. */
export const reachOf = (axis: SlidingAxis, windows: number): number => (windows - 1) * axis.stride + spanOf(axis)

/** Whether no two windows can share an element, along an axis. */
export const isDisjoint = (axis: SlidingAxis): boolean => axis.stride >= spanOf(axis)

/** Whether no two windows share an element. */
export const areDisjoint = (geometry: Geometry): boolean =>
  geometry.kind === 'global' || (geometry.kind === 'sliding' && geometry.axes.every(isDisjoint))
