/** Names that are apart in formulas and one in Python, where the later would silently take the place of the earlier. */
import { argumentName, ofTheFile, pythonName } from '../../codegen/torch/names.ts'
import { publicNames } from '../../codegen/torch/package.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import type { Operator } from '../../dsl/operator.ts'

/** Whose a name is, as messages say it, and what it is in Python. */
interface Named {
  readonly whose: string
  readonly python: string
}

/** What is wrong with the first name that is taken already; undefined where none is. */
const clashIn = (named: readonly Named[], taken: readonly Named[] = []): string | undefined => {
  const found = new Map(taken.map(({ python, whose }) => [python, whose]))
  for (const { whose, python } of named) {
    const other = found.get(python)
    if (other !== undefined) return `${other} and ${whose} are both ${python} in Python`
    found.set(python, whose)
  }
  return undefined
}

/** The package of the operators, and what PyTorch keeps beside them: `torch.ops.PACKAGE.name`. */
const besideOperators = ['operators', 'name']

/**
 * Refuses operators' names, which are those of modules, of functions, and of what PyTorch knows them and their gradients by.
 * @param modules - the package's own, by their names
 * @throws ArgumentError for two that would be one, for one that the package has taken, and for one that Python keeps for itself
 */
export const refuseOperatorNames = (operators: readonly Operator[], modules: readonly string[]): void => {
  const odd = operators.find(({ name }) => !/^([A-Za-z]|_[0-9])/.test(pythonName(name)))
  if (odd)
    throw new ArgumentError(`'${odd.name}' can be no function of Python's: begin the operator's name with a letter or a digit`)
  // Modules are files, and a disk may take capital letters for small ones.
  const small = (name: string): string => pythonName(name).toLowerCase()
  const clash = clashIn(
    operators.flatMap(({ name }) => [
      { whose: `'${name}'`, python: small(name) },
      { whose: `the gradient of '${name}'`, python: `${small(name)}_backward` },
    ]),
    [...ofTheFile, ...publicNames, ...besideOperators, ...modules].map((name) => ({
      whose: "a name of the package's own",
      python: name.toLowerCase(),
    })),
  )
  if (clash !== undefined) throw new ArgumentError(`${clash}, capital letters or small: give an operator another name`)
}

/**
 * Refuses names of one operator, its arguments' and its results'.
 * @throws ArgumentError for two that would be one
 */
export const refuseNamesOf = ({ name, declarations }: Operator, results: Iterable<string>): void => {
  const spelled = (names: Iterable<string>, spell: (name: string) => string): readonly Named[] =>
    Array.from(names, (one) => ({ whose: `'${one}'`, python: spell(one) }))
  const clash = clashIn(spelled(Object.keys(declarations), argumentName)) ?? clashIn(spelled(results, pythonName))
  if (clash !== undefined) throw new ArgumentError(`${name}: ${clash}: give one of them another name`)
}
