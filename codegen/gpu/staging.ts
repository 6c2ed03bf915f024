/**
 * Input that the threads of a block share in its shared memory: the tile of a plane that their cells read, or whole planes.
 * What windows share is then read from the device's memory once a block. A tile holds the padding too, so that reading it
 * needs no condition.
 */
import type { SlidingAxis } from '../../dsl/geometry.ts'
import { reachOf, spanOf } from '../covers.ts'
import type { Scalar, Scalars } from '../emit/scalar.ts'
import { flat, plus, times } from './flat.ts'
import type { Ground, Vector } from './ground.ts'
import type { Declaration, Kernel } from './kernel.ts'

/** A tile is of so many cells along each axis, one a thread; planes are taken so many at once. */
export type Staging = 'none' | { readonly tile: readonly number[] } | { readonly planes: number }

/** The elements of a tile along each axis, and the distance of its first from the first tap of its first window. */
export interface TileShape {
  readonly sizes: readonly number[]
  readonly before: readonly number[]
}

/** @param gathers - whether threads make the windows around their elements too */
export const tileShape = (
  axes: readonly SlidingAxis[],
  outputs: readonly number[],
  tile: readonly number[],
  gathers: boolean,
): TileShape => {
  const before = axes.map((axis) => (gathers ? Math.floor((spanOf(axis) - 1) / axis.stride) * axis.stride : 0))
  const sizes = axes.map((axis, d) => {
    const windows = tile[d]! * outputs[d]!
    const reach = reachOf(axis, windows)
    return before[d]! + Math.max(reach, gathers ? windows * axis.stride : 0)
  })
  return { sizes, before }
}

export interface Staged {
  /** The value of an element of a staged array; the conditions are those of a load from memory. */
  readonly read: (s: Scalars, array: string, e: Vector, condition: Scalar | undefined, otherwise: number) => Scalar
  /** The lines that fill the shared memory, for the arrays that were read so far. */
  readonly fill: () => string[]
  /** Where a thread's first tap lies in the shared memory. */
  readonly base: Declaration
  /** How many arrays were read. */
  readonly count: () => number
}

/** The arrays of a kernel that are staged: what each is called in shared memory, and what stands outside the input. */
class StagedArrays {
  readonly all = new Map<string, { readonly name: string; readonly padding: number }>()
  private readonly k: Kernel
  private readonly suffix: string

  constructor(k: Kernel, suffix: string) {
    this.k = k
    this.suffix = suffix
  }

  nameOf(array: string, padding: number): string {
    const known = this.all.get(array)
    if (known) return known.name
    const name = this.k.names.fresh(`${array}${this.suffix}`)
    this.all.set(array, { name, padding })
    return name
  }
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1)

const capital = (text: string): string => text.toUpperCase()

/** A tile of a plane. */
export const stageTile = (k: Kernel, ground: Ground, tile: readonly number[], { sizes, before }: TileShape): Staged => {
  const { axes, schedule, index, storage } = k.of
  const { constant, loop, thread, choose, literal, within, source } = k.dialect
  const arrays = new StagedArrays(k, 'Tile')
  const distance = (vector: Vector): number => vector.reduce((at, x, d) => at * sizes[d]! + x, 0)
  const local = flat(
    axes.map((a) => `${a.i} - origin${capital(a.letter)}`),
    sizes.map(String),
  )
  return {
    read: (s, array, e, _condition, otherwise) =>
      s.load(arrays.nameOf(array, otherwise), s.atom(plus('local', distance(e)), 'int'), 'float'),
    fill: () => {
      const lines: string[] = []
      for (const [d, a] of axes.entries()) {
        const { stride, low } = ground.axes[d]!
        const step = stride * schedule.outputsPerThread[d]! * tile[d]!
        const shift = low + before[d]!
        lines.push(constant(`origin${capital(a.letter)}`, 'int', plus(times(`tile${capital(a.letter)}`, step), -shift)))
      }
      const size = product(sizes)
      for (const { name } of arrays.all.values()) lines.push(k.dialect.shared(name, storage.real, size))
      lines.push(loop('at', thread, String(size), schedule.threads))
      let below = size
      axes.forEach((a, d) => {
        below /= sizes[d]!
        const rest = d === 0 ? 'at' : `at % ${below * sizes[d]!}`
        const along = below === 1 ? rest : `${rest} / ${below}`
        lines.push(constant(`at${capital(a.letter)}`, 'int', `origin${capital(a.letter)} + ${along}`))
      })
      const inside = axes.map((a) => within(`at${capital(a.letter)}`, a.extent)).join(' && ')
      const address = k.position(
        'extent',
        axes.map((a) => `at${capital(a.letter)}`),
      )
      lines.push(constant('inside', 'bool', inside), constant(source, index, address))
      for (const [array, { name, padding }] of arrays.all) {
        const outside = literal(padding, 'float', storage.real)
        lines.push(`${name}[at] = ${choose('inside', k.load(array, source), outside)};`)
      }
      lines.push('}', k.dialect.barrier)
      return lines
    },
    base: k.constant('local', 'int', local),
    count: () => arrays.all.size,
  }
}

/** Whole planes, as they lie in memory. */
export const stagePlanes = (k: Kernel, planes: number): Staged => {
  const { axes, schedule, index, storage } = k.of
  const arrays = new StagedArrays(k, 'Planes')
  const extents = axes.map((a) => a.extent)
  const offset = (e: Vector): string =>
    e
      .map((x, d) => {
        if (x === 0) return ''
        const below = extents.slice(d + 1).join(' * ')
        return ` ${x < 0 ? '-' : '+'} ${below === '' ? Math.abs(x) : Math.abs(x) === 1 ? below : `${Math.abs(x)} * ${below}`}`
      })
      .join('')
  return {
    read: (s, array, e, condition, otherwise) =>
      s.guarded(condition, arrays.nameOf(array, otherwise), s.atom(`local${offset(e)}`, 'int'), 'float', otherwise),
    fill: () => {
      const names = [...arrays.all.values()]
      const lines = k.dialect.sharedPlanes(
        names.map(({ name }) => name),
        storage.real,
        planes,
        extents.join(' * '),
      )
      lines.push(
        k.dialect.loop('at', k.dialect.thread, 'planes * points', schedule.threads),
        k.dialect.constant(k.dialect.source, index, 'firstPlane * points + at'),
        ...[...arrays.all].map(([array, { name }]) => `${name}[at] = ${k.load(array, k.dialect.source)};`),
        '}',
        k.dialect.barrier,
      )
      return lines
    },
    base: k.constant('local', 'int', flat(['own', ...axes.map((a) => a.i)], ['', ...extents])),
    count: () => arrays.all.size,
  }
}
