/**
 * Products sorted by what their factors vary with, and factors taken out of sums. A derivative arrives as a long product in
 * which values per window, per element and per tap alternate; sorted, the part that is the same for all taps of a window is
 * one value, computed once and carried. Common factors of a sum are taken out, which keeps differences such as x - y
 * together (a*x - a*y would cancel). Sums are never split: that would bring back the cancellation of E[x^2] - E[x]^2.
 */
import type { Place } from '../dsl/level.ts'
import { type Builder, isConst, type Node } from './ir.ts'

interface Factor {
  readonly node: Node
  readonly power: 1 | -1
}

interface Product {
  readonly negative: boolean
  readonly factors: readonly Factor[]
}

/**
 * Opens nested products. Those of the node's own place only: a product of a lower place stays one factor, as it is computed
 * once; or all of them, where common factors are looked for. What is `whole` stays one factor.
 */
const open = (node: Node, all = false, whole: (node: Node) => boolean = () => false): Product => {
  const place = node.level.place
  const factors: Factor[] = []
  let negative = false
  const visit = (x: Node, power: 1 | -1): void => {
    if ((all || x.level.place === place) && x.op === 'binary' && (x.fn === 'mul' || x.fn === 'div') && !whole(x)) {
      visit(x.a, power)
      visit(x.b, x.fn === 'mul' ? power : power === 1 ? -1 : 1)
    } else if (x.op === 'unary' && x.fn === 'neg') {
      negative = !negative
      visit(x.a, power)
    } else if (!isConst(x, 1)) factors.push({ node: x, power })
  }
  visit(node, 1)
  return { negative, factors }
}

const rank: Record<Place, number> = { none: 0, out: 1, tap: 2, in: 3, window: 4 }

const multiply = (b: Builder, factors: readonly Factor[]): Node => {
  const over = factors.filter((f) => f.power === 1).map((f) => f.node)
  const under = factors.filter((f) => f.power === -1).map((f) => f.node)
  const product = over.length > 0 ? over.reduce((x, y) => b.mul(x, y)) : b.constant(1)
  return under.length > 0
    ? b.div(
        product,
        under.reduce((x, y) => b.mul(x, y)),
      )
    : product
}

/** Rebuilds a product, factors of one place together, the lowest places first. */
const close = (b: Builder, { negative, factors }: Product): Node => {
  const groups = new Map<Place, Factor[]>()
  for (const factor of [...factors].sort((x, y) => rank[x.node.level.place] - rank[y.node.level.place])) {
    const place = factor.node.level.place
    const group = groups.get(place)
    if (group) group.push(factor)
    else groups.set(place, [factor])
  }
  let result: Node | undefined
  // 1/a * b is b/a: no quotient is made where a division can take its place.
  let under: Node | undefined
  for (const group of groups.values()) {
    if (group.every((f) => f.power === -1)) {
      const product = multiply(
        b,
        group.map((f) => ({ ...f, power: 1 })),
      )
      if (result) result = b.div(result, product)
      else under = under ? b.mul(under, product) : product
    } else {
      const product = multiply(b, group)
      const divided = under ? b.div(product, under) : product
      result = result ? b.mul(result, divided) : divided
      under = undefined
    }
  }
  if (under) result = b.div(result ?? b.constant(1), under)
  const product = result ?? b.constant(1)
  return negative ? b.neg(product) : product
}

const sameFactor = (x: Factor, y: Factor): boolean => x.node === y.node && x.power === y.power

/** The factors that all products share, each as often as in all of them. */
const common = (products: readonly Product[]): Factor[] => {
  const [first, ...others] = products
  const left = others.map((p) => [...p.factors])
  return (first?.factors ?? []).filter((factor) => {
    const places = left.map((factors) => factors.findIndex((x) => sameFactor(x, factor)))
    if (places.some((i) => i < 0)) return false
    left.forEach((factors, i) => {
      factors.splice(places[i]!, 1)
    })
    return true
  })
}

const without = (product: Product, taken: readonly Factor[]): Product => {
  const factors = [...product.factors]
  for (const factor of taken) {
    const i = factors.findIndex((x) => sameFactor(x, factor))
    if (i >= 0) factors.splice(i, 1)
  }
  return { negative: product.negative, factors }
}

/** a*p + a*q as a*(p + q), for sums of two at a time: deeper sums follow since operands are treated first. */
const factorSum = (b: Builder, node: Node): Node => {
  if (node.op !== 'binary' || (node.fn !== 'add' && node.fn !== 'sub') || node.type === 'int') return node
  const p = open(node.a, true)
  const q = open(node.b, true)
  const shared = common([p, q]).filter((f) => f.node.op !== 'const')
  if (shared.length === 0) return node
  const rest = b.binary(node.fn, close(b, without(p, shared)), close(b, without(q, shared)))
  return close(b, { negative: false, factors: [...shared, { node: rest, power: 1 }] })
}

/** Takes out of a sum the factors that are the same for all its terms. */
const hoist = (b: Builder, node: Node): Node => {
  if (node.op !== 'reduce' || node.over === 'batch' || (node.over === 'taps' && node.by !== 'sum')) return node
  if (node.a.level.place !== 'window' && node.a.level.place !== 'out') return node
  const fixed: readonly Place[] = node.over === 'taps' ? ['none', 'out'] : ['none', 'in']
  const product = open(node.a)
  const isFixed = (f: Factor): boolean => fixed.includes(f.node.level.place)
  const inside = product.factors.filter((f) => !isFixed(f))
  if (inside.length === product.factors.length && !product.negative) return node
  const body = close(b, { negative: false, factors: inside })
  const sum = node.over === 'taps' ? b.taps('sum', body) : b.covers(body)
  // A sum per input element varies with sample and channel; a body that no longer does cannot stand alone.
  if (node.over === 'covers' && !(sum.level.n && sum.level.c)) return node
  return close(b, { negative: product.negative, factors: [...product.factors.filter(isFixed), { node: sum, power: 1 }] })
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** The constants of a product as one above and one below the line: a * 2 / (3 * 2) is a / 3. Means and named values stay. */
const mergeConstants = (b: Builder, node: Node): Node => {
  const isMean = (x: Node): boolean => x.op === 'binary' && x.fn === 'div' && x.a.op === 'reduce'
  const { negative, factors } = open(node, false, (x) => x !== node && (b.names.has(x) || isMean(x)))
  const constants = factors.filter((f) => f.node.op === 'const')
  if (constants.length < 2 || b.names.has(node)) return node
  const product = (power: 1 | -1): number =>
    constants.reduce((x, f) => (f.node.op === 'const' && f.power === power ? x * f.node.value : x), 1)
  const [above, below] = [product(1), product(-1)]
  const shared = Number.isSafeInteger(above) && Number.isSafeInteger(below) && above > 0 && below > 0 ? gcd(above, below) : 1
  const rest = factors.filter((f) => f.node.op !== 'const')
  const constant = (value: number, power: 1 | -1): Factor[] => (value === 1 ? [] : [{ node: b.constant(value), power }])
  const merged = multiply(b, [...rest, ...constant(above / shared, 1), ...constant(below / shared, -1)])
  return negative ? b.neg(merged) : merged
}

const isProduct = (node: Node): boolean => node.op === 'binary' && (node.fn === 'mul' || node.fn === 'div')

/** Sorts every product of place `window`, factors sums, hoists out of reductions, and merges constants. */
export const factor = (b: Builder, roots: readonly Node[]): Node[] =>
  b.rewrite(roots, (node) => {
    if (node.op === 'reduce') return hoist(b, node)
    if (node.level.place !== 'window') return isProduct(node) && node.type === 'float' ? mergeConstants(b, node) : node
    if (isProduct(node)) return close(b, open(node))
    return factorSum(b, node)
  })
