/**
 * Elements by loops over the windows that cover them: those near the border of the output, where it would be too much text to
 * write them out, and all those of inputs too small to have an inside.
 */
import type { SlidingAxis } from '../../dsl/geometry.ts'
import { phasesOf } from '../covers.ts'
import type { Block } from '../emit/block.ts'
import { frontierOf } from '../emit/frontier.ts'
import { instantiator } from '../emit/instantiate.ts'
import type { Scalar } from '../emit/scalar.ts'
import type { CoverSum } from '../ir.ts'
import { coverSums, type Store } from '../program.ts'
import type { KernelFunction } from './bands.ts'
import type { Context } from './context.ts'
import { elementStatements, flat, gatherFrame } from './gather.ts'
import type { Hoists } from './hoist.ts'
import { Locals } from './work.ts'

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** A function of the elements `first` to `end` of a row, each by loops over its covers. */
export const gatherByLoops = (
  ctx: Context,
  axes: readonly SlidingAxis[],
  stores: readonly Store[],
  hoists: Hoists,
): KernelFunction => {
  const { s } = ctx
  const last = axes.length - 1
  const block = hoists.block.child()
  const locals = new Locals(ctx, block.names, stores)
  const tables: string[] = []
  /** The first tap of an element's phase along an axis, the window that it belongs to, and how both go on. */
  const along = (d: number, into: Block): string => {
    const { kernel, stride, dilation, low } = axes[d]!
    const { letter, i, o, out } = ctx.axes[d]!
    const upper = letter.toUpperCase()
    const shared = gcd(stride, dilation)
    const padded = low > 0 ? `${i} + ${low}` : i
    let tap = '0'
    let window = `q${upper}`
    if (stride === 1) into.line(`const q${upper} = ${padded}`)
    else {
      into.line(`const q${upper} = Math.floor((${padded}) / ${stride}), r${upper} = ${padded} - q${upper} * ${stride}`)
      if (dilation === 1) tap = `r${upper}`
      else {
        const phases = phasesOf(axes[d]!)
        const firsts = phases.map((covers) => covers.at(-1) ?? { tap: kernel, offset: 0 })
        const table = `phase${upper}`
        into.line(`const ${table} = r${upper} * 2`)
        tables.push(`const taps${upper} = [${firsts.flatMap((x) => [x.tap, x.offset]).join(', ')}]`)
        tap = `taps${upper}[${table}]`
        window = `q${upper} + taps${upper}[${table} + 1]`
      }
    }
    const tapStep = stride / shared
    const windowStep = dilation / shared
    into.line(`const last${upper} = ${window}`)
    const over = `last${upper} - ${out} + 1`
    into.line(`const skip${upper} = Math.max(0, ${windowStep === 1 ? over : `Math.ceil((${over}) / ${windowStep})`})`)
    const start = tap === '0' ? `skip${upper} * ${tapStep}` : `${tap} + skip${upper} * ${tapStep}`
    const t = `t${letter}`
    const from = `let ${t} = ${start}, ${o} = last${upper} - skip${upper}${windowStep === 1 ? '' : ` * ${windowStep}`}`
    const step = (x: string, sign: string, n: number): string => (n === 1 ? `${x}${sign}${sign}` : `${x} ${sign}= ${n}`)
    return `for (${from}; ${t} < ${kernel} && ${o} >= 0; ${step(t, '+', tapStep)}, ${step(o, '-', windowStep)}) {`
  }
  const loops = axes.slice(0, -1).map((_, d) => along(d, block))
  const inner = ctx.axes[last]!
  const extents = ctx.axes.map((x) => x.extent)
  block.line(`for (let ${inner.i} = first; ${inner.i} < end; ${inner.i}++) {`)
  loops.push(along(last, block))
  const position = `inPlane + ${flat(
    ctx.axes.map((x) => x.i),
    extents,
  )}`
  block.line(`const at = ${ctx.first ? position : `(${position}) * channels`}`)
  const element = ctx.int(ctx.first ? 'at' : 'at + c')
  const body = ctx.first ? block : block.child()
  if (!ctx.first) body.line('for (let c = 0; c < channels; c++) {')
  const window = flat(
    ctx.axes.map((x) => x.o),
    ctx.axes.map((x) => x.out),
  )
  const kernels = axes.map((x) => String(x.kernel))
  const tap = flat(
    ctx.axes.map((x) => `t${x.letter}`),
    kernels,
  )
  const sums = new Map<CoverSum, Scalar>()
  const at = (text: string): Scalar => ctx.int(ctx.first ? text : `(${text}) * channels + c`)
  const frame = gatherFrame(
    ctx,
    s,
    hoists,
    {
      element: () => element,
      output: (_, inPlane) => at(inPlane ? window : `outPlane + ${window}`),
      tap: () => ctx.int(tap),
      o: () => ctx.axes.map((x) => x.o),
      position: () => position,
      suffix: () => '',
    },
    (node) => sums.get(node)!,
  )
  const nodes = [...new Set(stores.flatMap((x) => coverSums(x.value)))]
  const here = { w: 0, t: 0, e: 0 }
  const outside = instantiator(s, frame, ctx.labels)
  const fixed = frontierOf(
    nodes.map((x) => x.a),
    (x) => x.level.place === 'in' || x.level.place === 'none' || ctx.carriers.has(x),
  ).filter((x) => x.op !== 'const' && !ctx.carriers.has(x))
  body.name(fixed.map((x) => outside(x, here)))
  for (const node of nodes) {
    const sum = body.fresh('sum')
    body.line(`let ${sum} = 0`)
    sums.set(node, s.atom(sum, 'float'))
  }
  const inside = body.child()
  const perCover = instantiator(s, frame, ctx.labels)
  inside.write(
    nodes.map((node) => {
      const value = perCover(node.a, here)
      return { values: [value], line: (text) => `${sums.get(node)!.text} += ${text(value)}` }
    }),
  )
  body.lines.push(...loops, ...inside.lines, ...loops.map(() => '}'))
  body.write(elementStatements(ctx, stores, instantiator(s, frame, ctx.labels), 0, element, locals))
  if (!ctx.first) block.lines.push(...body.lines, '}')
  block.line('}')
  return {
    name: ctx.names.fresh('gatherBorder'),
    own: [...ctx.axes.slice(0, -1).map((x) => x.i), 'first', 'end'],
    lines: [...locals.before, ...block.lines, ...locals.after],
    comment: 'elements by loops over the windows that cover them',
    tables,
  }
}
