/** What the loops of a kernel call a spatial dimension, in every target. */
import type { Geometry } from '../../dsl/geometry.ts'

/** One spatial dimension of a kernel. Global pooling has one, over the whole plane. */
export interface AxisNames {
  readonly extent: string
  readonly out: string
  /** The window's index, the element's index. */
  readonly o: string
  readonly i: string
  readonly letter: string
}

const spatial: readonly AxisNames[] = [
  { extent: 'depth', out: 'outDepth', o: 'od', i: 'id', letter: 'd' },
  { extent: 'height', out: 'outHeight', o: 'oh', i: 'ih', letter: 'h' },
  { extent: 'width', out: 'outWidth', o: 'ow', i: 'iw', letter: 'w' },
]
const plane: AxisNames = { extent: 'points', out: '1', o: '0', i: 'i', letter: '' }

export const axesOf = (geometry: Geometry): readonly AxisNames[] =>
  geometry.kind === 'global' ? [plane] : spatial.slice(3 - geometry.dims)
