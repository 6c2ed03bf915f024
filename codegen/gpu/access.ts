/**
 * How a cell reads and writes tensors of the input's and of the output's shape: element by element, or several at once, along
 * a row (channels-first) or over neighbouring channels (channels-last). A vector stands at a multiple of its width, so along a
 * row it lies inside the tensor or outside of it as a whole.
 */
import type { ValueType } from '../../dsl/expression.ts'
import type { Statement } from '../emit/block.ts'
import type { Scalar, Scalars } from '../emit/scalar.ts'
import { plus } from './flat.ts'
import { digits, type Ground, type Vector } from './ground.ts'
import type { Kernel } from './kernel.ts'
import type { Staged } from './staging.ts'

/** Elements of one access: of an input's row, of an output's row, and channels. At least two of one are 1. */
export interface Vectors {
  readonly row: number
  readonly out: number
  readonly channels: number
}

/** What the elements of a vector are called. */
export const components = ['x', 'y', 'z', 'w'] as const

export const scalarAccess: Vectors = { row: 1, out: 1, channels: 1 }

/** A tensor of the input's shape, or of the output's. */
export type Shape = 'row' | 'out'

/** Where an element stands: in which vector, and in which place of it. */
interface Pack {
  readonly base: Vector
  readonly width: number
  readonly lane: number
}

export interface Access {
  /** The condition of a whole vector is that of its first element. */
  readonly read: (
    array: string,
    shape: Shape,
    at: Vector,
    condition: (at: Vector) => Scalar | undefined,
    type: ValueType,
    otherwise: number,
  ) => Scalar
  /** The vector that an element is loaded with, and which of its elements it is; `undefined` where it is loaded alone. */
  readonly whole: (
    array: string,
    shape: Shape,
    at: Vector,
    condition: (at: Vector) => Scalar | undefined,
    otherwise: number,
  ) => { readonly vector: Scalar; readonly lane: number } | undefined
  readonly write: (array: string, shape: Shape, at: Vector, condition: (at: Vector) => Scalar | undefined, value: Scalar) => void
  /** What was written so far, vectors where all of their elements were. */
  readonly statements: () => Statement[]
}

/** The elements of the last axis that a cell touches, so that nothing is loaded of which little is used. */
export interface Touched {
  readonly row: ReadonlySet<number>
  readonly out: ReadonlySet<number>
}

interface Write {
  readonly array: string
  readonly shape: Shape
  readonly pack: Pack
  readonly condition: (at: Vector) => Scalar | undefined
  readonly value: Scalar
}

/** @param channel - which of the channels of a vector's this text is for */
export const accessOf = (
  k: Kernel,
  s: Scalars,
  ground: Ground,
  touched: Touched,
  staged: Staged | undefined,
): ((channel: number) => Access) => {
  const { vectors } = k.of
  const last = ground.axes.length - 1
  const address = { row: ground.elementAddress, out: ground.windowAddress }
  const phase = { row: ground.axes[last]!.low, out: 0 }
  const int = (text: string): Scalar => s.atom(text, 'int')
  const packOf = (shape: Shape, at: Vector, channel: number): Pack => {
    if (vectors.channels > 1) return { base: at, width: vectors.channels, lane: channel }
    const width = vectors[shape]
    const along = at[last]! - phase[shape]
    const lane = ((along % width) + width) % width
    const start = at[last]! - lane
    const used = Array.from({ length: width }, (_, x) => start + x).filter((x) => touched[shape].has(x)).length
    if (width === 1 || used < 2) return { base: at, width: 1, lane: 0 }
    return { base: [...at.slice(0, -1), start], width, lane }
  }
  const writes: Write[] = []
  const single = ({ array, shape, pack, condition, value }: Write): Statement => {
    const at = pack.base.map((x, d) => (d === last && vectors.channels === 1 ? x + pack.lane : x))
    const when = condition(at)
    const index = plus(address[shape](at), vectors.channels > 1 ? pack.lane : 0)
    return {
      values: when ? [when, value] : [value],
      line: (text) => k.where(when && text(when), k.store(array, index, value, text(value))),
    }
  }
  const whole = (group: readonly Write[]): Statement => {
    const [{ array, shape, pack, condition }] = group as [Write, ...Write[]]
    const when = condition(pack.base)
    const values = [...group].sort((a, b) => a.pack.lane - b.pack.lane).map((x) => x.value)
    return {
      values: when ? [when, ...values] : values,
      line: (text) => {
        const parts = values.map((value) => ({ value, text: text(value) }))
        return k.where(when && text(when), k.storeVector(array, address[shape](pack.base), parts))
      },
    }
  }
  const statements = (): Statement[] => {
    const groups = new Map<string, Write[]>()
    for (const write of writes) {
      const key = `${write.array} ${write.pack.base.join()} ${write.pack.width}`
      groups.set(key, [...(groups.get(key) ?? []), write])
    }
    return [...groups.values()].flatMap((group) => {
      const { width } = group[0]!.pack
      return width > 1 && group.length === width ? [whole(group)] : group.map(single)
    })
  }
  const vectorAt = (
    array: string,
    base: Vector,
    index: Scalar,
    width: number,
    condition: (at: Vector) => Scalar | undefined,
    type: ValueType,
    otherwise: number,
  ): Scalar => {
    const vector = s.vector(condition(base), { buffer: array, index, width }, type, otherwise)
    vector.hint ??= `${array}${digits(base)}v`
    return vector
  }
  return (channel) => ({
    whole: (array, shape, at, condition, otherwise) => {
      const { base, width, lane } = packOf(shape, at, channel)
      if (width === 1 || staged) return undefined
      return { vector: vectorAt(array, base, int(address[shape](base)), width, condition, 'float', otherwise), lane }
    },
    read: (array, shape, at, condition, type, otherwise) => {
      if (staged && shape === 'row') return staged.read(s, array, at, condition(at), otherwise)
      const pack = packOf(shape, at, channel)
      const { base, width, lane } = pack
      const index = int(address[shape](base))
      if (width === 1) return s.guarded(condition(base), array, index, type, otherwise)
      return s.component(vectorAt(array, base, index, width, condition, type, otherwise), lane)
    },
    write: (array, shape, at, condition, value) => {
      writes.push({ array, shape, pack: packOf(shape, at, channel), condition, value })
    },
    statements,
  })
}
