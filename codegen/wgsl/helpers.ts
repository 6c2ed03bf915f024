/** Functions that emitted shaders may call, written into their own text: a shader stands alone. */

import type { StorageType } from '../../dsl/geometry.ts'
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
  readonly text: (threads: number, dtype: StorageType) => string
}

/** What invocations of a workgroup put together, of one type, through memory that they share. */
const ofLanes = (kind: 'Floats' | 'Ints'): Helper[] => {
  const [type, parts] = kind === 'Floats' ? ['f32', 'parts'] : ['i32', 'intParts']
  const sides = [
    { larger: 'largest', sign: '>', beats: 'above' },
    { larger: 'smallest', sign: '<', beats: 'below' },
  ]
  const own = { kind, type, parts }
  return [
    { called: new RegExp(`\\b${parts}\\[`), text: (threads) => templates['wgsl/parts']({ ...own, threads }) },
    { called: new RegExp(`\\bsumOf${kind}\\(`), text: () => templates['wgsl/sumOfLanes'](own) },
    { called: new RegExp(`\\bwinsOf${kind}\\(`), text: () => templates[`wgsl/winsOf${kind}`]({}) },
    ...sides.flatMap(({ larger, sign, beats }): Helper[] => [
      {
        called: new RegExp(`\\b${larger}Of${kind}\\(`),
        text: () =>
          templates['wgsl/bestOfLanes']({
            ...own,
            larger,
            rule: kind === 'Floats' ? '; NaN where there is one' : '',
            beats: kind === 'Floats' ? `${beats}(other, ${parts}[thread])` : `other ${sign} ${parts}[thread]`,
          }),
      },
      {
        called: new RegExp(`\\b${larger}PlaceOf${kind}\\(`),
        text: () => templates['wgsl/placeOfLanes']({ ...own, larger, sign }),
      },
    ]),
  ]
}

const helpers: readonly Helper[] = [
  { called: /\b(widen|narrow)\(/, text: (_, dtype) => templates[dtype === 'float16' ? 'wgsl/float16' : 'wgsl/bfloat16']({}) },
  { called: /\b(widenHalf|narrowHalf)\(/, text: () => templates['wgsl/halves']({}) },
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
  { called: /\btapParts\[/, text: (threads) => templates['wgsl/parts']({ parts: 'tapParts', type: 'i32', threads }) },
  ...(['Floats', 'Ints'] as const).flatMap(ofLanes),
]

/** The text of what a shader calls, found by name: a helper's own calls count too. */
export const helperText = (source: string, threads: number, dtype: StorageType): string[] => {
  const made: string[] = []
  for (const { called, text } of [...helpers].reverse()) {
    if ([source, ...made].some((one) => called.test(one))) made.unshift(text(threads, dtype))
  }
  return made
}
