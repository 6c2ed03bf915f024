/**
 * The taps of a window that is done by loops: what the loop variables make of positions, tap indices and counts, and the heads
 * of the loops themselves.
 */
import { alwaysInside } from '../lower.ts'
import type { Bounds } from './bounds.ts'
import type { Context } from './context.ts'

export interface Taps {
  /** Where an element of the turn stands: its position in the planes, and its address. */
  readonly position: (t: number) => string
  readonly address: (t: number) => string
  /** The index of a tap of the turn in the full window. */
  readonly index: (t: number) => string
  /** The position of the element that a tap, by its index, reads. */
  readonly positionOf: (tap: string) => string
  /** The tap that wins where none is greater than -inf: the first; -1 where there is none. */
  readonly first: string
  /** Valid taps, and those that count in a divisor. */
  readonly count: string
  readonly divisor: string
  /** Whether a window may have no valid tap. */
  readonly mayBeEmpty: boolean
  /** Partial reductions side by side. */
  readonly parts: number
  /** The loops one after the other: their lines, the taps that a turn takes, and how many braces to close. */
  readonly loops: readonly { readonly head: readonly string[]; readonly taps: readonly number[]; readonly braces: number }[]
  /** Lines around the loops. */
  readonly around: { readonly before: readonly string[]; readonly after: readonly string[] }
}

const range = (n: number): number[] => Array.from({ length: n }, (_, t) => t)

/** @param unrolled how many taps of the innermost axis are written out; 0 for a loop */
export const tapsOf = (ctx: Context, bounds: Bounds, unrolled: number): Taps => {
  const { axes } = ctx
  const { geometry } = ctx.program
  const last = axes.length - 1
  const parts = geometry.kind === 'global' ? ctx.schedule.split : 1
  const stride = parts * ctx.schedule.turn
  const mayBeEmpty = geometry.kind === 'sliding' && !alwaysInside(geometry) && geometry.axes.some((x) => x.dilation > 1)
  const tapName = (d: number): string => `t${axes[d]!.letter}`
  const dilation = (d: number): number => (geometry.kind === 'sliding' ? geometry.axes[d]!.dilation : 1)
  const kernel = (d: number): string => (geometry.kind === 'sliding' ? String(geometry.axes[d]!.kernel) : bounds.to[d]!)
  const scaled = (text: string, d: number): string => (dilation(d) === 1 ? text : `${text} * ${dilation(d)}`)
  const position = (t: number): string => {
    const base = unrolled > 0 ? 'row' : 'at'
    const offset = unrolled > 0 ? t * dilation(last) : t
    return offset === 0 ? base : `${base} + ${offset}`
  }
  const address = (t: number): string => ctx.address(position(t))
  const flatTap = (coordinates: readonly string[]): string =>
    coordinates.reduce((flat, t, d) => {
      if (flat === '' || flat === '0') return t
      const row = /^\w+$/.test(flat) ? `${flat} * ${kernel(d)}` : `(${flat}) * ${kernel(d)}`
      return t === '0' ? row : `${row} + ${t}`
    }, '')
  const index = (t: number): string => {
    if (geometry.kind === 'global') return t === 0 ? 'at - inPlane' : `at - inPlane + ${t}`
    return flatTap(axes.map((_, d) => (d === last && unrolled > 0 ? String(t) : tapName(d))))
  }
  const lengths = (): string[] =>
    axes.map((_, d) => {
      if (unrolled > 0 && d === last) return String(unrolled)
      if (bounds.from[d] === '0') return `Math.max(0, ${bounds.to[d]!})`
      return `Math.max(0, ${bounds.to[d]!} - ${bounds.from[d]!})`
    })
  const count = geometry.kind === 'sliding' ? lengths().join(' * ') : axes.map((_, d) => bounds.to[d]!).join(' * ')
  const divisor = (): string => {
    if (geometry.kind !== 'sliding') return count
    if (!geometry.countIncludePad) return `Math.max(1, ${lengths().join(' * ')})`
    const below = geometry.axes.map((axis, d) => {
      const room = `${axes[d]!.extent}${axis.high > 0 ? ` + ${axis.high}` : ''} - ${bounds.start[d]!}`
      return `Math.min(${axis.kernel}, ${axis.dilation === 1 ? room : `Math.ceil((${room}) / ${axis.dilation})`})`
    })
    return below.join(' * ')
  }
  /** The position of the element that a tap, by its index in the window, reads. */
  const positionOf = (tap: string): string => {
    if (geometry.kind === 'global') return `inPlane + ${tap}`
    const coordinates: string[] = []
    let rest = tap
    for (let d = last; d > 0; d--) {
      const head = `Math.floor(${/^\w+$/.test(rest) ? rest : `(${rest})`} / ${kernel(d)})`
      coordinates[d] = `(${rest} - ${head} * ${kernel(d)})`
      rest = head
    }
    coordinates[0] = rest
    const flat = coordinates.reduce((at, x, d) => {
      const here = bounds.start[d] === '0' ? scaled(x, d) : `${bounds.start[d]!} + ${scaled(x, d)}`
      return at === '' ? here : `(${at}) * ${axes[d]!.extent} + ${here}`
    }, '')
    return `inPlane + ${flat}`
  }
  const firstTap = (): string => {
    if (geometry.kind === 'global') return '0'
    const first = flatTap(bounds.from)
    if (!mayBeEmpty) return first
    return `${axes.map((_, d) => `${bounds.from[d]!} < ${bounds.to[d]!}`).join(' && ')} ? ${first} : -1`
  }
  const loops = (): Taps['loops'] => {
    if (geometry.kind === 'global') {
      if (stride === 1) {
        const head = [`for (let at = inPlane, end = inPlane + ${axes[0]!.extent}; at < end; at++) {`]
        return [{ head, taps: [0], braces: 1 }]
      }
      return [
        { head: [`for (; at < whole; at += ${stride}) {`], taps: range(stride), braces: 1 },
        { head: ['for (; at < end; at++) {'], taps: [0], braces: 1 },
      ]
    }
    const outerLoops = unrolled > 0 ? last : last + 1
    const head: string[] = outerLoops === 0 ? ['{'] : []
    let line = 'inPlane'
    for (let d = 0; d < outerLoops; d++) {
      head.push(`for (let ${tapName(d)} = ${bounds.from[d]!}; ${tapName(d)} < ${bounds.to[d]!}; ${tapName(d)}++) {`)
      if (d === last - 1) {
        // The row of taps starts here; its columns follow.
        const flat = axes.slice(0, -1).reduce((at, axis, k) => {
          const here = `${bounds.start[k]!} + ${scaled(tapName(k), k)}`
          return at === '' ? here : `(${at}) * ${axis.extent} + ${here}`
        }, '')
        const from = bounds.start[last] === '0' ? '' : ` + ${bounds.start[last]!}`
        head.push(`const row = inPlane + (${flat}) * ${axes[last]!.extent}${from}`)
        line = 'row'
      }
    }
    if (unrolled > 0 && last === 0) head.push(`const row = inPlane + ${bounds.start[0]!}`)
    if (unrolled === 0) {
      const base = line === 'row' || bounds.start[last] === '0' ? line : `${line} + ${bounds.start[last]!}`
      head.push(`const at = ${base} + ${scaled(tapName(last), last)}`)
    }
    return [{ head, taps: unrolled > 0 ? range(unrolled) : [0], braces: Math.max(1, outerLoops) }]
  }
  const turns = ['{', 'let at = inPlane', `const end = inPlane + ${axes[0]!.extent}, whole = end - ${stride - 1}`]
  return {
    position,
    address,
    index,
    positionOf,
    first: firstTap(),
    count,
    divisor: divisor(),
    mayBeEmpty,
    parts,
    loops: loops(),
    around: stride > 1 ? { before: turns, after: ['}'] } : { before: [], after: [] },
  }
}
