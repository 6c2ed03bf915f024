/** Functions that an emitted kernel may call, written into its own text: a kernel stands alone. */
import { cosConstants, logConstants, philoxConstants, uniformScale } from '../../dsl/random.ts'
import { templates } from '../../templates/compiled.ts'
import type { ScalarOp } from '../emit/scalar.ts'

/** A polynomial in Horner's form, lowest power first. */
const horner = (coefficients: readonly number[], x: string): string =>
  coefficients.slice(0, -1).reduceRight((text, c) => `${c} + ${x} * (${text})`, String(coefficients.at(-1)))

const randomView = (): Record<string, string | number> => ({
  ...philoxConstants,
  scale: uniformScale.scale,
  sqrtTwo: 2 * logConstants.sqrtHalf,
  ln2High: logConstants.ln2High,
  ln2Low: logConstants.ln2Low,
  logSeries: horner(logConstants.series, 's2'),
  quarterStep: 2 ** -22 * cosConstants.quarterTurn,
  sinSeries: horner(cosConstants.sin, 'y2'),
  cosSeries: horner(cosConstants.cos, 'y2'),
})

/** The text of the functions that these operations call. */
export const helperText = (used: ReadonlySet<ScalarOp>): string[] => {
  const lines: string[] = []
  if (used.has('softplus')) lines.push(templates['js/softplus']({}))
  if (used.has('unkey')) lines.push(templates['js/unkey']({}))
  if (used.has('tapOf')) lines.push(templates['js/tapOf']({}))
  if (used.has('uniform') || used.has('normal')) lines.push(templates['js/random'](randomView()))
  return lines
}
