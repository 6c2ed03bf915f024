/**
 * One window by loops over its valid taps: where windows are too large to be written out, and for adaptive and global ones,
 * whose size is known at run time only. Reductions are done in sweeps, each after those that it depends on. The innermost
 * loop may be written out where the window's row is known to lie inside. A global window is one long row: several taps a
 * turn, in as many partial reductions as the schedule's `split` says, so that one addition need not wait for the last.
 */

import type { Block } from '../emit/block.ts'
import { frontierOf, sweepsOf } from '../emit/frontier.ts'
import { type Frame, type Instantiate, instantiator } from '../emit/instantiate.ts'
import type { Scalar } from '../emit/scalar.ts'
import type { Side } from '../emit/sides.ts'
import type { Node, NodeOf } from '../ir.ts'
import type { Bounds } from './bounds.ts'
import type { Context } from './context.ts'
import { bitsOf } from './fold.ts'
import type { Hoists } from './hoist.ts'
import { type Keyed, type Running, reductionsOf } from './running.ts'
import { randomIndex } from './straight.ts'
import { tapsOf } from './taps.ts'

/** The position of the window that the loops are at. */
export const windowOf = (ctx: Context): string =>
  ctx.program.geometry.kind === 'global' ? 'outPlane' : `outRow + ${ctx.axes.at(-1)!.o}`

const perWindow = (node: Node): boolean => node.level.place === 'out' || node.level.place === 'none'

export interface Looped {
  readonly instantiate: Instantiate
  /** Writes the sweeps that these values need, and those that find the keys. */
  readonly sweep: (block: Block, values: readonly Node[], keys: readonly Keyed[]) => void
  /** Writes a loop over the valid taps; `body` is called in it for each tap that the loop writes out. */
  readonly overTaps: (
    block: Block,
    used: readonly Node[],
    body: (inside: Block, instantiate: Instantiate, taps: readonly number[]) => void,
  ) => void
  /** The bits of a maximum or minimum, after its sweep. */
  readonly bits: (side: Side, tensor: NodeOf<'tensor'>) => Scalar
  /** The tap that an argmax or argmin chose, -1 where there is none, and the position of the element it reads. */
  readonly chosen: (block: Block, node: Node) => { readonly tap: string; readonly position: string }
  readonly mayBeEmpty: boolean
  readonly address: (t: number) => string
}

/** @param unrolled how many taps of the innermost axis are written out; 0 for a loop */
export const looped = (ctx: Context, bounds: Bounds, unrolled: number, hoists: Hoists): Looped => {
  const { s } = ctx
  const taps = tapsOf(ctx, bounds, unrolled)
  const { mayBeEmpty, position, address } = taps
  const done = new Map<Node, Scalar>()
  const tops = new Map<string, Scalar>()
  const positions = new Map<string, string>()
  const o = ctx.axes.map((a) => a.o)
  const window = windowOf(ctx)
  const savedAt = (node: Node): Scalar | undefined => {
    const saved = ctx.saved.get(node)
    return saved && s.load(ctx.arrayOf(saved), ctx.int(ctx.address(window)), node.type)
  }
  const frameFor = (): Frame => ({
    elementKey: (at) => at.t,
    given: (node) => hoists.given(s, node) ?? done.get(node) ?? savedAt(node),
    tensor: (node, at) => {
      const array = ctx.arrayOf(ctx.bufferOf(node))
      if (node.role === 'input' || node.role === 'tensor') return s.load(array, ctx.int(address(at.t)), 'float')
      if (node.role === 'cotangent' || node.role === 'carrier') return s.load(array, ctx.int(ctx.address(window)), node.type)
      return s.load(array, ctx.int(randomIndex(ctx, node, o, taps.index(at.t), () => position(at.t))), 'float')
    },
    geometry: (what, at) =>
      what === 'tap' ? ctx.int(taps.index(at.t)) : ctx.int(what === 'divisor' ? taps.divisor : taps.count),
    random: (node, at) =>
      ctx.random(
        s,
        node,
        randomIndex(ctx, node, o, taps.index(at.t), () => position(at.t)),
      ),
    taps: (node) => {
      throw new Error(`node ${node.id} is read before its sweep`)
    },
    covers: (node) => {
      throw new Error(`node ${node.id} sums over covers in a window`)
    },
    flatIndex: (node) => {
      if (node.a.op !== 'reduce') throw new Error('flatIndex of what is no argmax')
      const { tap, position: at } = placeOf(node.a)
      const index = ctx.int(`${at} - inPlane`)
      return mayBeEmpty ? s.choose('lt', ctx.int(tap), s.constant(0, 'int'), s.constant(-1, 'int'), index) : index
    },
    suffix: (node, at) => (at.t > 0 && (node.level.place === 'in' || node.level.place === 'window') ? String(at.t) : ''),
  })
  // Values per window are one for the whole window; those per tap are made anew in each loop.
  let current = instantiator(s, frameFor(), ctx.labels)
  const positionName = (block: Block, tap: string): string => {
    let at = positions.get(tap)
    if (!at) {
      at = block.fresh('chosen')
      block.line(`const ${at} = ${taps.positionOf(tap)}`)
      positions.set(tap, at)
    }
    return at
  }
  let declaring: Block | undefined
  const placeOf = (node: Node): { tap: string; position: string } => {
    const tap =
      done.get(node)?.text ??
      (declaring && ctx.saved.has(node) ? declaring.name([current(node, { w: 0, t: 0, e: 0 })])[0] : undefined)
    if (tap === undefined || !declaring) throw new Error(`node ${node.id} is read before its sweep`)
    return { tap, position: positionName(declaring, tap) }
  }
  const overTaps: Looped['overTaps'] = (block, used, body) => {
    declaring = block
    // What is the same for all taps is computed before the loop.
    const fixed = frontierOf(used, perWindow).filter((x) => x.op !== 'const' && !done.has(x) && !hoists.given(s, x))
    const fresh = fixed.filter((x) => !(x.op === 'reduce' && x.over !== 'taps'))
    block.name(fresh.map((x) => current(x, { w: 0, t: 0, e: 0 })))
    for (const text of taps.around.before) block.line(text)
    for (const { head, taps: turn, braces } of taps.loops) {
      const inside = block.child()
      for (const text of head) inside.line(text)
      current = instantiator(s, frameFor(), ctx.labels)
      body(inside, current, turn)
      for (let d = 0; d < braces; d++) inside.line('}')
      block.lines.push(...inside.lines)
      current = instantiator(s, frameFor(), ctx.labels)
    }
    for (const text of taps.around.after) block.line(text)
  }
  const reductions = reductionsOf(ctx, taps, {
    done: (node, value) => done.set(node, value),
    top: (side, tensor, key) => tops.set(`${side}${tensor.id}`, key),
    position: positionName,
  })
  const run = (block: Block, running: readonly Running[], comments: readonly (string | undefined)[]): void => {
    for (const comment of new Set(comments)) if (comment) block.line(`// ${comment}`)
    for (const each of running) each.start(block)
    overTaps(
      block,
      running.map((x) => x.of),
      (inside, instantiate, turn) => {
        for (const each of running) each.take(inside, instantiate, turn)
      },
    )
    for (const each of running) each.finish(block)
  }
  return {
    get instantiate() {
      return current
    },
    sweep: (block, values, keys) => {
      declaring = block
      const isDone = (node: Node): boolean => hoists.given(s, node) !== undefined || done.has(node) || ctx.saved.has(node)
      sweepsOf(values, isDone).forEach((sweep, k) => {
        const found = k === 0 ? keys.map((key) => reductions.finding(block, key)) : []
        run(
          block,
          [...found, ...reductions.of(block, sweep)],
          sweep.map((node) => ctx.labels.comment(node)),
        )
      })
      if (keys.length > 0 && tops.size === 0)
        run(
          block,
          keys.map((key) => reductions.finding(block, key)),
          [],
        )
    },
    overTaps,
    bits: (side, tensor) => {
      const top = tops.get(`${side}${tensor.id}`)
      if (!top) throw new Error(`node ${tensor.id} is read before its sweep`)
      return bitsOf(s, side, top)
    },
    chosen: (block, node) => {
      declaring = block
      return placeOf(node)
    },
    mayBeEmpty,
    address,
  }
}
