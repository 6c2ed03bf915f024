/**
 * How much text a window takes when it is written out, in operations of about one machine instruction each: what bounds the
 * windows that a thread takes, and what is looped over instead. NVRTC's time grows faster than the text.
 */
import { type Node, topological } from '../ir.ts'
import type { Program } from '../program.ts'

/** Machine instructions of one operation, from the PTX of NVRTC 13. */
const costOf = (node: Node): number => {
  switch (node.op) {
    case 'const':
    case 'geometry':
      return 0
    case 'tensor':
    case 'select':
    case 'flatIndex':
      return 2
    case 'random':
      return node.kind === 'normal' ? 150 : 90
    case 'reduce':
      return node.over === 'taps' && node.by !== 'sum' ? 3 : 1
    case 'unary':
      switch (node.fn) {
        case 'exp':
        case 'sigmoid':
          return 12
        case 'log':
        case 'tanh':
          return 25
        case 'softplus':
          return 40
        case 'sqrt':
          return 8
        case 'neg':
        case 'abs':
        case 'sign':
        case 'detach':
          return 1
        default:
          return node satisfies never
      }
    case 'binary':
      return node.fn === 'pow' ? (node.b.op === 'const' ? 40 : 90) : node.fn === 'div' ? 10 : 1
    default:
      return node satisfies never
  }
}

/** Whether a value is made anew for each tap: a reduction takes each tap in. */
const isPerTap = (node: Node): boolean =>
  node.op === 'reduce'
    ? node.over !== 'batch'
    : node.level.place === 'window' || node.level.place === 'in' || (node.level.place === 'tap' && node.op === 'random')

/** Operations for each tap of a window, over all that a program's windows and elements compute. */
export const operationsPerTap = (program: Program): number => {
  const stores = program.stages.flatMap((stage) => (stage.visits === 'parameters' ? [] : stage.stores))
  const values = [...stores.map((x) => x.value), ...program.carriers.map((x) => x.value)]
  return topological(values).reduce((sum, node) => (isPerTap(node) ? sum + costOf(node) : sum), 0)
}
