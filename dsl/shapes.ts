/** The shapes that a parameter or a random value may have, by name or by the axes that vary. */
import { allDims, type Level } from './level.ts'

/** An axis of the output, by name. `depth` stands first of three spatial dimensions, `height` first of two. */
export type Axis = 'sample' | 'channel' | 'depth' | 'height' | 'width'

/** The shapes with a name; `position` is one value an output element, `kernel` one a tap. */
export type NamedShape = 'scalar' | 'channel' | 'sample' | 'sample-channel' | 'position' | 'kernel'

/** A parameter's shape: a name, or the list of output axes along which it varies (the others are broadcast). */
export type ParamShape = NamedShape | readonly Axis[]

/** A random value's shape: as a parameter's, or one value an input element, or one for each window and tap. */
export type RandomShape = ParamShape | 'input' | 'window'

export const namedShapes = [
  'scalar',
  'channel',
  'sample',
  'sample-channel',
  'position',
  'kernel',
] as const satisfies readonly NamedShape[]

const bits: Record<'depth' | 'height' | 'width', number> = { width: 1, height: 2, depth: 4 }

/** The level of a parameter or random value of this shape. */
export const shapeLevel = (shape: RandomShape): Level => {
  if (typeof shape !== 'string') {
    let dims = 0
    for (const axis of shape) if (axis !== 'sample' && axis !== 'channel') dims |= bits[axis]
    return { n: shape.includes('sample'), c: shape.includes('channel'), place: dims ? 'out' : 'none', dims }
  }
  switch (shape) {
    case 'scalar':
      return { n: false, c: false, place: 'none', dims: 0 }
    case 'channel':
      return { n: false, c: true, place: 'none', dims: 0 }
    case 'sample':
      return { n: true, c: false, place: 'none', dims: 0 }
    case 'sample-channel':
      return { n: true, c: true, place: 'none', dims: 0 }
    case 'position':
      return { n: true, c: true, place: 'out', dims: allDims }
    case 'kernel':
      return { n: false, c: false, place: 'tap', dims: 0 }
    case 'input':
      return { n: true, c: true, place: 'in', dims: 0 }
    case 'window':
      return { n: true, c: true, place: 'window', dims: allDims }
    default:
      return shape satisfies never
  }
}
