/**
 * What can be said of a value's sign from its form alone, so that a derivative need not guard against what cannot be. NaN
 * counts as any sign: a guard lets it through, and so does its absence.
 */
import type { Node } from './ir.ts'

/** Whether a value is never below 0. */
export const isNonNegative = (node: Node): boolean => {
  switch (node.op) {
    case 'const':
      return node.value >= 0
    case 'geometry':
      return true
    case 'unary':
      if (node.fn === 'detach') return isNonNegative(node.a)
      return node.fn === 'exp' || node.fn === 'sqrt' || node.fn === 'abs' || node.fn === 'sigmoid' || node.fn === 'softplus'
    case 'binary':
      switch (node.fn) {
        case 'mul':
          return node.a === node.b || (isNonNegative(node.a) && isNonNegative(node.b))
        case 'add':
        case 'div':
        case 'min':
          return isNonNegative(node.a) && isNonNegative(node.b)
        case 'max':
          return isNonNegative(node.a) || isNonNegative(node.b)
        case 'pow':
          return isNonNegative(node.a) || (node.b.op === 'const' && node.b.value % 2 === 0)
        case 'sub':
          return false
        default:
          return node satisfies never
      }
    case 'select':
      return isNonNegative(node.yes) && isNonNegative(node.no)
    case 'reduce':
      if (node.over !== 'taps' || node.by === 'argmax' || node.by === 'argmin') return false
      return node.by === 'var' ? false : node.by !== 'max' && isNonNegative(node.a)
    case 'tensor':
    case 'random':
    case 'flatIndex':
      return false
    default:
      return node satisfies never
  }
}

/** Whether a value is always above 0; an exponential may underflow, so it is not. */
export const isPositive = (node: Node): boolean => {
  if (node.op === 'const') return node.value > 0
  return node.op === 'binary' && node.fn === 'max' && (isPositive(node.a) || isPositive(node.b))
}
