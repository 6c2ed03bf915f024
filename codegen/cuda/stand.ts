/**
 * From a thread's number to what it works on: the innermost axis first, channels-last the channel before it. These are the
 * only divisions by sizes of a launch that a kernel has, one an axis and thread.
 */
import { bracketed, times } from './flat.ts'
import type { Declaration, Kernel } from './kernel.ts'

/** A constant of a kernel. */
export const declared = (name: string, type: string, text: string): Declaration => ({
  name,
  line: `const ${type} ${name} = ${text};`,
})

/** One factor of a number that is taken apart: the variable that is set, and how far it goes on with each item. */
export interface Factor {
  readonly variable: string
  readonly size: string
  readonly step?: number
}

interface ApartOptions {
  /** What is left when all factors are taken out. */
  readonly left?: { readonly name: string; readonly type: string }
  /** What is left on the way goes by this name and a number: two of one scope need two. */
  readonly rest?: string
}

/**
 * Takes a row-major index apart, outermost factor first in the list; the inverse of `flat`.
 * @param type - of the index, and of what is left of it on the way
 */
export const apart = (
  index: string,
  type: string,
  factors: readonly Factor[],
  { left, rest: between = 'rest' }: ApartOptions = {},
): Declaration[] => {
  const lines: Declaration[] = []
  let at = index
  for (const [f, { variable, size, step = 1 }] of [...factors.entries()].reverse()) {
    const isLast = f === 0 && left === undefined
    const value = isLast ? at : `${at} % ${size}`
    // A cast binds tighter than a product.
    lines.push(
      declared(
        variable,
        'int',
        type === 'int' ? times(value, step) : `(int)${bracketed(value)}${step === 1 ? '' : ` * ${step}`}`,
      ),
    )
    if (isLast) break
    const rest = f === 0 ? left! : { name: `${between}${f}`, type }
    lines.push(declared(rest.name, rest.type, `${at} / ${size}`))
    at = rest.name
  }
  if (factors.length === 0 && left) lines.push(declared(left.name, left.type, `(${left.type})${at}`))
  return lines
}

export interface AxisItems {
  /** The variable that is set, and how far it goes on with each item. */
  readonly variable: string
  readonly step: number
  /** The number of items along the axis, as an expression. */
  readonly count: string
}

/** `size` in parts of `per`, rounded up. */
export const partsOf = (size: string, plus: number, per: number): string => {
  const rest = plus + per - 1
  const sum = rest === 0 ? size : `${size} + ${rest}`
  return per === 1 ? sum : `(${sum}) / ${per}`
}

/** What the items along an axis are called: columns of a line, lines of a sheet. */
const words = ['columns', 'lines', 'sheets'] as const

/** The numbers of items along axes, and the axes as factors of an item's number. An axis with one item is none. */
const counted = (axes: readonly AxisItems[]): { readonly counts: Declaration[]; readonly factors: Factor[] } => {
  const several = axes.filter((x) => x.count !== '1')
  const nameOf = (d: number): string => words[several.length - 1 - d]!
  return {
    counts: several.map((x, d) => declared(nameOf(d), 'int', x.count)),
    factors: several.map(({ variable, step }, d) => ({ variable, step, size: nameOf(d) })),
  }
}

const product = (factors: readonly Factor[]): string => factors.map((x) => x.size).join(' * ')

const unsignedOf = (k: Kernel): string => (k.of.index === 'int' ? 'unsigned' : 'long long')

/** The sample and the channel of a plane. */
const planeParts: readonly Declaration[] = [
  declared('n', 'int', '(int)(plane / channels)'),
  declared('c', 'int', '(int)(plane % channels)'),
]

export interface StandOptions {
  /** The thread's item, as an expression. */
  readonly cell: string
  /** Whether threads without an item of their own stay, on the last one. */
  readonly stays: boolean
  /** Channels of an item. */
  readonly channels?: number
}

/**
 * The declarations of `plane` (channels-first) or `n` and `c`, and of each axis' variable, from `cell`; and the line that
 * ends threads beyond the last item, or, where threads must stay, takes them to it.
 */
export const standOf = (k: Kernel, axes: readonly AxisItems[], { cell, stays, channels = 1 }: StandOptions): Declaration[] => {
  const { index, first } = k.of
  const type = unsignedOf(k)
  const { counts, factors } = counted(axes)
  const groups = channels === 1 ? 'channels' : `(channels / ${channels})`
  const total = product([{ variable: '', size: 'samples' }, { variable: '', size: groups }, ...factors])
  const cells = index === 'int' ? `(unsigned)(${total})` : `(long long)${total}`
  const end = stays
    ? [
        declared('item', type, cell),
        ...counts,
        declared('cells', type, cells),
        declared('live', 'bool', 'item < cells'),
        declared('cell', type, 'item < cells ? item : cells - 1'),
      ]
    : [declared('cell', type, cell), ...counts, { name: '', line: `if (cell >= ${cells}) return;` }]
  const places = first ? factors : [...factors, { variable: 'c', size: groups, step: channels }]
  const left = { name: first ? 'plane' : 'n', type: index }
  return [pointsOf(k), ...end, ...apart('cell', type, places, { left }), ...(first ? planeParts : [])]
}

/** Each warp stands in one plane: its threads beyond the last item of the plane stay on that, and are not `live`. */
export const standOfWarps = (k: Kernel, axes: readonly AxisItems[], cell: string): Declaration[] => {
  const { index } = k.of
  const type = unsignedOf(k)
  const { counts, factors } = counted(axes)
  return [
    pointsOf(k),
    declared('cell', type, cell),
    ...counts,
    declared('cells', 'int', product(factors)),
    declared('rounded', 'int', '(cells + 31) / 32 * 32'),
    { name: '', line: `if (cell >= (${type})samples * channels * rounded) return;` },
    declared('plane', index, 'cell / rounded'),
    declared('place', 'int', 'cell % rounded'),
    declared('live', 'bool', 'place < cells'),
    declared('own', 'int', 'min(place, cells - 1)'),
    ...apart('own', 'int', factors),
    ...planeParts,
  ]
}

/** The declarations before shared memory is filled, and those of each thread's own cell. */
export interface StagedStand {
  readonly before: Declaration[]
  readonly own: Declaration[]
}

/** A block takes a tile of a plane. */
export const standOfTiles = (k: Kernel, axes: readonly AxisItems[], tile: readonly number[]): StagedStand => {
  const { counts, factors } = counted(axes)
  const letters = k.of.axes.map((a) => a.letter.toUpperCase())
  const tiles = factors.map(({ size }, d) => declared(`tiles${letters[d]!}`, 'int', partsOf(size, 0, tile[d]!)))
  const ofTile = tiles.map((x, d): Factor => ({ variable: `tile${letters[d]!}`, size: x.name }))
  const before = [
    pointsOf(k),
    ...counts,
    ...tiles,
    declared('tile', 'unsigned', 'blockIdx.x'),
    ...apart('tile', 'unsigned', ofTile, { left: { name: 'plane', type: k.of.index } }),
  ]
  const inTile = tile.map((n, d): Factor => ({ variable: `cell${letters[d]!}`, size: String(n) }))
  const own = [
    ...apart('threadIdx.x', 'int', inTile, { rest: 'within' }),
    ...tile.map((n, d) => declared(`own${letters[d]!}`, 'int', `tile${letters[d]!} * ${n} + cell${letters[d]!}`)),
    declared('live', 'bool', factors.map(({ size }, d) => `own${letters[d]!} < ${size}`).join(' && ')),
    // A thread beyond the plane stays on the last cell, and writes nothing.
    ...factors.map(({ variable, size, step = 1 }, d) =>
      declared(variable, 'int', `min(own${letters[d]!}, ${size} - 1)${step === 1 ? '' : ` * ${step}`}`),
    ),
    ...planeParts,
  ]
  return { before, own }
}

/** A block takes whole planes, whose cells its threads take in turn. */
export const standOfPlanes = (k: Kernel, axes: readonly AxisItems[], planes: number): StagedStand => {
  const { index } = k.of
  const { counts, factors } = counted(axes)
  const before = [
    pointsOf(k),
    ...counts,
    declared('cells', 'int', product(factors)),
    declared('firstPlane', index, `(${index})blockIdx.x * ${planes}`),
    declared('planes', 'int', `(int)min((${index})${planes}, (${index})samples * channels - firstPlane)`),
  ]
  const own = [
    ...apart('item', 'int', factors, { left: { name: 'own', type: 'int' } }),
    declared('plane', index, 'firstPlane + own'),
    ...planeParts,
  ]
  return { before, own }
}

/** The elements of a plane. */
export const pointsOf = (k: Kernel): Declaration =>
  declared('points', 'int', ['depth', 'height', 'width'].slice(3 - k.of.program.geometry.dims).join(' * '))

/** The number of a thread of the whole launch. */
export const threadOf = (k: Kernel, threads: number): string =>
  k.of.index === 'int' ? `blockIdx.x * ${threads}u + threadIdx.x` : `(long long)blockIdx.x * ${threads} + threadIdx.x`
