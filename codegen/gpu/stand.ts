/**
 * From a thread's number to what it works on: the innermost axis first, channels-last the channel before it. These are the
 * only divisions by sizes of a launch that a kernel has, one an axis and thread.
 */
import type { Type } from './dialect.ts'
import { bracketed, times } from './flat.ts'
import type { Declaration, Kernel } from './kernel.ts'

/** One factor of a number that is taken apart: the variable that is set, and how far it goes on with each item. */
export interface Factor {
  readonly variable: string
  readonly size: string
  readonly step?: number
}

interface ApartOptions {
  /** What is left when all factors are taken out. */
  readonly left?: { readonly name: string; readonly type: Type }
  /** What is left on the way goes by this name and a number: two of one scope need two. */
  readonly rest?: string
}

/**
 * Takes a row-major index apart, outermost factor first in the list; the inverse of `flat`.
 * @param type - of the index, and of what is left of it on the way
 */
export const apart = (
  k: Kernel,
  index: string,
  type: Type,
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
      k.constant(
        variable,
        'int',
        type === 'int' ? times(value, step) : `${k.dialect.cast('int', bracketed(value))}${step === 1 ? '' : ` * ${step}`}`,
      ),
    )
    if (isLast) break
    const rest = f === 0 ? left! : { name: `${between}${f}`, type }
    lines.push(k.constant(rest.name, rest.type, `${at} / ${size}`))
    at = rest.name
  }
  if (factors.length === 0 && left) lines.push(k.constant(left.name, left.type, k.dialect.cast(left.type, at)))
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
const counted = (k: Kernel, axes: readonly AxisItems[]): { readonly counts: Declaration[]; readonly factors: Factor[] } => {
  const several = axes.filter((x) => x.count !== '1')
  const nameOf = (d: number): string => words[several.length - 1 - d]!
  return {
    counts: several.map((x, d) => k.constant(nameOf(d), 'int', x.count)),
    factors: several.map(({ variable, step }, d) => ({ variable, step, size: nameOf(d) })),
  }
}

const product = (factors: readonly Factor[]): string => factors.map((x) => x.size).join(' * ')

/** The sample and the channel of a plane. */
const planeParts = (k: Kernel): readonly Declaration[] => [
  k.constant('n', 'int', k.dialect.cast('int', '(plane / channels)')),
  k.constant('c', 'int', k.dialect.cast('int', '(plane % channels)')),
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
  const type = k.unsigned
  const { counts, factors } = counted(k, axes)
  const groups = channels === 1 ? 'channels' : `(channels / ${channels})`
  const total = product([{ variable: '', size: 'samples' }, { variable: '', size: groups }, ...factors])
  const cells = k.dialect.cast(type, index === 'int' ? `(${total})` : total)
  const end = stays
    ? [
        k.constant('item', type, cell),
        ...counts,
        k.constant('cells', type, cells),
        k.constant('live', 'bool', 'item < cells'),
        k.constant('cell', type, k.dialect.choose('item < cells', 'item', 'cells - 1')),
      ]
    : [k.constant('cell', type, cell), ...counts, { name: '', line: k.dialect.when(`cell >= ${cells}`, 'return;') }]
  const places = first ? factors : [...factors, { variable: 'c', size: groups, step: channels }]
  const left = { name: first ? 'plane' : 'n', type: index }
  return [pointsOf(k), ...end, ...apart(k, 'cell', type, places, { left }), ...(first ? planeParts(k) : [])]
}

/**
 * Each warp stands in one plane: its threads beyond the last item of the plane stay on that, and are not `live`. Warps beyond
 * the last plane end, or stay on it too where all threads of a block must.
 */
export const standOfWarps = (k: Kernel, axes: readonly AxisItems[], cell: string): Declaration[] => {
  const { index } = k.of
  const type = k.unsigned
  const slots = `${k.dialect.cast(type, 'samples')} * channels * rounded`
  const slot = k.dialect.together ? 'slot' : 'cell'
  const { counts, factors } = counted(k, axes)
  return [
    pointsOf(k),
    k.constant('cell', type, cell),
    ...counts,
    k.constant('cells', 'int', product(factors)),
    k.constant('rounded', 'int', '(cells + 31) / 32 * 32'),
    ...(k.dialect.together
      ? [k.constant('slots', type, slots), k.constant('slot', type, 'min(cell, slots - 1)')]
      : [{ name: '', line: k.dialect.when(`cell >= ${slots}`, 'return;') }]),
    k.constant('plane', index, `${slot} / rounded`),
    k.constant('place', 'int', `${slot} % rounded`),
    k.constant('live', 'bool', k.dialect.together ? 'cell < slots && place < cells' : 'place < cells'),
    k.constant('own', 'int', 'min(place, cells - 1)'),
    ...apart(k, 'own', 'int', factors),
    ...planeParts(k),
  ]
}

/** The declarations before shared memory is filled, and those of each thread's own cell. */
export interface StagedStand {
  readonly before: Declaration[]
  readonly own: Declaration[]
}

/** A block takes a tile of a plane. */
export const standOfTiles = (k: Kernel, axes: readonly AxisItems[], tile: readonly number[]): StagedStand => {
  const { counts, factors } = counted(k, axes)
  const letters = k.of.axes.map((a) => a.letter.toUpperCase())
  const tiles = factors.map(({ size }, d) => k.constant(`tiles${letters[d]!}`, 'int', partsOf(size, 0, tile[d]!)))
  const ofTile = tiles.map((x, d): Factor => ({ variable: `tile${letters[d]!}`, size: x.name }))
  const before = [
    pointsOf(k),
    ...counts,
    ...tiles,
    k.constant('tile', 'unsigned', k.dialect.block),
    ...(k.dialect.together
      ? [
          {
            name: '',
            line: k.dialect.when(`tile >= ${['samples', 'channels', ...tiles.map((x) => x.name)].join(' * ')}`, 'return;'),
          },
        ]
      : []),
    ...apart(k, 'tile', 'unsigned', ofTile, { left: { name: 'plane', type: k.of.index } }),
  ]
  const inTile = tile.map((n, d): Factor => ({ variable: `cell${letters[d]!}`, size: String(n) }))
  const own = [
    ...apart(k, k.dialect.thread, 'int', inTile, { rest: 'within' }),
    ...tile.map((n, d) => k.constant(`own${letters[d]!}`, 'int', `tile${letters[d]!} * ${n} + cell${letters[d]!}`)),
    k.constant('live', 'bool', factors.map(({ size }, d) => `own${letters[d]!} < ${size}`).join(' && ')),
    // A thread beyond the plane stays on the last cell, and writes nothing.
    ...factors.map(({ variable, size, step = 1 }, d) =>
      k.constant(variable, 'int', `min(own${letters[d]!}, ${size} - 1)${step === 1 ? '' : ` * ${step}`}`),
    ),
    ...planeParts(k),
  ]
  return { before, own }
}

/** A block takes whole planes, whose cells its threads take in turn. */
export const standOfPlanes = (k: Kernel, axes: readonly AxisItems[], planes: number): StagedStand => {
  const { index } = k.of
  const { counts, factors } = counted(k, axes)
  const of = (text: string): string => k.dialect.cast(index, text)
  const before = [
    pointsOf(k),
    ...counts,
    k.constant('cells', 'int', product(factors)),
    k.constant('firstPlane', index, `${k.dialect.cast(index, k.dialect.block)} * ${planes}`),
    k.constant('planes', 'int', k.dialect.cast('int', `min(${of(String(planes))}, ${of('samples')} * channels - firstPlane)`)),
  ]
  const own = [
    ...apart(k, 'item', 'int', factors, { left: { name: 'own', type: 'int' } }),
    k.constant('plane', index, 'firstPlane + own'),
    ...planeParts(k),
  ]
  return { before, own }
}

/** The elements of a plane. */
export const pointsOf = (k: Kernel): Declaration =>
  k.constant('points', 'int', ['depth', 'height', 'width'].slice(3 - k.of.program.geometry.dims).join(' * '))

/** The number of a thread of the whole launch. */
export const threadOf = (k: Kernel, threads: number): string => k.dialect.threadOf(threads, k.of.index)
