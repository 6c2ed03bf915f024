/** Which taps of a window lie inside the input, where that is known at run time only: bounds along each axis, as lines and names. */
import type { Context } from './context.ts'

export interface Bounds {
  readonly lines: readonly string[]
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly start: readonly string[]
}

const letterOf = (letter: string, what: string): string =>
  letter === '' ? what : `${letter}${what[0]!.toUpperCase()}${what.slice(1)}`

/** Bounds of the taps of the window at the loops' coordinates that lie inside the input. */
export const boundsOf = (ctx: Context, which: readonly number[]): Bounds => {
  const { geometry } = ctx.program
  const lines: string[] = []
  const start: string[] = []
  const from: string[] = []
  const to: string[] = []
  ctx.axes.forEach((axis, d) => {
    const names = { start: letterOf(axis.letter, 'start'), from: letterOf(axis.letter, 'from'), to: letterOf(axis.letter, 'to') }
    if (geometry.kind === 'global') {
      start.push('0')
      from.push('0')
      to.push(axis.extent)
      return
    }
    start.push(names.start)
    if (geometry.kind === 'adaptive') {
      from.push('0')
      to.push(names.to)
      if (!which.includes(d)) return
      lines.push(`const ${names.start} = Math.floor(${axis.o} * ${axis.extent} / ${axis.out})`)
      lines.push(
        `const ${names.to} = Math.floor(((${axis.o} + 1) * ${axis.extent} + ${axis.out} - 1) / ${axis.out}) - ${names.start}`,
      )
      return
    }
    const { kernel, stride, low, dilation } = geometry.axes[d]!
    const along = stride === 1 ? axis.o : `${axis.o} * ${stride}`
    from.push(low > 0 ? names.from : '0')
    to.push(names.to)
    if (!which.includes(d)) return
    lines.push(`const ${names.start} = ${along}${low > 0 ? ` - ${low}` : ''}`)
    if (low > 0) {
      lines.push(
        dilation === 1
          ? `const ${names.from} = Math.max(0, -${names.start})`
          : `const ${names.from} = Math.max(0, Math.ceil(-${names.start} / ${dilation}))`,
      )
    }
    const left = dilation === 1 ? `${axis.extent} - ${names.start}` : `Math.ceil((${axis.extent} - ${names.start}) / ${dilation})`
    lines.push(`const ${names.to} = Math.min(${kernel}, ${left})`)
  })
  return { lines, from, to, start }
}
