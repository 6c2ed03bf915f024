/**
 * One window by loops over its valid taps: at the border, for windows too large to be written out, and for adaptive and
 * global ones, whose size is known at run time only. Reductions are done in sweeps, each after those that it depends on. The
 * innermost loop may be written out where the window's row is known to lie inside.
 */

import type { Block } from '../emit/block.ts'
import { type Frame, type Instantiate, instantiator } from '../emit/instantiate.ts'
import type { Scalar } from '../emit/scalar.ts'
import { type Node, operands, type TapReduction } from '../ir.ts'
import { type Context, frontierOf } from './context.ts'
import { isStored, randomIndex } from './straight.ts'

/** The bounds of a window's taps along each axis, as lines and names. */
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

const depths = (roots: readonly Node[], isGiven: (node: Node) => boolean): TapReduction[][] => {
  const depth = new Map<Node, number>()
  const sweeps: TapReduction[][] = []
  const visit = (node: Node): number => {
    const known = depth.get(node)
    if (known !== undefined) return known
    let below = 0
    if (!isGiven(node)) for (const x of operands(node)) below = Math.max(below, visit(x))
    const own = node.op === 'reduce' && node.over === 'taps' && !isGiven(node) ? below + 1 : below
    depth.set(node, own)
    if (own > below && node.op === 'reduce' && node.over === 'taps') {
      sweeps[own - 1] ??= []
      sweeps[own - 1]!.push(node)
    }
    return own
  }
  roots.forEach(visit)
  return sweeps
}

const perWindow = (node: Node): boolean => node.level.place === 'out' || node.level.place === 'none'

export interface Looped {
  readonly instantiate: Instantiate
  /** Writes the sweeps that these values need. */
  readonly sweep: (block: Block, values: readonly Node[]) => void
  /** Writes a loop over the valid taps; `body` is called in it for each tap that the loop writes out. */
  readonly overTaps: (
    block: Block,
    used: readonly Node[],
    body: (inside: Block, instantiate: Instantiate, taps: readonly number[]) => void,
  ) => void
  readonly chosen: (node: Node) => string
  readonly position: (t: number) => string
  readonly address: (t: number) => string
}

/**
 * @param unrolled how many taps of the innermost axis are written out; 0 for a loop
 */
export const looped = (ctx: Context, bounds: Bounds, unrolled: number, given: (node: Node) => Scalar | undefined): Looped => {
  const { s } = ctx
  const { geometry } = ctx.program
  const done = new Map<Node, Scalar>()
  const places = new Map<Node, string>()
  const axes = ctx.axes
  const last = axes.length - 1
  const innerTaps = unrolled > 0 ? Array.from({ length: unrolled }, (_, t) => t) : [0]
  const tapName = (d: number): string => `t${axes[d]!.letter}`
  const dilation = (d: number): number => (geometry.kind === 'sliding' ? geometry.axes[d]!.dilation : 1)
  const kernel = (d: number): string => (geometry.kind === 'sliding' ? String(geometry.axes[d]!.kernel) : bounds.to[d]!)
  const step = (d: number): string => (dilation(d) === 1 ? tapName(d) : `${tapName(d)} * ${dilation(d)}`)
  const position = (t: number): string =>
    unrolled > 0 ? (t * dilation(last) === 0 ? 'row' : `row + ${t * dilation(last)}`) : 'at'
  const address = (t: number): string => ctx.address(position(t))
  const tapText = (t: number): string => {
    const outer = axes
      .slice(0, -1)
      .reduce((flat, _, d) => (flat === '' ? tapName(d) : `(${flat}) * ${kernel(d)} + ${tapName(d)}`), '')
    const inner = unrolled > 0 ? String(t) : tapName(last)
    if (outer === '') return inner
    const row = /^\w+$/.test(outer) ? `${outer} * ${kernel(last)}` : `(${outer}) * ${kernel(last)}`
    return inner === '0' ? row : `${row} + ${inner}`
  }
  const lengths = (): string[] =>
    axes.map((_, d) => {
      if (unrolled > 0 && d === last) return String(unrolled)
      if (bounds.from[d] === '0') return `Math.max(0, ${bounds.to[d]!})`
      return `Math.max(0, ${bounds.to[d]!} - ${bounds.from[d]!})`
    })
  const count = (): Scalar => {
    if (geometry.kind !== 'sliding') return ctx.int(axes.map((_, d) => bounds.to[d]!).join(' * '))
    return ctx.int(lengths().join(' * '))
  }
  const divisor = (): Scalar => {
    if (geometry.kind !== 'sliding') return count()
    if (!geometry.countIncludePad) return ctx.int(`Math.max(1, ${lengths().join(' * ')})`)
    const below = geometry.axes.map((axis, d) => {
      const room = `${axes[d]!.extent}${axis.high > 0 ? ` + ${axis.high}` : ''} - ${bounds.start[d]!}`
      return `Math.min(${axis.kernel}, ${axis.dilation === 1 ? room : `Math.ceil((${room}) / ${axis.dilation})`})`
    })
    return ctx.int(below.join(' * '))
  }
  const o = axes.map((a) => a.o)
  const window = `outRow + ${axes[last]!.o}`
  const frameFor = (): Frame => ({
    elementKey: (at) => at.t,
    given: (node) => given(node) ?? done.get(node),
    tensor: (node, at) => {
      const array = ctx.arrayOf(ctx.bufferOf(node))
      if (node.role === 'input' || node.role === 'tensor') return s.load(array, ctx.int(address(at.t)), 'float')
      if (node.role === 'cotangent' || node.role === 'carrier') return s.load(array, ctx.int(ctx.address(window)), node.type)
      return s.load(array, ctx.int(randomIndex(ctx, node, o, tapText(at.t), position(at.t))), 'float')
    },
    geometry: (what, at) => (what === 'tap' ? ctx.int(tapText(at.t)) : what === 'divisor' ? divisor() : count()),
    random: (node, at) => ctx.random(node, randomIndex(ctx, node, o, tapText(at.t), position(at.t))),
    taps: (node) => {
      throw new Error(`node ${node.id} is read before its sweep`)
    },
    covers: (node) => {
      throw new Error(`node ${node.id} sums over covers in a window`)
    },
    flatIndex: (node) => {
      const place = chosen(node.a)
      return s.choose('lt', ctx.int(place), s.constant(0, 'int'), s.constant(-1, 'int'), ctx.int(`${place} - inPlane`))
    },
  })
  // Values per window are one for the whole window; those per tap are made anew in each loop.
  let current = instantiator(s, frameFor(), ctx.labels)
  const chosen = (node: Node): string => {
    const name = places.get(node)
    if (!name) throw new Error(`node ${node.id} is read before its sweep`)
    return name
  }
  const overTaps: Looped['overTaps'] = (block, used, body) => {
    // What is the same for all taps is computed before the loop.
    const fixed = frontierOf(used, perWindow, operands).filter((x) => x.op !== 'const' && !done.has(x) && !given(x))
    const fresh = fixed.filter((x) => !(x.op === 'reduce' && x.over !== 'taps'))
    block.name(fresh.map((x) => current(x, { w: 0, t: 0, e: 0 })))
    const outerLoops = unrolled > 0 ? last : last + 1
    const inside = block.child()
    let line = 'inPlane'
    for (let d = 0; d < outerLoops; d++) {
      inside.line(`for (let ${tapName(d)} = ${bounds.from[d]!}; ${tapName(d)} < ${bounds.to[d]!}; ${tapName(d)}++) {`)
      if (d === last - 1) {
        // The row of taps starts here; its columns follow.
        const flat = axes.slice(0, -1).reduce((at, axis, k) => {
          const here = `${bounds.start[k]!} + ${step(k)}`
          return at === '' ? here : `(${at}) * ${axis.extent} + ${here}`
        }, '')
        const from = bounds.start[last] === '0' ? '' : ` + ${bounds.start[last]!}`
        inside.line(`const row = inPlane + (${flat}) * ${axes[last]!.extent}${from}`)
        line = 'row'
      }
    }
    if (unrolled > 0 && last === 0) inside.line(`const row = inPlane + ${bounds.start[0]!}`)
    if (unrolled === 0) {
      const base = line === 'row' || bounds.start[last] === '0' ? line : `${line} + ${bounds.start[last]!}`
      inside.line(`const at = ${base} + ${step(last)}`)
    }
    current = instantiator(s, frameFor(), ctx.labels)
    body(inside, current, innerTaps)
    for (let d = 0; d < outerLoops; d++) inside.line('}')
    if (outerLoops === 0) {
      block.line('{')
      block.lines.push(...inside.lines)
      block.line('}')
    } else block.lines.push(...inside.lines)
    current = instantiator(s, frameFor(), ctx.labels)
  }
  const accumulate = (block: Block, reductions: readonly TapReduction[]): void => {
    interface Accumulator {
      readonly node: TapReduction
      readonly name: string
      readonly place: string
      readonly tap: string
    }
    // One accumulator serves a maximum and its argmax.
    const accumulators: Accumulator[] = []
    for (const node of reductions) {
      const side = node.by === 'argmax' ? 'max' : node.by === 'argmin' ? 'min' : node.by
      const same = accumulators.find(
        (x) => x.node.a === node.a && side !== 'sum' && (x.node.by === side || x.node.by === `arg${side}`),
      )
      if (same) {
        done.set(node, ctx.int(node.by.startsWith('arg') ? same.tap : same.name))
        places.set(node, same.place)
        continue
      }
      const name = block.fresh(ctx.labels.name(node) ?? side)
      const comment = ctx.labels.comment(node)
      if (comment) block.line(`// ${comment}`)
      const place = block.fresh('chosen')
      const tap = block.fresh('chosenTap')
      if (side === 'sum') block.line(`let ${name} = 0`)
      else {
        block.line(`let ${name} = ${side === 'max' ? '-Infinity' : 'Infinity'}, ${place} = -1, ${tap} = -1`)
        places.set(node, place)
      }
      accumulators.push({ node, name, place, tap })
      done.set(node, node.by.startsWith('arg') ? ctx.int(tap) : s.atom(name, node.type))
    }
    overTaps(
      block,
      accumulators.map((x) => x.node.a),
      (inside, instantiate, taps) => {
        for (const { node, name, place, tap } of accumulators) {
          const values = taps.map((t) => instantiate(node.a, { w: 0, t, e: 0 }))
          if (node.by === 'sum') {
            const sum = s.sum(values, node.type)
            inside.write([{ values: [sum], line: (text) => `${name} += ${text(sum)}` }])
            continue
          }
          const sign = node.by === 'max' || node.by === 'argmax' ? '>' : '<'
          values.forEach((value, k) => {
            value.hint ??= 'v'
            inside.write([
              {
                values: [value],
                line: (text) =>
                  isStored(node.a) && geometry.kind === 'global'
                    ? branchFree(
                        inside.fresh('better'),
                        text(value),
                        sign,
                        name,
                        place,
                        tap,
                        position(taps[k]!),
                        tapText(taps[k]!),
                      )
                    : `if (${text(value)} ${sign} ${name} || ${text(value)} !== ${text(value)} || ${place} < 0) { ${name} = ${text(value)}; ${place} = ${position(taps[k]!)}; ${tap} = ${tapText(taps[k]!)} }`,
              },
            ])
          })
        }
      },
    )
  }
  return {
    get instantiate() {
      return current
    },
    sweep: (block, values) => {
      for (const reductions of depths(values, (node) => given(node) !== undefined || done.has(node)))
        accumulate(block, reductions)
    },
    overTaps,
    chosen,
    position,
    address,
  }
}

/** The same update by masks: in long loops over data, a branch mispredicts. */
const branchFree = (
  better: string,
  v: string,
  sign: string,
  best: string,
  place: string,
  tap: string,
  at: string,
  t: string,
): string =>
  `const ${better} = -((${v} ${sign} ${best}) | (${v} !== ${v}) | (${place} < 0)); ${place} ^= (${place} ^ (${at})) & ${better}; ${tap} ^= (${tap} ^ (${t})) & ${better}; ${best} = ${better} ? ${v} : ${best}`
