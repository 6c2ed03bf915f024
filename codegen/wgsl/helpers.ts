/** Functions that emitted shaders may call, written into their own text: a shader stands alone. */
import { cosConstants, logConstants, philoxConstants, uniformScale } from '../../dsl/random.ts'
import { templates } from '../../templates/compiled.ts'
import { literal } from './spelling.ts'

const number = (value: number): string => literal(Math.fround(value), 'float')

/** A polynomial in Horner's form, lowest power first. */
const horner = (coefficients: readonly number[], x: string): string =>
  coefficients.slice(0, -1).reduceRight((text, c) => `${number(c)} + ${x} * (${text})`, number(coefficients.at(-1)!))

const random = (): string =>
  templates['wgsl/random']({
    ...philoxConstants,
    scale: number(uniformScale.scale),
    sqrtTwo: number(2 * logConstants.sqrtHalf),
    ln2High: number(logConstants.ln2High),
    ln2Low: number(logConstants.ln2Low),
    logSeries: horner(logConstants.series, 's2'),
    quarterStep: number(2 ** -22 * cosConstants.quarterTurn),
    sinSeries: horner(cosConstants.sin, 'y2'),
    cosSeries: horner(cosConstants.cos, 'y2'),
  })

/** One function: what in a text calls for it, and how it is written. Those that others call come before them. */
interface Helper {
  readonly called: RegExp
  readonly text: (threads: number) => string
}

const helpers: readonly Helper[] = [
  { called: /\b(infinity|notANumber)\(/, text: () => templates['wgsl/constants']({}) },
  { called: /\bisNaN\(/, text: () => templates['wgsl/isNaN']({}) },
  { called: /\babove\(/, text: () => templates['wgsl/beats']({ name: 'above', sign: '>' }) },
  { called: /\bbelow\(/, text: () => templates['wgsl/beats']({ name: 'below', sign: '<' }) },
  { called: /\bmaximum\(/, text: () => templates['wgsl/extremum']({ name: 'maximum', larger: 'larger', sign: '>' }) },
  { called: /\bminimum\(/, text: () => templates['wgsl/extremum']({ name: 'minimum', larger: 'smaller', sign: '<' }) },
  { called: /\bexponential\(/, text: () => templates['wgsl/exp']({}) },
  { called: /\blogarithm\(/, text: () => templates['wgsl/log']({}) },
  { called: /\bhyperbolicTangent\(/, text: () => templates['wgsl/tanh']({}) },
  { called: /\bsoftplus\(/, text: () => templates['wgsl/softplus']({}) },
  { called: /\broot\(/, text: () => templates['wgsl/root']({}) },
  { called: /\bsignOf\(/, text: () => templates['wgsl/signOf']({}) },
  { called: /\bpower\(/, text: () => templates['wgsl/power']({}) },
  { called: /\b(uniformOf|normal)\(/, text: random },
  { called: /\b(scaled|scaledUp)\(/, text: () => templates['wgsl/scaled']({}) },
  { called: /\bsumOfBlock\(/, text: (threads) => templates['wgsl/sumOfBlock']({ threads, half: threads / 2 }) },
]

/** The text of what a shader calls, found by name: a helper's own calls count too. */
export const helperText = (source: string, threads: number): string[] => {
  const made: string[] = []
  for (const { called, text } of [...helpers].reverse()) {
    if ([source, ...made].some((one) => called.test(one))) made.unshift(text(threads))
  }
  return made
}
