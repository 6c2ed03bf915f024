/**
 * Sums of exponentials without overflow: `sum(a * exp(l))` becomes `exp(M) * sum(a * exp(l - M))` with M the greatest l of
 * the window. The identity holds for any constant M, so M is detached: no gradient runs through it, and no argmax is
 * needed. The factor exp(M) is carried along beside its value; it cancels in a ratio, leaves a logarithm as a summand and a
 * root as a share, and is multiplied in only where none of these comes, where the overflow is the true one.
 */
import { type Builder, isConst, type Node, topological } from './ir.ts'

/** A value whose true worth is `value * exp(scale)`. */
interface Scaled {
  readonly value: Node
  readonly scale?: Node
}

const varies = (node: Node): boolean => node.level.place !== 'none' && node.level.place !== 'out'

/** The factors of a product, through nested products and quotients. */
const factorsOf = (node: Node, power: 1 | -1, into: { node: Node; power: 1 | -1 }[]): void => {
  if (node.op === 'binary' && node.fn === 'mul') {
    factorsOf(node.a, power, into)
    factorsOf(node.b, power, into)
  } else if (node.op === 'binary' && node.fn === 'div') {
    factorsOf(node.a, power, into)
    factorsOf(node.b, power === 1 ? -1 : 1, into)
  } else into.push({ node, power })
}

/** Rewrites the roots so that no sum of exponentials overflows where its use has a finite value. */
export const stabilise = (b: Builder, roots: readonly Node[]): Node[] => {
  const done = new Map<Node, Scaled>()
  const plainOf = new Map<Node, Node>()
  const get = (node: Node): Scaled => done.get(node) ?? { value: node }
  /** The value with its scale multiplied in. */
  const plain = (node: Node): Node => {
    const known = plainOf.get(node)
    if (known) return known
    const { value, scale } = get(node)
    const made = scale ? b.mul(b.unary('exp', scale), value) : value
    plainOf.set(node, made)
    return made
  }
  const scaled = (value: Node, scale: Node | undefined): Scaled => (scale && !isConst(scale, 0) ? { value, scale } : { value })
  const sumScales = (a: Node | undefined, c: Node | undefined): Node | undefined => (a && c ? b.add(a, c) : (a ?? c))
  const minusScale = (a: Node | undefined, c: Node | undefined): Node | undefined => {
    if (!c) return a
    if (a === c) return undefined
    return a ? b.sub(a, c) : b.neg(c)
  }

  const sumOfExponentials = (body: Node): Scaled | undefined => {
    const factors: { node: Node; power: 1 | -1 }[] = []
    factorsOf(body, 1, factors)
    let exponent: Node | undefined
    let rest: Node | undefined
    let under: Node | undefined
    for (const { node, power } of factors) {
      const own = get(node)
      // exp(l) of something that varies over the taps, and the scale that a factor carries already
      if (node.op === 'unary' && node.fn === 'exp' && varies(node)) {
        const l = plain(node.a)
        exponent = exponent ? b.binary(power === 1 ? 'add' : 'sub', exponent, l) : power === 1 ? l : b.neg(l)
        continue
      }
      if (own.scale)
        exponent = exponent
          ? b.binary(power === 1 ? 'add' : 'sub', exponent, own.scale)
          : power === 1
            ? own.scale
            : b.neg(own.scale)
      if (power === 1) rest = rest ? b.mul(rest, own.value) : own.value
      else under = under ? b.mul(under, own.value) : own.value
    }
    if (!exponent || !varies(exponent)) return undefined
    const greatest = b.unary('detach', b.taps('max', exponent))
    // An empty window or an infinite exponent has no finite maximum: nothing is subtracted then.
    const infinite = b.constant(Number.POSITIVE_INFINITY)
    const zero = b.constant(0)
    const scale = b.called('greatest', b.select('lt', b.unary('abs', greatest), infinite, greatest, zero))
    let value = b.unary('exp', b.sub(exponent, scale))
    if (rest) value = b.mul(rest, value)
    if (under) value = b.div(value, under)
    return { value: b.taps('sum', value), scale }
  }

  const rule = (node: Node): Scaled => {
    if (node.op === 'reduce' && node.over === 'taps' && node.by === 'sum') {
      const stable = sumOfExponentials(node.a)
      if (stable) return stable
    }
    if (node.op === 'binary') {
      const p = get(node.a)
      const q = get(node.b)
      if (p.scale || q.scale) {
        if (node.fn === 'mul') return scaled(b.mul(p.value, q.value), sumScales(p.scale, q.scale))
        if (node.fn === 'div') return scaled(b.div(p.value, q.value), minusScale(p.scale, q.scale))
        if ((node.fn === 'add' || node.fn === 'sub') && p.scale === q.scale)
          return scaled(b.binary(node.fn, p.value, q.value), p.scale)
        if (node.fn === 'pow' && p.scale && isConst(node.b))
          return scaled(b.binary('pow', p.value, node.b), b.mul(p.scale, node.b))
      }
    }
    if (node.op === 'unary') {
      const { value, scale } = get(node.a)
      if (scale) {
        if (node.fn === 'log') return { value: b.add(scale, b.unary('log', value)) }
        if (node.fn === 'sqrt') return scaled(b.unary('sqrt', value), b.mul(b.constant(0.5), scale))
        if (node.fn === 'neg') return scaled(b.neg(value), scale)
      }
    }
    return { value: rebuildPlain(node) }
  }
  const rebuildPlain = (node: Node): Node => {
    switch (node.op) {
      case 'const':
      case 'tensor':
      case 'geometry':
      case 'random':
        return node
      case 'select':
        return b.rebuild(node, [plain(node.a), plain(node.b), plain(node.yes), plain(node.no)])
      case 'binary':
        return b.rebuild(node, [plain(node.a), plain(node.b)])
      default:
        return b.rebuild(node, [plain(node.a)])
    }
  }
  for (const node of topological(roots)) {
    const result = rule(node)
    done.set(node, result)
    b.from(result.value, b.spans.get(node))
  }
  return roots.map(plain)
}
