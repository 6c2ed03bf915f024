/**
 * The compiled stages, run by a plain evaluator: where passes and gradient are tested before any emitter, and where
 * stabilising is proved. JavaScript's doubles hide a lost digit; `f32` rounds after every single operation, as a GPU does.
 */

import type { Node } from '../codegen/ir.ts'
import type { Buffer, Program, Store } from '../codegen/program.ts'
import type { BinaryFn, Comparison, UnaryFn } from '../dsl/expression.ts'
import type { Level } from '../dsl/level.ts'
import { normal, uniform } from '../dsl/random.ts'
import type { Space } from './space.ts'

/** Where a value is wanted: sample, channel, window, tap and element, each flat; what a level lacks is not read. */
interface At {
  readonly n: number
  readonly c: number
  readonly o: number
  readonly t: number
  readonly i: number
}

/** Reads a stored tensor at a place. */
export type Reader = (at: At) => number

type Round = (x: number) => number

export const unaryFns: Record<UnaryFn | 'detach', (x: number) => number> = {
  neg: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  abs: Math.abs,
  sign: Math.sign,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))),
  tanh: Math.tanh,
  detach: (x) => x,
}
const binaryFns: Record<BinaryFn, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  max: Math.max,
  min: Math.min,
}
const comparisons: Record<Comparison, (a: number, b: number) => boolean> = {
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
}

/** A buffer that stages fill and read, indexed by what its level varies with. */
interface Filled {
  readonly data: Float64Array
  readonly index: (at: At) => number
}

const sizeOf = (level: Level, space: Space, taps: number): number => {
  const places = {
    none: 1,
    tap: taps,
    in: space.extents.reduce((a, b) => a * b, 1),
    out: space.outExtents.reduce((a, b) => a * b, 1),
    window: 0,
  }
  return (level.n ? space.samples : 1) * (level.c ? space.channels : 1) * places[level.place]
}

const indexer = (level: Level, space: Space, taps: number): ((at: At) => number) => {
  const channels = level.c ? space.channels : 1
  const points = sizeOf({ ...level, n: false, c: false }, space, taps)
  const strides: { extent: number; divisor: number; varies: boolean }[] = []
  let divisor = 1
  for (let d = space.outExtents.length - 1, bit = 1; d >= 0; d--, bit <<= 1) {
    strides.push({ extent: space.outExtents[d]!, divisor, varies: (level.dims & bit) !== 0 })
    divisor *= space.outExtents[d]!
  }
  // Dimensions along which a partly varying level does not vary count as coordinate 0.
  const window = (o: number): number => {
    let at = 0
    for (const s of strides) if (s.varies) at += (Math.floor(o / s.divisor) % s.extent) * s.divisor
    return at
  }
  return ({ n, c, o, t, i }) => {
    const plane = (level.n ? n : 0) * channels + (level.c ? c : 0)
    switch (level.place) {
      case 'none':
        return plane
      case 'tap':
        return plane * points + t
      case 'in':
        return plane * points + i
      case 'out':
        return plane * points + window(o)
      case 'window':
        throw new Error('a value per window and tap is never stored')
      default:
        return level.place satisfies never
    }
  }
}

/** The index over the axes that vary only: the counter of a random value. */
const varying = (level: Level, space: Space): ((at: At) => number) => {
  const last = space.outExtents.length - 1
  const dims = space.outExtents.map((_, d) => d).filter((d) => level.dims & (1 << (last - d)))
  return ({ n, c, o }) => {
    const where = space.coordinates(o, space.outExtents)
    const plane = (level.n ? n : 0) * (level.c ? space.channels : 1) + (level.c ? c : 0)
    return dims.reduce((flat, d) => flat * space.outExtents[d]! + where[d]!, plane)
  }
}

/** A gradient has its tensor's name, so names alone would not tell buffers apart. */
const keyOf = (buffer: Buffer): string => `${buffer.role} ${buffer.name}`

/** Runs a program. `read` gives each stored tensor; the returned buffers hold results or gradients at their levels. */
export const interpret = (
  program: Program,
  space: Space,
  read: (name: string, role: 'input' | 'tensor' | 'param' | 'noise' | 'cotangent') => Reader,
  options: { readonly arith: 'f32' | 'f64'; readonly seed: bigint; readonly taps: number },
): Map<string, { readonly buffer: Buffer; readonly at: (at: At) => number }> => {
  const round: Round = options.arith === 'f32' ? Math.fround : (x) => x
  const { taps } = options
  const filled = new Map<string, Filled>()
  const allocate = (key: string, level: Level): Filled => {
    const made = { data: new Float64Array(sizeOf(level, space, taps)), index: indexer(level, space, taps) }
    filled.set(key, made)
    return made
  }
  const carried = new Map<Node, Filled>()
  const readers = new Map<Node, Reader>()
  const kept = new Map<Node, { values: Float64Array; known: Uint8Array; index: (at: At) => number }>()
  const channels = space.channels
  const windows = space.outExtents.reduce((a, b) => a * b, 1)
  const points = space.extents.reduce((a, b) => a * b, 1)

  const randomAt = (node: Extract<Node, { op: 'random' }>, at: At): number => {
    const index = node.level.place === 'out' ? varying(node.level, space) : indexer(node.level, space, taps)
    const flat = node.level.place === 'window' ? ((at.n * channels + at.c) * windows + at.o) * taps + at.t : index(at)
    return round(node.kind === 'normal' ? normal(options.seed, flat, node.stream) : uniform(options.seed, flat, node.stream))
  }
  const sweep = (node: Extract<Node, { over: 'taps' }>, at: At): number => {
    let best = node.by === 'min' || node.by === 'argmin' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    let chosen = -1
    let sum = 0
    for (const { tap, element } of space.reads(at.o)) {
      const v = value(node.a, { ...at, t: tap, i: element })
      sum = round(sum + v)
      const better = node.by === 'min' || node.by === 'argmin' ? v < best : v > best
      if (chosen < 0 || better || Number.isNaN(v)) {
        best = v
        chosen = tap
      }
    }
    switch (node.by) {
      case 'sum':
        return sum
      case 'max':
      case 'min':
        return best
      case 'argmax':
      case 'argmin':
        return chosen
      case 'var':
        throw new Error('var is expanded before a program is made')
      default:
        return node.by satisfies never
    }
  }
  const compute = (node: Node, at: At): number => {
    switch (node.op) {
      case 'const':
        return round(node.value)
      case 'tensor': {
        if (node.role === 'sum' || node.role === 'carrier') {
          const store = filled.get(`sum ${node.name}`)!
          return store.data[store.index(at)]!
        }
        let reader = readers.get(node)
        if (!reader) {
          reader = read(node.name, node.role)
          readers.set(node, reader)
        }
        return reader(at)
      }
      case 'geometry':
        if (node.what === 'tap') return at.t
        if (node.what === 'divisor') return space.divisor(at.o)
        return space.reads(at.o).length
      case 'random':
        return randomAt(node, at)
      case 'unary':
        return round(unaryFns[node.fn](value(node.a, at)))
      case 'binary':
        return round(binaryFns[node.fn](value(node.a, at), value(node.b, at)))
      case 'select':
        return comparisons[node.test](value(node.a, at), value(node.b, at)) ? value(node.yes, at) : value(node.no, at)
      case 'flatIndex': {
        const tap = value(node.a, at)
        return tap < 0 ? -1 : space.flatIndex(at.o, tap)
      }
      case 'reduce':
        if (node.over === 'taps') return sweep(node, at)
        if (node.over === 'covers') {
          let sum = 0
          for (const { window, tap } of space.covers(at.i)) sum = round(sum + value(node.a, { ...at, o: window, t: tap }))
          return sum
        }
        throw new Error('a sum over the batch stands outside a store')
      default:
        return node satisfies never
    }
  }
  /** Values below place `window` are computed once and kept. */
  const value = (node: Node, at: At): number => {
    const carrier = carried.get(node)
    if (carrier) return carrier.data[carrier.index(at)]!
    if (node.level.place === 'window' || node.op === 'const' || node.op === 'tensor' || node.op === 'geometry')
      return compute(node, at)
    let memo = kept.get(node)
    if (!memo) {
      const size = sizeOf(node.level, space, taps)
      memo = { values: new Float64Array(size), known: new Uint8Array(size), index: indexer(node.level, space, taps) }
      kept.set(node, memo)
    }
    const k = memo.index(at)
    if (!memo.known[k]) {
      memo.values[k] = compute(node, at)
      memo.known[k] = 1
    }
    return memo.values[k]!
  }
  const put = (store: Store, at: At): void => {
    const { data, index } = filled.get(keyOf(store.to))!
    const k = index(at)
    const v = value(store.value, at)
    data[k] = store.how === 'set' ? v : round(data[k]! + v)
  }
  /** Visits each point of a level once, in logical order. */
  const visit = (level: Level, act: (at: At) => void): void => {
    for (let n = 0; n < (level.n ? space.samples : 1); n++) {
      for (let c = 0; c < (level.c ? channels : 1); c++) {
        const at = { n, c, o: 0, t: 0, i: 0 }
        if (level.place === 'none') act(at)
        else if (level.place === 'tap') for (let t = 0; t < taps; t++) act({ ...at, t })
        else if (level.place === 'in') for (let i = 0; i < points; i++) act({ ...at, i })
        else {
          const seen = new Set<number>()
          const index = indexer({ ...level, place: 'out', n: false, c: false }, space, taps)
          for (let o = 0; o < windows; o++) {
            if (seen.has(index({ ...at, o }))) continue
            seen.add(index({ ...at, o }))
            act({ ...at, o })
          }
        }
      }
    }
  }
  for (const stage of program.stages) {
    for (const { to } of stage.stores) allocate(keyOf(to), to.level)
    if (stage.visits === 'windows') {
      for (const { buffer, value: node } of program.carriers) {
        const store = allocate(`carrier ${buffer.name}`, buffer.level)
        visit(stage.domain, (at) => {
          store.data[store.index(at)] = value(node, at)
        })
        carried.set(node, store)
      }
    }
    const perTap = stage.stores.filter((s) => stage.visits === 'windows' && s.to.level.place === 'tap')
    const plain = stage.stores.filter((s) => !perTap.includes(s))
    visit(stage.domain, (at) => {
      for (const store of plain) put(store, at)
      if (perTap.length > 0) {
        for (const { tap, element } of space.reads(at.o)) for (const store of perTap) put(store, { ...at, t: tap, i: element })
      }
    })
  }
  return new Map(
    program.stages.flatMap((stage) =>
      stage.stores
        .filter(({ to }) => to.role === 'result' || to.role === 'gradient')
        .map(({ to }) => {
          const store = filled.get(keyOf(to))!
          return [to.name, { buffer: to, at: (at: At) => store.data[store.index(at)]! }] as const
        }),
    ),
  )
}
