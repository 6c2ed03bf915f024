/** What to call a value that has no name in the formula: by what it is, so that a reader needs no table of numbers. */
import type { Node } from './ir.ts'

const isSum = (node: Node): boolean => node.op === 'reduce' && node.over === 'taps' && node.by === 'sum'
const isGeometry = (node: Node): boolean => node.op === 'const' || node.op === 'geometry'

/** A word for a node: a reduction by its own, a quotient of a sum and a count as a mean, all else by its operation. */
export const callIt = (node: Node): string => {
  switch (node.op) {
    case 'const':
      return 'value'
    case 'tensor':
      return node.role === 'cotangent' ? `d${node.name}` : node.name
    case 'geometry':
      return node.what
    case 'random':
      return 'noise'
    case 'flatIndex':
      return 'index'
    case 'select':
      return 'chosen'
    case 'reduce':
      return node.over === 'taps' ? node.by : 'total'
    case 'unary':
      if (node.fn === 'neg') return 'negative'
      return node.fn === 'sqrt' ? 'root' : node.fn === 'detach' ? callIt(node.a) : node.fn
    case 'binary':
      switch (node.fn) {
        case 'sub':
          // A distance from a mean or a maximum: the d of a textbook.
          return node.level.place === 'window' ? 'd' : 'rest'
        case 'div':
          return isSum(node.a) && isGeometry(node.b) ? 'mean' : 'share'
        case 'mul':
          return node.a === node.b ? 'square' : 'share'
        case 'add':
          return 'total'
        case 'pow':
          return 'power'
        case 'max':
          return 'atLeast'
        case 'min':
          return 'atMost'
        default:
          return node satisfies never
      }
    default:
      return node satisfies never
  }
}
