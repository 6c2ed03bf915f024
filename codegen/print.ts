/** The IR and the stages as text, for readers: one line a value, what it varies with beside it. */
import { describeLevel } from '../dsl/level.ts'
import { type Node, topological } from './ir.ts'
import type { Program } from './program.ts'

const infix = { add: '+', sub: '-', mul: '*', div: '/', pow: '^' } as const
const tests = { lt: '<', le: '<=', gt: '>', ge: '>=', eq: '=', ne: '!=' } as const

/** One operation, its operands by number where they are operations themselves. */
const operation = (node: Node, name: (node: Node) => string): string => {
  switch (node.op) {
    case 'const':
    case 'tensor':
    case 'geometry':
      return atom(node)!
    case 'random':
      return `${node.kind}(${typeof node.shape === 'string' ? node.shape : node.shape.join(', ')}), stream ${node.stream}`
    case 'unary':
      return node.fn === 'neg' ? `-${name(node.a)}` : `${node.fn}(${name(node.a)})`
    case 'binary':
      if (node.fn === 'max' || node.fn === 'min') return `${node.fn}(${name(node.a)}, ${name(node.b)})`
      return `${name(node.a)} ${infix[node.fn]} ${name(node.b)}`
    case 'select':
      return `select(${name(node.a)} ${tests[node.test]} ${name(node.b)}, ${name(node.yes)}, ${name(node.no)})`
    case 'flatIndex':
      return `flatIndex(${name(node.a)})`
    case 'reduce':
      if (node.over === 'taps') return `${node.by} over taps of ${name(node.a)}`
      if (node.over === 'covers') return `sum over covers of ${name(node.a)}`
      return `sum over ${describeLevel(node.from)} of ${name(node.a)}`
    default:
      return node satisfies never
  }
}

/** The spelling of a value that needs no line of its own. */
const atom = (node: Node): string | undefined => {
  if (node.op === 'const') return String(node.value)
  if (node.op === 'geometry') return node.what
  if (node.op !== 'tensor') return undefined
  return node.role === 'cotangent' ? `d/d${node.name}` : node.name
}

/** Numbers values in the order of their first use. */
class Lines {
  readonly text: string[] = []
  private readonly numbers = new Map<Node, string>()

  name = (node: Node): string => atom(node) ?? this.numbers.get(node) ?? '?'

  add(roots: readonly Node[]): void {
    for (const node of topological(roots)) {
      if (atom(node) !== undefined || this.numbers.has(node)) continue
      const number = `%${this.numbers.size + 1}`
      const line = `  ${number} = ${operation(node, this.name)}`
      this.numbers.set(node, number)
      this.text.push(`${line.padEnd(64)} : ${describeLevel(node.level)}${node.type === 'int' ? ', integer' : ''}`)
    }
  }
}

/** The graph of a program's results or gradients: every value with what it varies with. */
export const printIr = (program: Program): string => {
  const lines = new Lines()
  const stores = program.stages.flatMap((stage) => stage.stores)
  lines.add(stores.map((x) => x.value))
  for (const { to, value, how } of stores)
    lines.text.push(`  ${to.role} ${to.name} ${how === 'set' ? '=' : '+='} ${lines.name(value)}`)
  return `${program.operator.name}, ${program.direction}\n${lines.text.join('\n')}\n`
}

/** What each stage visits, makes and stores. */
export const printStages = (program: Program): string => {
  const lines = new Lines()
  const out: string[] = [`${program.operator.name}, ${program.direction}`]
  for (const stage of program.stages) {
    out.push(`stage: visits ${stage.visits} (each ${describeLevel(stage.domain)})`)
    const carriers = stage.visits === 'windows' && program.direction === 'backward' ? program.carriers : []
    lines.add(carriers.map((x) => x.value))
    for (const { buffer, value, savable } of carriers) {
      lines.text.push(`  carrier ${buffer.name} = ${lines.name(value)}${savable ? '  (may be saved by the forward pass)' : ''}`)
    }
    lines.add(stage.stores.map((x) => x.value))
    for (const { to, value, how } of stage.stores)
      lines.text.push(`  ${to.role} ${to.name} ${how === 'set' ? '=' : '+='} ${lines.name(value)}`)
    out.push(...lines.text.splice(0))
  }
  if (program.direction === 'forward' && program.carriers.length > 0)
    out.push(`may be saved for the backward pass: ${program.carriers.map((x) => x.buffer.name).join(', ')}`)
  return `${out.join('\n')}\n`
}
