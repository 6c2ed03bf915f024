/** An operator as its Python module: lowered for all geometries, with attributes left open and random values handed in. */
import { unsettled } from '../../codegen/lower.ts'
import { programsOf } from '../../codegen/program.ts'
import { type DeclaredRandom, torchModule } from '../../codegen/torch/operator.ts'
import { type Declarations, param } from '../../dsl/declarations.ts'
import type { Expr } from '../../dsl/expression.ts'
import { refuseOperator } from '../../dsl/fit.ts'
import { normaliseGeometry } from '../../dsl/geometry.ts'
import type { Operator } from '../../dsl/operator.ts'
import { settle } from '../../dsl/settle.ts'

/** Declared random values that a formula reads, with their streams. */
const randomOf = (results: Iterable<Expr>): DeclaredRandom[] => {
  const found = new Map<string, DeclaredRandom>()
  const seen = new Set<Expr>()
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return
    seen.add(expr)
    if (expr.op === 'random' && expr.name !== undefined) {
      const { name, kind, stream, shape } = expr
      found.set(name, { name, kind, stream, shape })
    }
    for (const value of Object.values(expr))
      if (typeof value === 'object' && value !== null && 'op' in value) visit(value as Expr)
  }
  for (const result of results) visit(result)
  return [...found.values()]
}

/**
 * The text of an operator's module.
 * @throws FormulaError for an operator that is wrong
 */
export const torchOperator = (operator: Operator, version: string): string => {
  const { declarations } = operator
  const attrs = Object.fromEntries(
    Object.entries(declarations).flatMap(([name, one]) => (one.role === 'attr' ? [[name, one.value] as const] : [])),
  )
  const open: Declarations = Object.fromEntries(
    Object.entries(declarations).map(([name, one]) => [name, one.role === 'attr' ? param() : one]),
  )
  const random = randomOf(settle(operator).results.values())
  const checked = settle({ ...operator, declarations: open }, { handIn: random.map(({ name }) => name) })
  // Any geometry of three dimensions will do: what it settles is left open, and axes keep their names.
  const programs = programsOf(checked, normaliseGeometry({ kernelSize: [1, 1, 1] }), undefined, unsettled)
  const allowsDivisor = refuseOperator(checked, normaliseGeometry({ kernelSize: [1, 1, 1], divisorOverride: 2 })) === undefined
  return torchModule({ programs, attrs, random, allowsDivisor, version })
}
