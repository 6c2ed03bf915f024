/**
 * A gradient per element, seen from the windows. An adjoint is linear in its sums over covers, so the share of one (window,
 * tap) pair is the gradient's expression with each sum replaced by its one term. Shares that go to a single tap of the
 * window (a maximum's) are told apart: they are one addition a window, at that tap's element.
 */
import { type Builder, isConst, type Node } from '../ir.ts'

/** `amount`, of place `out`, goes to the element that the tap `chosen` (an argmax or argmin) reads. */
export interface OneTap {
  readonly chosen: Node
  readonly amount: Node
}

export interface Shares {
  readonly single: readonly OneTap[]
  /** What each tap gets; a constant 0 where all shares are single. */
  readonly dense: Node
}

const isTap = (node: Node): boolean => node.op === 'geometry' && node.what === 'tap'

/** Splits the body of a sum over covers. */
const splitBody = (b: Builder, body: Node, single: OneTap[], negative: boolean): Node => {
  if (body.op === 'select' && body.test === 'eq' && isTap(body.a) && isConst(body.no, 0)) {
    const perWindow = (node: Node): boolean => node.level.place === 'out' || node.level.place === 'none'
    if (body.b.op === 'reduce' && perWindow(body.yes)) {
      single.push({ chosen: body.b, amount: negative ? b.neg(body.yes) : body.yes })
      return b.constant(0)
    }
  }
  if (body.op === 'unary' && body.fn === 'neg') return b.neg(splitBody(b, body.a, single, !negative))
  if (body.op === 'binary' && (body.fn === 'add' || body.fn === 'sub')) {
    const left = splitBody(b, body.a, single, negative)
    const right = splitBody(b, body.b, single, body.fn === 'sub' ? !negative : negative)
    return b.binary(body.fn, left, right)
  }
  return body
}

/** Splits a gradient; products with element values keep their sums whole. */
export const sharesOf = (b: Builder, gradient: Node): Shares => {
  const single: OneTap[] = []
  const split = (node: Node, negative: boolean): Node => {
    if (node.op === 'reduce' && node.over === 'covers') return b.covers(splitBody(b, node.a, single, negative))
    if (node.op === 'unary' && node.fn === 'neg') return b.neg(split(node.a, !negative))
    if (node.op === 'binary' && (node.fn === 'add' || node.fn === 'sub')) {
      const left = split(node.a, negative)
      return b.binary(node.fn, left, split(node.b, node.fn === 'sub' ? !negative : negative))
    }
    return node
  }
  // A sum over covers is per element, its one term per window and tap.
  const [dense] = b.rewrite([split(gradient, false)], (node) => (node.op === 'reduce' && node.over === 'covers' ? node.a : node))
  return { dense: dense ?? b.constant(0), single }
}
