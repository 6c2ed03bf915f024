/** Windows and elements that are looped over: which taps of a window lie inside, which windows cover an element. */
import type { Geometry } from '../../dsl/geometry.ts'
import type { AxisNames } from '../emit/axes.ts'
import { alwaysInside } from '../lower.ts'
import type { Dialect } from './dialect.ts'
import { bracketed, plus, times } from './flat.ts'
import type { Declaration } from './kernel.ts'

/** One axis of a window: names or numbers. */
export interface Span {
  /** Where tap 0 stands; the taps `from` to below `to` lie inside. */
  readonly start: string
  readonly from: string
  readonly to: string
  /** Taps of the full window along the axis. */
  readonly kernel: string
  /** The taps that count in a divisor. */
  readonly counted: string
  readonly dilation: number
  readonly declarations: readonly Declaration[]
}

const capital = (text: string): string => text.toUpperCase()

/** The window at `o` along an axis. */
export const spanAlong = (
  { constant, scaled, scaledUp }: Dialect,
  geometry: Geometry,
  d: number,
  { o, extent, out, letter }: AxisNames,
): Span => {
  if (geometry.kind === 'global')
    return { start: '0', from: '0', to: extent, kernel: extent, counted: extent, dilation: 1, declarations: [] }
  const [start, from, to] = ['start', 'from', 'to'].map((x) => `${x}${capital(letter)}`) as [string, string, string]
  if (geometry.kind === 'adaptive') {
    const declarations = [
      { name: start, line: constant(start, 'int', scaled(o, extent, out)) },
      { name: to, line: constant(to, 'int', `${scaledUp(o, extent, out)} - ${start}`) },
    ]
    return { start, from: '0', to, kernel: to, counted: to, dilation: 1, declarations }
  }
  const { kernel, stride, low, high, dilation } = geometry.axes[d]!
  const declarations: Declaration[] = [{ name: start, line: constant(start, 'int', plus(times(o, stride), -low)) }]
  if (alwaysInside(geometry))
    return { start, from: '0', to: String(kernel), kernel: String(kernel), counted: String(kernel), dilation, declarations }
  const steps = (text: string): string => (dilation === 1 ? text : `(${text} + ${dilation - 1}) / ${dilation}`)
  if (low > 0) declarations.push({ name: from, line: constant(from, 'int', `max(0, ${steps(`-${start}`)})`) })
  declarations.push({ name: to, line: constant(to, 'int', `min(${kernel}, ${steps(`${extent} - ${start}`)})`) })
  return {
    start,
    from: low > 0 ? from : '0',
    to,
    kernel: String(kernel),
    counted: `min(${kernel}, ${steps(`${extent}${high > 0 ? ` + ${high}` : ''} - ${start}`)})`,
    dilation,
    declarations,
  }
}

/** The valid taps of a window, as an expression. */
export const countOf = (spans: readonly Span[], mayBeEmpty: boolean): string =>
  spans
    .map(({ from, to }) => {
      const length = from === '0' ? to : `${to} - ${from}`
      if (mayBeEmpty) return `max(0, ${length})`
      return spans.length > 1 ? bracketed(length) : length
    })
    .join(' * ')

/** Whether a window can have no valid tap: its taps may step over the input. */
export const mayBeEmpty = (geometry: Geometry): boolean =>
  geometry.kind === 'sliding' && !alwaysInside(geometry) && geometry.axes.some((x) => x.dilation > 1)

/** The windows that cover the element at `i` along an axis: their range, and the tap of one of them that reads it. */
export interface CoverLoop {
  /** The loop's head and the lines that follow it; one brace is to be closed for each in `braces`. */
  readonly lines: readonly string[]
  readonly braces: number
  readonly tap: string
  /** Taps of the covering window along the axis, for the index of a tap. */
  readonly kernel: string
}

export const coversAlong = (
  { constant, loop, loopUpTo, scaled, scaledUp, when }: Dialect,
  geometry: Geometry,
  d: number,
  { o, i, extent, out, letter }: AxisNames,
): CoverLoop => {
  if (geometry.kind === 'global') return { lines: [], braces: 0, tap: i, kernel: extent }
  const tap = `t${letter}`
  if (geometry.kind === 'adaptive') {
    // Window o reads floor(o I / O) up to ceil((o + 1) I / O): element i lies in floor(i O / I) to ceil((i + 1) O / I) - 1.
    const first = scaled(i, out, extent)
    const end = scaledUp(i, out, extent)
    const size = `size${capital(letter)}`
    return {
      lines: [
        loop(o, first, end),
        constant(`start${capital(letter)}`, 'int', scaled(o, extent, out)),
        constant(size, 'int', `${scaledUp(o, extent, out)} - start${capital(letter)}`),
        constant(tap, 'int', `${i} - start${capital(letter)}`),
      ],
      braces: 1,
      tap,
      kernel: size,
    }
  }
  const { kernel, stride, low, dilation } = geometry.axes[d]!
  const at = plus(i, low)
  const reach = (kernel - 1) * dilation
  const by = (text: string): string => (stride === 1 ? text : `(${text}) / ${stride}`)
  // A negative quotient is rounded up to 0, which is where windows begin.
  const shift = low - reach + stride - 1
  const first = `max(0, ${by(plus(i, shift))})`
  const last = `min(${out} - 1, ${by(at)})`
  const distance = `${at} - ${times(o, stride)}`
  const lines = loopUpTo(o, first, last, `last${capital(letter)}`)
  if (dilation === 1) lines.push(constant(tap, 'int', distance))
  else {
    lines.push(constant(`along${capital(letter)}`, 'int', distance))
    lines.push(when(`along${capital(letter)} % ${dilation} != 0`, 'continue;'))
    lines.push(constant(tap, 'int', `along${capital(letter)} / ${dilation}`))
  }
  return { lines, braces: 1, tap, kernel: String(kernel) }
}
