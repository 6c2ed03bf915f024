/** What the compiler makes of an operator on its way to source text, for people who want to see it. */
import { printIr, printStages } from '../codegen/print.ts'
import { programsOf } from '../codegen/program.ts'
import type { CheckedOperator } from '../dsl/expression.ts'
import { describeGeometry, type Geometry } from '../dsl/geometry.ts'

/**
 * The operator itself, its graph, or its stages as text.
 * @throws ArgumentError where the operator does not go with the geometry
 */
export const inspect = (
  operator: CheckedOperator,
  geometry: Geometry,
  what: 'operator' | 'ir' | 'stages',
  direction: 'forward' | 'backward',
): string => {
  if (what === 'operator') {
    const tensors = operator.tensors.map(
      (t) => `  ${t.name}: ${t.role}${'shape' in t ? ` (${typeof t.shape === 'string' ? t.shape : t.shape.join(', ')})` : ''}`,
    )
    const attrs = Object.entries(operator.attrs).map(([name, value]) => `  ${name}: attribute, ${value}`)
    return `${operator.name}: ${operator.formula}\n${[...tensors, ...attrs].join('\n')}\n  ${describeGeometry(geometry)}\n`
  }
  const program = programsOf(operator, geometry)[direction]
  return what === 'ir' ? printIr(program) : printStages(program)
}
