/** From a name or a formula to a checked operator. The language comes with it, so only commands import this. */
import { ArgumentError } from '../../dsl/errors.ts'
import type { CheckedOperator } from '../../dsl/expression.ts'
import { operatorFromFormula } from '../../dsl/free-formula.ts'
import { nearest } from '../../dsl/names.ts'
import type { Operator } from '../../dsl/operator.ts'
import { settle } from '../../dsl/settle.ts'
import type { ParamShape } from '../../dsl/shapes.ts'
import type { OperatorSource } from './source.ts'

/** What is known of an operator's names when it is compiled. */
export interface OperatorNames {
  readonly tensors: readonly string[]
  readonly attrs: Readonly<Record<string, number>>
  /** Shapes of parameters, and of random values that are handed in. */
  readonly shapes: Readonly<Record<string, ParamShape>>
  /** Whether the parameters in `shapes` are all that there are, so that any other name is a mistake. */
  readonly complete: boolean
}

const specNamed = async (name: string): Promise<Operator> => {
  const { specs } = await import('../../specs/index.ts')
  const found = specs.get(name)
  if (found) return found
  const meant = nearest(name, specs.keys())
  const remedy = meant ? `Did you mean ${meant}?` : `There are ${[...specs.keys()].join(', ')}; or give a formula with --formula.`
  throw new ArgumentError(`there is no operator '${name}'. ${remedy}`)
}

/** An operator of the house has the tensors that it declares, and no more. */
const checkTensors = ({ name, declarations }: Operator, given: readonly string[]): void => {
  const declared = Object.entries(declarations).flatMap(([of, { role }]) => (role === 'tensor' || role === 'random' ? [of] : []))
  const unknown = given.find((tensor) => !declared.includes(tensor))
  if (unknown === undefined) return
  const meant = nearest(unknown, declared)
  const all = declared.length > 0 ? `it has ${declared.join(', ')}` : 'it has none, leave --tensor out'
  throw new ArgumentError(`${name} has no further tensor '${unknown}': ${meant ? `did you mean '${meant}'?` : all}`)
}

/**
 * The operator, checked and settled.
 * @throws ArgumentError for a name that is none, and for a tensor that is none of the operator's; FormulaError where names, shapes and formula do not go together
 */
export const settleOperator = async (source: OperatorSource, names: OperatorNames): Promise<CheckedOperator> => {
  const { tensors, attrs, shapes, complete } = names
  if ('formula' in source) {
    const params = complete ? { params: Object.keys(shapes) } : {}
    return settle(operatorFromFormula(source.formula, { tensors, attrs, paramShapes: shapes, ...params }))
  }
  const operator = await specNamed(source.name)
  checkTensors(operator, tensors)
  const given = [...tensors, ...Object.keys(shapes)]
  const handIn = given.filter(
    (name) => Object.hasOwn(operator.declarations, name) && operator.declarations[name]?.role === 'random',
  )
  return settle(operator, { attrs, shapes, handIn })
}
