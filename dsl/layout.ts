/** How a tensor's axes are ordered: samples first; then channels and the spatial dimensions, or those in turn. */
import { GeometryError } from './errors.ts'
import type { Geometry } from './geometry.ts'

/** The axes of a tensor of the input's or the output's kind, told apart. */
export interface SplitShape {
  readonly samples: number
  readonly channels: number
  /** Spatial extents, depth before height before width. */
  readonly extents: readonly number[]
}

/**
 * Splits the shape of an input or an output by the geometry's layout.
 * @throws GeometryError where the rank is not the geometry's
 */
export const splitShape = (geometry: Pick<Geometry, 'dims' | 'layout'>, shape: readonly number[]): SplitShape => {
  const { dims, layout } = geometry
  if (shape.length !== dims + 2) {
    const axes = layout === 'channels-last' ? `N, ${dims} spatial, C` : `N, C, ${dims} spatial`
    throw new GeometryError(
      `the geometry has ${dims} spatial dimensions, so a tensor has rank ${dims + 2} (${axes}), but its shape is [${shape.join(', ')}]`,
    )
  }
  const [samples, ...rest] = shape
  const channels = layout === 'channels-last' ? rest.at(-1) : rest[0]
  return { samples: samples!, channels: channels!, extents: layout === 'channels-last' ? rest.slice(0, -1) : rest.slice(1) }
}

/** The shape of a tensor of the input's or the output's kind, in the geometry's layout. */
export const joinShape = (geometry: Pick<Geometry, 'layout'>, { samples, channels, extents }: SplitShape): number[] =>
  geometry.layout === 'channels-last' ? [samples, ...extents, channels] : [samples, channels, ...extents]
