/**
 * From a stage's graph to scalars: one node at one window, tap or element. The frame says what stands where (how a tensor is
 * addressed, which windows of the block share elements, what a finished reduction is called); this file only walks the graph
 * and keeps each instance, by no more of the place than the node's level varies with.
 */
import type { CoverSum, Node, NodeOf, TapReduction } from '../ir.ts'
import type { Labels } from './labels.ts'
import type { Scalar, Scalars } from './scalar.ts'

/** A place in a block of code: which of its windows, taps and elements. Numbers mean something to the frame only. */
export interface At {
  readonly w: number
  readonly t: number
  readonly e: number
}

export interface Frame {
  /** What tells one element of the block from another; windows that overlap share elements. */
  readonly elementKey: (at: At) => string | number
  /** A value that has been computed already: a carrier, a reduction of an earlier sweep, a hoisted value. */
  readonly given: (node: Node, at: At) => Scalar | undefined
  readonly tensor: (node: NodeOf<'tensor'>, at: At) => Scalar
  readonly geometry: (what: 'divisor' | 'count' | 'size' | 'tap', at: At) => Scalar
  readonly random: (node: NodeOf<'random'>, at: At) => Scalar
  readonly taps: (node: TapReduction, at: At) => Scalar
  readonly covers: (node: CoverSum, at: At) => Scalar
  readonly flatIndex: (node: NodeOf<'flatIndex'>, at: At) => Scalar
  /** What tells apart the names of one node's instances; empty where there is one instance. */
  readonly suffix: (node: Node, at: At) => string
}

export type Instantiate = (node: Node, at: At) => Scalar

export const instantiator = (s: Scalars, frame: Frame, labels: Labels): Instantiate => {
  const memo = new Map<string, Scalar>()
  const keyOf = (node: Node, at: At): string => {
    switch (node.level.place) {
      case 'none':
        return `${node.id}`
      case 'tap':
        return `${node.id}t${at.t}`
      case 'in':
        return `${node.id}e${frame.elementKey(at)}`
      case 'out':
        return `${node.id}w${at.w}`
      case 'window':
        return `${node.id}w${at.w}t${at.t}`
      default:
        return node.level.place satisfies never
    }
  }
  const go: Instantiate = (node, at) => {
    const key = keyOf(node, at)
    const known = memo.get(key)
    if (known) return known
    const made = frame.given(node, at) ?? make(node, at)
    const name = labels.name(node)
    if (name !== undefined) made.named = true
    made.hint ??= (name ?? labels.call(node)) + frame.suffix(node, at)
    if (name !== undefined) made.comment ??= labels.comment(node)
    memo.set(key, made)
    return made
  }
  const make = (node: Node, at: At): Scalar => {
    switch (node.op) {
      case 'const':
        return s.constant(node.value, node.type)
      case 'tensor':
        return frame.tensor(node, at)
      case 'geometry':
        return frame.geometry(node.what, at)
      case 'random':
        return frame.random(node, at)
      case 'unary':
        return node.fn === 'detach' ? go(node.a, at) : s.op(node.fn, [go(node.a, at)], node.type)
      case 'binary':
        return s.op(node.fn, [go(node.a, at), go(node.b, at)], node.type)
      case 'select':
        return s.choose(node.test, go(node.a, at), go(node.b, at), go(node.yes, at), go(node.no, at))
      case 'flatIndex':
        return frame.flatIndex(node, at)
      case 'reduce':
        if (node.over === 'taps') return frame.taps(node, at)
        if (node.over === 'covers') return frame.covers(node, at)
        throw new Error('a sum over the batch stands outside a store')
      default:
        return node satisfies never
    }
  }
  return go
}
