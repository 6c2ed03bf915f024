/** How the values of a kernel are called in its text, whatever the target: the formula's own names come first. */
import { callIt } from '../call.ts'
import type { Node } from '../ir.ts'
import type { Program } from '../program.ts'

/** How values are labelled: a name that they must have, what to call them else, and the part of the formula they compute. */
export interface Labels {
  readonly name: (node: Node) => string | undefined
  readonly call: (node: Node) => string
  readonly comment: (node: Node) => string | undefined
}

/** The names of the tensors that a program's kernel reads and writes. */
export const tensorNames = (program: Program): ReadonlySet<string> => {
  const names = new Set<string>(program.operator.tensors.map((x) => x.name))
  for (const stage of program.stages)
    for (const { to } of stage.stores) names.add(to.role === 'gradient' ? `${to.name}Grad` : to.name)
  return names
}

/**
 * The labels of a program's values. A value with the name of a tensor goes by its operation instead.
 * @param carriers - names that values must have since they are stored under them
 */
export const labelsOf = (program: Program, carriers: (node: Node) => string | undefined): Labels => {
  const { builder, operator } = program
  const tensors = tensorNames(program)
  const named = (node: Node): string | undefined => {
    const name = builder.names.get(node)
    return name !== undefined && !tensors.has(name) ? name : undefined
  }
  return {
    name: (node) => named(node) ?? carriers(node) ?? (node.op === 'reduce' && node.over === 'taps' ? node.by : undefined),
    call: callIt,
    comment: (node) => {
      const span = builder.spans.get(node)
      const text = span && operator.formula.slice(span.start, span.end).replace(/\s+/g, ' ')
      return text && text.length <= 100 && node.op !== 'tensor' ? text : undefined
    },
  }
}
