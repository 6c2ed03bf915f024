/** The values of a plane that are worth a name before its loops: none varies with a window, a tap or an element. */
import type { Block } from '../emit/block.ts'
import { frontierOf } from '../emit/frontier.ts'
import { type Frame, instantiator } from '../emit/instantiate.ts'
import type { Scalar, Scalars } from '../emit/scalar.ts'
import type { Node } from '../ir.ts'
import type { Context } from './context.ts'

export interface Hoists {
  readonly block: Block
  readonly names: readonly string[]
  /** The value under its name, where it has one. */
  readonly given: (s: Scalars, node: Node) => Scalar | undefined
}

const never = (what: string) => (): never => {
  throw new Error(`a value of a plane reads ${what}`)
}

/** Names the values of the roots that are the same for a whole plane. Channels-last, planes are visited side by side: none. */
export const hoist = (ctx: Context, roots: readonly Node[]): Hoists => {
  const block = ctx.block()
  if (!ctx.first) return { block, names: [], given: () => undefined }
  const { s } = ctx
  const index = (node: Extract<Node, { op: 'tensor' | 'random' }>): string => ctx.levelIndex(node.level, [], '0')
  const frame: Frame = {
    elementKey: () => 0,
    given: () => undefined,
    tensor: (node) => s.load(ctx.arrayOf(ctx.bufferOf(node)), ctx.int(index(node)), 'float'),
    random: (node) => ctx.random(s, node, index(node)),
    geometry: (what) => (what === 'size' ? s.constant(ctx.taps(), 'int') : never(what)()),
    taps: never('taps'),
    covers: never('covers'),
    flatIndex: never('a flat index'),
    suffix: (node) => {
      const axes = `${node.level.n ? 'n' : ''}${node.level.c ? 'c' : ''}`
      return axes === '' ? '' : `_${axes}`
    },
  }
  const instantiate = instantiator(s, frame, ctx.labels)
  const nodes = frontierOf(roots, (x) => x.level.place === 'none').filter((x) => x.op !== 'const')
  const made = new Map<Node, Scalar>(nodes.map((node) => [node, instantiate(node, { w: 0, t: 0, e: 0 })]))
  const names = [...new Set(block.name([...made.values()]))]
  const known = new Map([...made].map(([node, scalar]) => [node, block.text(scalar)]))
  return {
    block,
    names,
    given: (table, node) => {
      const text = known.get(node)
      return text === undefined ? undefined : table.atom(text, node.type)
    },
  }
}
