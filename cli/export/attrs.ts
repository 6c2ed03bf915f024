/** Constants that kernels are made with besides the operators' own, as `--attr` gives them. */
import { argumentName } from '../../codegen/torch/names.ts'
import type { Operator } from '../../dsl/operator.ts'
import type { AttrValues } from '../../runtime/torch/kernels.ts'
import { type Problems, readNumber, readPairs } from '../flags/values.ts'

/**
 * The values of each constant, by a formula's name. One may be given several, and by the name that it has in Python too, where
 * a message asks for one more.
 */
export const readAttrs = (
  words: readonly string[] | undefined,
  operators: readonly Operator[],
  problems: Problems,
): AttrValues => {
  const declared = new Set(
    operators.flatMap(({ declarations }) => Object.keys(declarations).filter((name) => declarations[name]!.role === 'attr')),
  )
  const values = new Map<string, readonly number[]>()
  for (const [name, text] of (words ?? []).flatMap((word) => [...readPairs('--attr', [word], problems)])) {
    const value = readNumber(text)
    const meant = [...declared].filter((one) => one === name || argumentName(one) === name)
    if (value === undefined) problems.add(`--attr ${name}=${text}: write a number`)
    else if (operators.length > 0 && meant.length === 0)
      problems.add(`--attr ${name}: none of these operators has a constant of that name`)
    else for (const one of meant) values.set(one, [...(values.get(one) ?? []), value])
  }
  return Object.fromEntries(values)
}
