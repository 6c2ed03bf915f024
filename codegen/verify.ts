/**
 * The IR's grammar, checked after the passes: levels follow from operands, integers are never differentiated, and each
 * stage reads only what it may. A violation is a bug of a pass, never of the user, and stops the compilation.
 */
import { join, type Level, levels, overTaps, sameLevel } from '../dsl/level.ts'
import { type Node, operands, topological } from './ir.ts'
import type { Program } from './program.ts'

const expectedLevel = (node: Node): Level => {
  switch (node.op) {
    case 'reduce':
      if (node.over === 'taps') return overTaps(node.a.level)
      return node.over === 'covers' ? levels.input : node.level
    case 'flatIndex':
      return join(node.a.level, levels.geometry)
    case 'const':
    case 'tensor':
    case 'geometry':
    case 'random':
      return node.level
    case 'unary':
    case 'binary':
    case 'select':
      return operands(node)
        .map((x) => x.level)
        .reduce(join)
    default:
      return node satisfies never
  }
}

const fail = (rule: string, node: Node): never => {
  throw new Error(`the compiler made an invalid program: ${rule} (node ${node.id}, ${node.op})`)
}

const verifyNode = (node: Node): void => {
  if (!sameLevel(node.level, expectedLevel(node))) fail('a level does not follow from the operands', node)
  if (node.op === 'reduce' && node.over === 'covers') {
    for (const below of topological([node.a])) {
      if (below.op === 'reduce' && below.over === 'covers') fail('a sum over covers stands inside another', below)
    }
  }
}

/** @throws Error naming the rule and the node, where a pass broke the grammar. */
export const verify = (program: Program): void => {
  const carried = new Set(program.carriers.map((c) => c.value))
  const stored = new Set<string>()
  for (const stage of program.stages) {
    for (const { value, to } of stage.stores) {
      for (const node of topological([value])) verifyNode(node)
      if (stage.visits === 'elements') verifyElement(value, carried)
      for (const node of topological([value])) {
        if (node.op === 'tensor' && node.role === 'sum' && !stored.has(node.name))
          fail(`'${node.name}' is read before it is summed`, node)
      }
      if (stage.visits !== 'elements' && topological([value]).some((x) => x.op === 'reduce' && x.over === 'covers')) {
        fail(`${to.name} sums over covers outside the elements' stage`, value)
      }
    }
    for (const { to } of stage.stores) stored.add(to.name)
  }
}

/** An element reads carriers and stored tensors; it never sweeps over taps. */
const verifyElement = (value: Node, carried: ReadonlySet<Node>): void => {
  const seen = new Set<Node>()
  const visit = (node: Node): void => {
    if (seen.has(node) || carried.has(node)) return
    seen.add(node)
    if (node.op === 'reduce' && node.over === 'taps') fail('an element sweeps over taps', node)
    operands(node).forEach(visit)
  }
  visit(value)
}
