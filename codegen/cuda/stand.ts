/**
 * From a thread's number to what it works on: the innermost axis first, channels-last the channel before it. These are the
 * only divisions by sizes of a launch that a kernel has, one an axis and thread.
 */
import type { Declaration, Kernel } from './kernel.ts'

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

const words = ['column', 'line', 'sheet', 'volume'] as const

export interface StandOptions {
  /** The thread's item, as an expression. */
  readonly cell: string
  /** Whether threads without an item of their own stay, on the last one. */
  readonly stays: boolean
  /** Channels of an item. */
  readonly channels?: number
  /** Whether each warp stands in one plane: its threads beyond the last item of the plane stay on that, and are not `live`. */
  readonly warps?: boolean
}

/**
 * The declarations of `plane` (channels-first) or `n` and `c`, and of each axis' variable, from `cell`; and the line that
 * ends threads beyond the last item, or, where threads must stay, takes them to it.
 */
export const standOf = (
  k: Kernel,
  axes: readonly AxisItems[],
  { cell, stays, channels = 1, warps = false }: StandOptions,
): Declaration[] => {
  const { index, first } = k.of
  const unsigned = index === 'int' ? 'unsigned' : 'long long'
  if (warps) return standOfWarps(k, axes, cell)
  const counted = axes.filter((x) => x.count !== '1')
  const names = counted.map((_, d) => `${words[counted.length - 1 - d]!}s`)
  const counts = counted.map((x, d): Declaration => ({ name: names[d]!, line: `const int ${names[d]!} = ${x.count};` }))
  const groups = channels === 1 ? 'channels' : `(channels / ${channels})`
  const total = ['samples', groups, ...names].map((x, d) => (d === 0 && index !== 'int' ? `(long long)${x}` : x)).join(' * ')
  const cells = index === 'int' ? `(unsigned)(${total})` : total
  const guard = stays
    ? [
        { name: 'cells', line: `const ${unsigned} cells = ${cells};` },
        { name: 'live', line: 'const bool live = item < cells;' },
        { name: 'cell', line: `const ${unsigned} cell = item < cells ? item : cells - 1;` },
      ]
    : [{ name: '', line: `if (cell >= ${cells}) return;` }]
  const lines: Declaration[] = [
    { name: stays ? 'item' : 'cell', line: `const ${unsigned} ${stays ? 'item' : 'cell'} = ${cell};` },
    ...counts,
    ...guard,
  ]
  let at = 'cell'
  const take = (variable: string, count: string, step: number, rest: string): void => {
    const value = `(int)(${at} % ${count})${step === 1 ? '' : ` * ${step}`}`
    lines.push({ name: variable, line: `const int ${variable} = ${value};` })
    lines.push({ name: rest, line: `const ${rest === outermost ? index : unsigned} ${rest} = ${at} / ${count};` })
    at = rest
  }
  const outermost = first ? 'plane' : 'n'
  if (!first) take('c', groups, channels, counted.length === 0 ? 'n' : 'place')
  for (const [d, { variable, step }] of [...counted.entries()].reverse())
    take(variable, names[d]!, step, d === 0 ? outermost : `${words[counted.length - d]!}Of`)
  // A global window is a plane: nothing is left to divide.
  if (at === 'cell') lines.push({ name: outermost, line: `const ${index} ${outermost} = (${index})cell;` })
  if (first) {
    lines.push({ name: 'n', line: 'const int n = (int)(plane / channels);' })
    lines.push({ name: 'c', line: 'const int c = (int)(plane % channels);' })
  }
  return [pointsOf(k), ...lines]
}

/** Planes begin at whole warps. */
const standOfWarps = (k: Kernel, axes: readonly AxisItems[], cell: string): Declaration[] => {
  const { index } = k.of
  const unsigned = index === 'int' ? 'unsigned' : 'long long'
  const names = axes.map((_, d) => `${words[axes.length - 1 - d]!}s`)
  const line = (name: string, type: string, text: string): Declaration => ({ name, line: `const ${type} ${name} = ${text};` })
  const lines = [
    line('cell', unsigned, cell),
    ...axes.map((x, d) => line(names[d]!, 'int', x.count)),
    line('cells', 'int', names.join(' * ')),
    line('rounded', 'int', '(cells + 31) / 32 * 32'),
    { name: '', line: `if (cell >= (${unsigned})samples * channels * rounded) return;` },
    line('plane', index, 'cell / rounded'),
    line('place', 'int', 'cell % rounded'),
    line('live', 'bool', 'place < cells'),
    line('own', 'int', 'min(place, cells - 1)'),
  ]
  let at = 'own'
  for (const [d, { variable, step }] of [...axes.entries()].reverse()) {
    const rest = `${words[axes.length - d]!}Of`
    const value = d === 0 ? at : `${at} % ${names[d]!}`
    lines.push(line(variable, 'int', step === 1 ? value : `${d === 0 ? at : `(${value})`} * ${step}`))
    if (d > 0) lines.push(line(rest, 'int', `${at} / ${names[d]!}`))
    at = rest
  }
  return [pointsOf(k), ...lines, line('n', 'int', '(int)(plane / channels)'), line('c', 'int', '(int)(plane % channels)')]
}

const declared = (name: string, type: string, text: string): Declaration => ({
  name,
  line: `const ${type} ${name} = ${text};`,
})

const planeParts: readonly Declaration[] = [
  declared('n', 'int', '(int)(plane / channels)'),
  declared('c', 'int', '(int)(plane % channels)'),
]

const letterOf = (k: Kernel, d: number): string => k.of.axes[d]!.letter.toUpperCase()

/** A block takes a tile of a plane: the declarations before the tile is filled, and those of each thread's own cell. */
export const standOfTiles = (
  k: Kernel,
  axes: readonly AxisItems[],
  tile: readonly number[],
): { readonly before: Declaration[]; readonly own: Declaration[] } => {
  const { index } = k.of
  const names = axes.map((_, d) => `${words[axes.length - 1 - d]!}s`)
  const before: Declaration[] = [
    pointsOf(k),
    ...axes.map((x, d) => declared(names[d]!, 'int', x.count)),
    ...axes.map((_, d) => declared(`tiles${letterOf(k, d)}`, 'int', partsOf(names[d]!, 0, tile[d]!))),
    declared('tile', 'unsigned', 'blockIdx.x'),
  ]
  let at = 'tile'
  for (let d = axes.length - 1; d >= 0; d--) {
    const letter = letterOf(k, d)
    const rest = d === 0 ? 'plane' : `rest${d}`
    before.push(declared(`tile${letter}`, 'int', `(int)(${at} % tiles${letter})`))
    before.push(declared(rest, d === 0 ? index : 'unsigned', `${at} / tiles${letter}`))
    at = rest
  }
  const own: Declaration[] = []
  let below = tile.reduce((a, b) => a * b, 1)
  axes.forEach((_, d) => {
    below /= tile[d]!
    const along = below === 1 ? 'threadIdx.x' : `threadIdx.x / ${below}`
    const within = d === 0 ? along : `${below === 1 ? along : `(${along})`} % ${tile[d]!}`
    own.push(declared(`own${letterOf(k, d)}`, 'int', `tile${letterOf(k, d)} * ${tile[d]!} + (int)(${within})`))
  })
  own.push(declared('live', 'bool', axes.map((_, d) => `own${letterOf(k, d)} < ${names[d]!}`).join(' && ')))
  // A thread beyond the plane stays on the last cell, and writes nothing.
  axes.forEach(({ variable, step }, d) => {
    own.push(declared(variable, 'int', `min(own${letterOf(k, d)}, ${names[d]!} - 1)${step === 1 ? '' : ` * ${step}`}`))
  })
  return { before, own: [...own, ...planeParts] }
}

/** A block takes whole planes, whose cells its threads take in turn. */
export const standOfPlanes = (
  k: Kernel,
  axes: readonly AxisItems[],
  planes: number,
): { readonly before: Declaration[]; readonly own: Declaration[] } => {
  const { index } = k.of
  const names = axes.map((_, d) => `${words[axes.length - 1 - d]!}s`)
  const before: Declaration[] = [
    pointsOf(k),
    ...axes.map((x, d) => declared(names[d]!, 'int', x.count)),
    declared('cells', 'int', names.join(' * ')),
    declared('firstPlane', index, `(${index})blockIdx.x * ${planes}`),
    declared('planes', 'int', `(int)min((${index})${planes}, (${index})samples * channels - firstPlane)`),
  ]
  const own: Declaration[] = []
  let at = 'item'
  for (let d = axes.length - 1; d >= 0; d--) {
    const rest = d === 0 ? 'own' : `rest${d}`
    const { variable, step } = axes[d]!
    own.push(declared(variable, 'int', step === 1 ? `${at} % ${names[d]!}` : `(${at} % ${names[d]!}) * ${step}`))
    own.push(declared(rest, 'int', `${at} / ${names[d]!}`))
    at = rest
  }
  return { before, own: [...own, declared('plane', index, 'firstPlane + own'), ...planeParts] }
}

/** The elements of a plane. */
export const pointsOf = (k: Kernel): Declaration => {
  const extents = ['depth', 'height', 'width'].slice(3 - k.of.program.geometry.dims)
  return { name: 'points', line: `const int points = ${extents.join(' * ')};` }
}

/** The number of a thread of the whole launch. */
export const threadOf = (k: Kernel, threads: number): string =>
  k.of.index === 'int' ? `blockIdx.x * ${threads}u + threadIdx.x` : `(long long)blockIdx.x * ${threads} + threadIdx.x`
