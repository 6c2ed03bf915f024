/** How each function of the language is spelled out in the few operations of the graph: a rule each, as data. */
import type { BinaryFn, Expr, Reducer, UnaryFn } from './expression.ts'
import type { FunctionName } from './functions.ts'
import type { Graph } from './graph.ts'

/** Rules get as many arguments as their function's row allows; `select` stands in settle.ts. */
type Rule = (graph: Graph, a: Expr, b: Expr, c: Expr) => Expr

const unary =
  (fn: UnaryFn): Rule =>
  (graph, a) =>
    graph.unary(fn, a)
const binary =
  (fn: BinaryFn): Rule =>
  (graph, a, b) =>
    graph.binary(fn, a, b)
const reduce =
  (by: Reducer): Rule =>
  (graph, a) =>
    graph.reduce(by, a)

/** `select` compares besides, so the checker makes it. */
export type SpelledOut = Exclude<FunctionName, 'select'>

const rules: Readonly<Record<SpelledOut, Rule>> = {
  add: binary('add'),
  sub: binary('sub'),
  mul: binary('mul'),
  div: binary('div'),
  pow: binary('pow'),
  neg: unary('neg'),
  exp: unary('exp'),
  log: unary('log'),
  sqrt: unary('sqrt'),
  abs: unary('abs'),
  sign: unary('sign'),
  tanh: unary('tanh'),
  sigmoid: unary('sigmoid'),
  softplus: unary('softplus'),
  // Not max(x, 0): relu has derivative 0 at 0, where max would pass the cotangent on; a NaN fails the test and is kept.
  relu: (graph, x) => graph.select('le', x, graph.constant(0), graph.constant(0), x),
  clamp: (graph, x, lo, hi) => graph.binary('min', graph.binary('max', x, lo), hi),
  max: binary('max'),
  min: binary('min'),
  sum: reduce('sum'),
  mean: (graph, x) => graph.binary('div', graph.reduce('sum', x), graph.geometry('divisor')),
  var: reduce('var'),
  std: (graph, x) => graph.unary('sqrt', graph.reduce('var', x)),
  argmax: reduce('argmax'),
  argmin: reduce('argmin'),
  flatIndex: (graph, tap) => graph.flatIndex(tap),
}

/** The graph of a call whose arguments are as many as its function takes. */
export const spellOut = (graph: Graph, fn: SpelledOut, args: readonly [Expr, ...Expr[]]): Expr => {
  const [a, b = a, c = a] = args
  // With two arguments they compare.
  if ((fn === 'max' || fn === 'min') && args.length === 1) return graph.reduce(fn, a)
  return rules[fn](graph, a, b, c)
}
