/**
 * The loops over rows: bands of rows that lie alike along their outer axes have one function each, so that the code of every
 * kind stands once and is called once a plane. Where all rows are alike their loops stand in the kernel itself.
 */
import type { Block } from '../emit/block.ts'
import type { Store } from '../program.ts'
import type { Context } from './context.ts'
import type { Hoists } from './hoist.ts'
import type { Segments } from './segments.ts'
import { Locals } from './work.ts'

/** A function beside the kernel. Its parameters are what it uses of the kernel's names, then its own. */
export interface KernelFunction {
  readonly name: string
  readonly own: readonly string[]
  readonly lines: readonly string[]
  readonly comment: string
  /** Constants beside the function. */
  readonly tables?: readonly string[]
}

/** Code of a stage: lines inside the loops over planes (or samples), and functions beside the kernel. */
export interface StageCode {
  readonly lines: readonly string[]
  readonly functions: readonly KernelFunction[]
}

/** The launch's own numbers, in the order of the kernel's parameters. */
export const kernelScalars = (ctx: Context): string[] => {
  const seed = ctx.s.used.has('normal') || ctx.s.used.has('uniform') ? ['seedLow', 'seedHigh'] : []
  const spatial =
    ctx.schedule.extents === 'dynamic'
      ? [...ctx.axes.map((a) => a.extent), ...ctx.axes.map((a) => a.out).filter((x) => x !== '1')]
      : []
  return ['samples', 'channels', ...spatial, ...seed]
}

/** The names of the kernel that a function uses, in one order everywhere. */
export const sharedParameters = (ctx: Context, hoists: Hoists, { lines }: KernelFunction): string[] => {
  const text = lines.filter((line) => !line.startsWith('//')).join('\n')
  const words = new Set(text.match(/[A-Za-z_$][A-Za-z0-9_$]*/g))
  const known = [
    ...ctx.arguments.map((x) => x.name),
    ...kernelScalars(ctx),
    ...(ctx.first ? ['n', 'c', 'plane'] : ['n']),
    'inPlane',
    'outPlane',
    ...hoists.names,
  ]
  return known.filter((name) => words.has(name))
}

/** Writes calls: the function, what its own parameters are, in order. */
export const callsOf =
  (ctx: Context, hoists: Hoists) =>
  (to: KernelFunction, ...own: (string | readonly string[])[]): string =>
    `${to.name}(${[...sharedParameters(ctx, hoists, to), ...own.flat()].join(', ')})`

/** A line inside loops from 0 to an end each. */
export const nested = (loops: readonly (readonly [variable: string, end: string])[], line: string): string[] => [
  ...loops.map(([variable, end]) => `for (let ${variable} = 0; ${variable} < ${end}; ${variable}++) {`),
  line,
  ...loops.map(() => '}'),
]

export interface Walk<Kind> {
  /** The rows of each outer axis. */
  readonly outer: readonly Segments<Kind>[]
  /** The variable of each outer axis. */
  readonly variables: readonly string[]
  /** Lines before the loops over rows. */
  readonly setup: readonly string[]
  /** The code of so many rows side by side whose outer axes are of these kinds. `looping`: what is not inside goes by `rest`. */
  readonly row: (into: Block, locals: Locals, kinds: readonly Kind[], looping: boolean, rows: number) => string[]
  /** How many rows side by side are taken at once where all outer axes are inside; what is left goes one by one. */
  readonly rows: number
  readonly looping: boolean
  readonly writes: readonly Store[]
  /** One row by loops, up to `end`, for rows that are not inside; `coordinate` is what it asks for a row. */
  readonly rest: {
    readonly function: KernelFunction
    readonly end: string
    readonly coordinate: (d: number, variable: string) => string
  }
  readonly name: string
  readonly comment: (kinds: readonly Kind[]) => string
}

const sides = (axis: string): { readonly low: string; readonly high: string } =>
  axis === 'd' ? { low: 'Front', high: 'Back' } : { low: 'Top', high: 'Bottom' }

/** One axis's kinds with the part of a function's name that tells them apart. */
const kindsOf = <Kind>({ lows, inside, highs }: Segments<Kind>, letter: string): { kind: Kind; word: string }[] => {
  const { low, high } = sides(letter)
  const word = (side: string, k: number): string => `${side}${k > 0 ? k + 1 : ''}`
  return [
    ...lows.map((kind, k) => ({ kind, word: word(low, k) })),
    { kind: inside, word: '' },
    ...highs.map((kind, k) => ({ kind, word: word(high, k) })),
  ]
}

export const walk = <Kind>(ctx: Context, hoists: Hoists, plan: Walk<Kind>): StageCode => {
  const { outer, variables, row, rest, looping, setup } = plan
  const call = callsOf(ctx, hoists)
  const letters = ctx.axes.map((a) => a.letter)
  const rowVariable = variables.at(-1)
  /** All rows by loops, from the axis on whose rows the loops are at. */
  const byLoops = (from: number): string[] =>
    nested(
      outer.slice(from).map(({ last }, k) => [variables[from + k]!, last]),
      call(
        rest.function,
        variables.map((x, d) => rest.coordinate(d, x)),
        '0',
        rest.end,
      ),
    )

  /** The code of rows `first` to `end` of these kinds. The few rows at the border go one by one: a fraction of the text for little time. */
  const overRows = (into: Block, locals: Locals, kinds: readonly Kind[], first: string, end: string): string[] => {
    const code = (rows: number): string[] => row(into, locals, kinds, looping, rows)
    const variable = rowVariable!
    const isInside = kinds.every((kind, d) => kind === outer[d]!.inside)
    const m = isInside && outer.length > 0 ? plan.rows : 1
    if (m === 1) return [`for (let ${variable} = ${first}; ${variable} < ${end}; ${variable}++) {`, ...code(1), '}']
    return [
      `let ${variable} = ${first}`,
      `for (; ${variable} < ${end} - ${m - 1}; ${variable} += ${m}) {`,
      ...code(m),
      '}',
      `for (; ${variable} < ${end}; ${variable}++) {`,
      ...code(1),
      '}',
    ]
  }
  const functions: KernelFunction[] = []
  const alike = outer.every(({ lows, highs }) => lows.length + highs.length === 0)
  if (alike) {
    const block = hoists.block.child()
    const locals = new Locals(ctx, block.names, looping ? [] : plan.writes)
    const kinds = outer.map((x) => x.inside)
    const body =
      outer.length > 0 ? overRows(block, locals, kinds, '0', outer.at(-1)!.last) : row(block, locals, kinds, looping, 1)
    const loops = outer
      .slice(0, -1)
      .map(({ last }, d) => `for (let ${variables[d]!} = 0; ${variables[d]!} < ${last}; ${variables[d]!}++) {`)
    const lines = [...setup, ...locals.before, ...loops, ...body, ...loops.map(() => '}'), ...locals.after]
    return { lines, functions }
  }
  const known = new Map<string, KernelFunction>()
  /** The function of the rows of these kinds; it visits rows `first` to `end`. */
  const band = (kinds: readonly Kind[], words: readonly string[]): KernelFunction => {
    const key = words.join(',')
    const made = known.get(key)
    if (made) return made
    const block = hoists.block.child()
    const locals = new Locals(ctx, block.names, looping ? [] : plan.writes)
    const body = overRows(block, locals, kinds, 'first', 'end')
    const fn: KernelFunction = {
      name: ctx.names.fresh(`${plan.name}${words.join('')}`),
      own: [...variables.slice(0, -1), 'first', 'end'],
      lines: [...setup, ...locals.before, ...body, ...locals.after],
      comment: plan.comment(kinds),
    }
    known.set(key, fn)
    functions.push(fn)
    return fn
  }
  /** The rows below an axis, given the kinds of the axes above. */
  const below = (d: number, kinds: readonly Kind[], words: readonly string[]): string[] => {
    const axis = outer[d]!
    const variable = variables[d]!
    const isLast = d === outer.length - 1
    const all = kindsOf(axis, letters[d]!)
    const { lows, highs, end, last, past } = axis
    const visit = ({ kind, word }: { kind: Kind; word: string }, first: string, until: string): string[] => {
      const deeper = [
        [...kinds, kind],
        [...words, word],
      ] as const
      if (isLast) return [call(band(...deeper), variables.slice(0, -1), first, until)]
      return [`for (let ${variable} = ${first}; ${variable} < ${until}; ${variable}++) {`, ...below(d + 1, ...deeper), '}']
    }
    const inside = all[lows.length]!
    if (looping) {
      const border = (first: string, until: string): string[] => [
        `for (let ${variable} = ${first}; ${variable} < ${until}; ${variable}++) {`,
        ...byLoops(d + 1),
        '}',
      ]
      return [
        ...(lows.length > 0 ? border('0', String(lows.length)) : []),
        ...visit(inside, String(lows.length), end),
        ...(highs.length > 0 ? border(end, last) : []),
      ]
    }
    const lines = all.slice(0, lows.length).flatMap((kind, k) => visit(kind, String(k), String(k + 1)))
    lines.push(...visit(inside, String(lows.length), end))
    const above = all.slice(lows.length + 1)
    if (above.length === 1) lines.push(...visit(above[0]!, end, last))
    else if (above.length > 1) {
      lines.push(`for (let ${variable} = ${end}; ${variable} < ${last}; ${variable}++) {`, `const past = ${past}`)
      above.forEach((kind, k) => {
        const test = k < above.length - 1 ? `if (past === ${k + 1}) ` : ''
        const deeper = [
          [...kinds, kind.kind],
          [...words, kind.word],
        ] as const
        const inner = isLast
          ? [call(band(...deeper), variables.slice(0, -1), variable, `${variable} + 1`)]
          : below(d + 1, ...deeper)
        lines.push(`${k > 0 ? '} else ' : ''}${test}{`, ...inner)
      })
      lines.push('}', '}')
    }
    return lines
  }
  return { lines: below(0, [], []), functions }
}
