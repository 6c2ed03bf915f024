/**
 * Writes operators of random formulas as modules of Python, and of each a call with what the oracle says of it: geometries, data
 * and formulas are those of the property tests. `node --import ./test/strip-types.mjs test/torch/random-operators.ts OUT`
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { argumentName } from '../../codegen/torch/names.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import { oracleBackward, oracleForward } from '../../oracle/oracle.ts'
import { torchOperator } from '../../runtime/torch/operator.ts'
import { argumentsOf, casesWith } from '../property/cases.ts'
import { isSmooth } from '../property/guards.ts'

const seed = Number(process.env.POOLWRIGHT_SEED ?? Date.now() % 2 ** 31)
const [out] = process.argv.slice(2) as [string]

const plain = ({ shape, data }: Tensor) => ({
  shape,
  data: Array.from(data, (value) => (Number.isFinite(value) ? value : String(value))),
})
const plainAll = (tensors: Readonly<Record<string, Tensor | number>>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, one]) => [name, typeof one === 'number' ? one : plain(one)]))

const cases = fc.sample(casesWith(fc.constant(null)), { seed, numRuns: 200 }).flatMap((one, k) => {
  const { operator, geometry, inputs, cotangents, seed: drawn } = argumentsOf(one)
  // On an edge of a formula rounding decides.
  if (!isSmooth(operator, geometry, inputs, drawn ?? 0n)) return []
  const name = `random_${k}`
  const options = drawn === undefined ? {} : { seed: drawn }
  const declared = { name, declarations: one.formula.declarations, formula: one.formula.text, results: [] }
  writeFileSync(join(out, `${name}.py`), torchOperator(declared, '0'))
  return [
    {
      name,
      told: fc.stringify(one),
      geometry,
      tensors: operator.tensors.map((tensor) => ({ name: tensor.name, argument: argumentName(tensor.name), role: tensor.role })),
      inputs: plainAll(inputs),
      seed: drawn === undefined ? null : String(drawn),
      cotangents: plainAll(cotangents),
      forward: plainAll(oracleForward(operator, geometry, inputs, options)),
      backward: plainAll(oracleBackward(operator, geometry, inputs, cotangents, options)),
    },
  ]
})

writeFileSync(join(out, 'random.json'), JSON.stringify({ seed, cases }))
