/** What an element's code reads and writes, whether its covers are written out or looped over. */
import type { Statement } from '../emit/block.ts'
import type { Frame, Instantiate } from '../emit/instantiate.ts'
import type { Scalar, Scalars } from '../emit/scalar.ts'
import type { CoverSum } from '../ir.ts'
import type { Store } from '../program.ts'
import type { Context } from './context.ts'
import type { Hoists } from './hoist.ts'
import { randomIndex } from './straight.ts'
import type { Locals } from './work.ts'

const never = (what: string) => (): never => {
  throw new Error(`an element reads ${what}`)
}

/** A sum as a factor: in brackets, unless it is a name or a product. */
export const bracketed = (text: string): string => (/ [+-] |^-/.test(text) ? `(${text})` : text)

/** A row-major index of coordinates. */
export const flat = (coordinates: readonly string[], extents: readonly string[]): string =>
  coordinates.reduce((at, x, d) => (at === '' ? x : `${bracketed(at)} * ${extents[d]!} + ${x}`), '')

/** Where the code finds elements, windows and taps. */
export interface Addresses {
  readonly element: (e: number) => Scalar
  /** Of a window, in an array of all planes, or of this one. */
  readonly output: (w: number, inPlane: boolean) => Scalar
  readonly tap: (t: number) => Scalar
  readonly o: (w: number) => readonly string[]
  readonly position: (e: number) => string
  /** What tells apart the names of one value's instances. */
  readonly suffix: Frame['suffix']
}

export const gatherFrame = (
  ctx: Context,
  s: Scalars,
  hoists: Hoists,
  a: Addresses,
  covers: (node: CoverSum, e: number) => Scalar,
): Frame => ({
  elementKey: (at) => at.e,
  given: (node, at) => {
    const carrier = ctx.carriers.get(node) ?? ctx.saved.get(node)
    return carrier ? s.load(ctx.arrayOf(carrier), a.output(at.w, ctx.inPlane(carrier)), node.type) : hoists.given(s, node)
  },
  tensor: (node, at) => {
    const array = ctx.arrayOf(ctx.bufferOf(node))
    if (node.role === 'input' || node.role === 'tensor') return s.load(array, a.element(at.e), 'float')
    if (node.role === 'cotangent') return s.load(array, a.output(at.w, false), 'float')
    return s.load(
      array,
      s.atom(
        randomIndex(ctx, node, a.o(at.w), a.tap(at.t).text, () => a.position(at.e)),
        'int',
      ),
      'float',
    )
  },
  geometry: (what, at) => (what === 'tap' ? a.tap(at.t) : never(what)()),
  random: (node, at) =>
    ctx.random(
      s,
      node,
      randomIndex(ctx, node, a.o(at.w), a.tap(at.t).text, () => a.position(at.e)),
    ),
  taps: never('taps'),
  covers: (node, at) => covers(node, at.e),
  flatIndex: never('a flat index'),
  suffix: a.suffix,
})

/** Writes an element's gradients, and adds its share of parameters' gradients. */
export const elementStatements = (
  ctx: Context,
  stores: readonly Store[],
  instantiate: Instantiate,
  e: number,
  index: Scalar,
  locals: Locals,
): Statement[] =>
  stores.map((store) => {
    const value = instantiate(store.value, { w: 0, t: 0, e })
    if (store.to.role === 'gradient')
      return { values: [value], line: (text) => `${ctx.arrayOf(store.to)}[${text(index)}] = ${text(value)}` }
    const target = locals.target(store, ctx.levelIndex(store.to.level, [], '0'))
    return { values: [value], line: (text) => `${target} ${store.how === 'add' ? '+=' : '='} ${text(value)}` }
  })
