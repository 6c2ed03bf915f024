/** Functions that emitted kernels may call, written into their own text: a source stands alone. */

import type { StorageType } from '../../dsl/geometry.ts'
import { cosConstants, logConstants, philoxConstants, uniformScale } from '../../dsl/random.ts'
import { templates } from '../../templates/compiled.ts'
import type { Real } from '../gpu/dialect.ts'
import { literal } from './spelling.ts'

/** A polynomial in Horner's form, lowest power first. */
const horner = (coefficients: readonly number[], x: string, real: Real): string =>
  coefficients
    .slice(0, -1)
    .reduceRight((text, c) => `${literal(c, 'float', real)} + ${x} * (${text})`, literal(coefficients.at(-1)!, 'float', real))

/** The names of the language's functions, which tell the type, and of this arithmetic's constants. */
const names = (real: Real): Record<string, string> => {
  const f = real === 'float' ? 'f' : ''
  return { real, log1p: `log1p${f}`, exp: `exp${f}`, abs: `fabs${f}`, pow: `pow${f}`, sqrt: `sqrt${f}` }
}

const random = (real: Real): string => {
  const number = (value: number): string => literal(value, 'float', real)
  return templates['cuda/random']({
    ...names(real),
    ...philoxConstants,
    scale: number(uniformScale.scale),
    sqrtTwo: number(2 * logConstants.sqrtHalf),
    half: number(0.5),
    ln2High: number(logConstants.ln2High),
    ln2Low: number(logConstants.ln2Low),
    logSeries: horner(logConstants.series, 's2', real),
    quarterStep: number(2 ** -22 * cosConstants.quarterTurn),
    sinSeries: horner(cosConstants.sin, 'y2', real),
    cosSeries: horner(cosConstants.cos, 'y2', real),
  })
}

const extremum = (name: 'maximum' | 'minimum', real: Real): string =>
  templates['cuda/extremum']({
    real,
    name,
    larger: name === 'maximum' ? 'larger' : 'smaller',
    sign: name === 'maximum' ? '>' : '<',
    instruction: real === 'float' ? `${name === 'maximum' ? 'max' : 'min'}.NaN.f32` : '',
  })

const constants = (real: Real): string =>
  real === 'float'
    ? '#define infinity __int_as_float(0x7f800000)\n#define notANumber __int_as_float(0x7fffffff)'
    : '#define infinity __longlong_as_double(0x7ff0000000000000LL)\n#define notANumber __longlong_as_double(0x7fffffffffffffffLL)'

/** Of numbers of 16 bits, two at once. */
const pairs = (name: 'maximum' | 'minimum', dtype: StorageType): string =>
  templates['cuda/pairs']({
    name,
    larger: name === 'maximum' ? 'larger' : 'smaller',
    instruction: `${name === 'maximum' ? 'max' : 'min'}.NaN.${dtype === 'bfloat16' ? 'bf16x2' : 'f16x2'}`,
  })

/** One function: what in a text calls for it, and how it is written. Those that others call come before them. */
interface Helper {
  readonly called: RegExp
  readonly text: (real: Real, dtype: StorageType) => string
}

/** Reductions of lanes and of blocks, of either side. */
const ofEither = (of: 'Lanes' | 'Block'): Helper[] =>
  (
    [
      ['largest', '>'],
      ['smallest', '<'],
    ] as const
  ).flatMap(([larger, sign]): Helper[] => [
    { called: new RegExp(`\\b${larger}Of${of}\\b`), text: () => templates[`cuda/bestOf${of}`]({ larger, sign }) },
    { called: new RegExp(`\\b${larger}PlaceOf${of}\\b`), text: () => templates[`cuda/placeOf${of}`]({ larger, sign }) },
  ])

/** In the order in which they are written. */
const helpers: readonly Helper[] = [
  { called: /\b(infinity|notANumber)\b/, text: constants },
  { called: /\bmaximum\b/, text: (real) => extremum('maximum', real) },
  { called: /\bminimum\b/, text: (real) => extremum('minimum', real) },
  { called: /\bmaximumOfPairs\b/, text: (_, dtype) => pairs('maximum', dtype) },
  { called: /\bminimumOfPairs\b/, text: (_, dtype) => pairs('minimum', dtype) },
  { called: /\bsoftplus\b/, text: (real) => templates['cuda/softplus'](names(real)) },
  { called: /\bsignOf\b/, text: (real) => templates['cuda/signOf'](names(real)) },
  { called: /\bpower\b/, text: (real) => templates['cuda/power'](names(real)) },
  { called: /\b(uniform|normal)\(/, text: random },
  { called: /\bsumOfLanes\b/, text: () => templates['cuda/sumOfLanes']({}) },
  { called: /\bwins\b/, text: () => templates['cuda/wins']({}) },
  ...ofEither('Lanes'),
  { called: /\bsumOfBlock\b/, text: () => templates['cuda/sumOfBlock']({}) },
  ...ofEither('Block'),
]

/** The text of what a source calls, found by name: a helper's own calls count too. */
export const helperText = (source: string, real: Real, dtype: StorageType): string[] => {
  const made: string[] = []
  for (const { called, text } of [...helpers].reverse()) {
    if ([source, ...made].some((one) => called.test(one))) made.unshift(text(real, dtype))
  }
  return made
}
