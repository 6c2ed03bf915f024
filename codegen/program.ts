/**
 * Programs: what a kernel has to do, cut into stages, independent of target and schedule. The forward direction is one
 * stage that visits windows. The backward direction visits windows (carriers, and the parameters' gradients), then input
 * elements (each gathers from the windows that cover it; no taps are read), then parameters (what was summed per plane is
 * finished). Nothing is added from two places at once, so nothing needs an atomic.
 */
import type { CheckedOperator } from '../dsl/expression.ts'
import type { Geometry } from '../dsl/geometry.ts'
import { type Level, levels, sameLevel } from '../dsl/level.ts'
import { callIt } from './call.ts'
import { factor } from './factor.ts'
import { differentiate } from './gradient.ts'
import { type Builder, type CoverSum, type Node, operands, topological } from './ir.ts'
import { geometryNode, lower, type Settled, settledBy } from './lower.ts'
import { stabilise } from './stabilise.ts'
import { expandVariance } from './variance.ts'
import { verify } from './verify.ts'

export type BufferRole = 'input' | 'tensor' | 'param' | 'noise' | 'cotangent' | 'result' | 'gradient' | 'carrier' | 'sum'

/** A tensor that a program reads or writes. */
export interface Buffer {
  readonly name: string
  readonly role: BufferRole
  readonly level: Level
  readonly type: 'float' | 'int'
  /** For a gradient, the tensor that it belongs to; for a cotangent, the result. */
  readonly of?: string
}

/** `add` sums over what the stage's domain varies with and the buffer does not. */
export interface Store {
  readonly to: Buffer
  readonly value: Node
  readonly how: 'set' | 'add'
}

/** One visit to every point of a domain. */
export interface Stage {
  readonly visits: 'windows' | 'elements' | 'parameters'
  /** What the domain varies with: `output` for windows, `input` for elements, the parameter's level else. */
  readonly domain: Level
  readonly stores: readonly Store[]
}

/**
 * A value per window that elements read: made by the windows' stage, or, where it does not depend on a cotangent, saved by
 * the forward program when the schedule says so.
 */
export interface Carrier {
  readonly buffer: Buffer
  readonly value: Node
  readonly savable: boolean
}

export interface Program {
  readonly operator: CheckedOperator
  readonly geometry: Geometry
  readonly direction: 'forward' | 'backward'
  readonly builder: Builder
  readonly stages: readonly Stage[]
  /** Backward, what elements read; forward, what of it can be saved. */
  readonly carriers: readonly Carrier[]
}

/** Both directions of one operator; they share one graph, so that a carrier saved by one is the other's node. */
export interface Programs {
  readonly forward: Program
  readonly backward: Program
}

/** The tensors that have gradients. */
const hasGradient = (role: string): boolean => role === 'input' || role === 'tensor' || role === 'param'

/** A value that is as cheap to make again for each covering window as to load: one load, turned in sign or scaled by a number. */
const isCheap = (node: Node): boolean => {
  let loads = 0
  const walk = (x: Node): boolean => {
    if (x.level.place === 'none') return true
    if (x.op === 'tensor') return ++loads <= 1
    if (x.op === 'unary') return x.fn === 'neg' && walk(x.a)
    return x.op === 'binary' && x.fn === 'mul' && walk(x.a) && walk(x.b)
  }
  return walk(node)
}

/** The values per window that the body of a sum over covers reads and that are not stored already. */
const frontier = (bodies: readonly Node[]): Node[] => {
  const found = new Set<Node>()
  const seen = new Set<Node>()
  const visit = (node: Node): void => {
    if (seen.has(node)) return
    seen.add(node)
    if (node.level.place === 'none') return
    if (node.level.place === 'out') {
      if (!isCheap(node)) found.add(node)
      return
    }
    operands(node).forEach(visit)
  }
  bodies.forEach(visit)
  return [...found]
}

const dependsOnCotangent = (node: Node): boolean => topological([node]).some((x) => x.op === 'tensor' && x.role === 'cotangent')

const unique = (wanted: string, taken: Set<string>): string => {
  let name = wanted
  for (let i = 2; taken.has(name); i++) name = `${wanted}${i}`
  taken.add(name)
  return name
}

/** Replaces the batch sums below each gradient by the buffers that hold them; gives each sum its store, once. */
const cutBatches = (
  b: Builder,
  tensors: readonly string[],
  gradients: readonly Node[],
): { roots: Node[]; sums: { store: Store; from: Level }[] } => {
  const sums: { store: Store; from: Level }[] = []
  const known = new Map<Node, Node>()
  const taken = new Set<string>()
  const cut = gradients.flatMap((gradient, i) =>
    b.rewrite([gradient], (node) => {
      if (node.op !== 'reduce' || node.over !== 'batch') return node
      const made = known.get(node)
      if (made) return made
      const name = unique(`${tensors[i]!}Sum`, taken)
      sums.push({
        store: { to: { name, role: 'sum', level: node.level, type: 'float' }, value: node.a, how: 'add' },
        from: node.from,
      })
      const buffer = b.tensor(name, 'sum', node.level)
      known.set(node, buffer)
      return buffer
    }),
  )
  return { roots: cut, sums }
}

const isWholeOutput = (level: Level): boolean => sameLevel(level, levels.output)

/** The stage that a sum over `from`, or a store at that level, belongs to. */
const visitsOf = (from: Level): Stage['visits'] => {
  if (from.place === 'in') return 'elements'
  if (from.place === 'window' || isWholeOutput(from)) return 'windows'
  return 'parameters'
}

const sumsRead = (value: Node): string[] =>
  topological([value]).flatMap((x) => (x.op === 'tensor' && x.role === 'sum' ? [x.name] : []))

/** Parameter stages in an order in which each sum is complete before it is read. */
const parameterStages = (stores: readonly { store: Store; domain: Level }[], ready: Set<string>): Stage[] => {
  const stages: Stage[] = []
  let left = [...stores]
  while (left.length > 0) {
    const now = left.filter(({ store }) => sumsRead(store.value).every((name) => ready.has(name)))
    if (now.length === 0) throw new Error('sums that wait for one another')
    left = left.filter((x) => !now.includes(x))
    const domains: { domain: Level; stores: Store[] }[] = []
    for (const { store, domain } of now) {
      const same = domains.find((d) => sameLevel(d.domain, domain))
      if (same) same.stores.push(store)
      else domains.push({ domain, stores: [store] })
    }
    for (const { domain, stores: those } of domains) stages.push({ visits: 'parameters', domain, stores: those })
    for (const { store } of now) if (store.to.role === 'sum') ready.add(store.to.name)
  }
  return stages
}

/** The covers sums that a value contains. */
export const coverSums = (value: Node): CoverSum[] =>
  topological([value]).filter((x): x is CoverSum => x.op === 'reduce' && x.over === 'covers')

/**
 * Lowers, stabilises, differentiates and cuts an operator for one geometry.
 * @param results the results wanted; all by default
 * @param settled what is known of the windows: by default all that the geometry settles
 */
export const programsOf = (
  operator: CheckedOperator,
  geometry: Geometry,
  results?: readonly string[],
  settled: Settled = settledBy(geometry),
): Programs => {
  const lowered = lower(operator, geometry, settled)
  const b = lowered.builder
  const divisor = geometryNode(b, settled.divisor)
  const count = b.geometry('count')
  const wanted = [...lowered.results].filter(([name]) => !results || results.includes(name))
  const stable = stabilise(
    b,
    wanted.map(([, node]) => node),
  )
  const finish = (roots: readonly Node[]): Node[] => factor(b, expandVariance(b, roots, divisor, count))
  const finals = finish(stable)

  const windows: Store[] = wanted.map(([name], i) => {
    const value = finals[i]!
    // Arithmetic on integers is float in the language; what the checker says decides what is stored.
    const { type } = operator.results.get(name)!
    return { to: { name, role: 'result', level: levels.output, type }, value, how: 'set' }
  })
  const floats = wanted.flatMap(([name], i) => {
    const value = stable[i]!
    return operator.results.get(name)!.type === 'float'
      ? [{ value, cotangent: b.tensor(name, 'cotangent', levels.output) as Node }]
      : []
  })
  const wrt = operator.tensors.filter((t) => hasGradient(t.role))
  const leaves = wrt.map((t) => lowered.tensors.get(t.name)!)
  const gradients = finish(differentiate(b, floats, leaves, divisor))
  const backward: Program = {
    ...cutBackward(
      b,
      wrt.map((t) => t.name),
      leaves,
      gradients,
    ),
    operator,
    geometry,
  }
  verify(backward)
  const forward: Program = {
    operator,
    geometry,
    direction: 'forward',
    builder: b,
    stages: [{ visits: 'windows', domain: levels.output, stores: windows }],
    carriers: backward.carriers.filter((x) => x.savable),
  }
  verify(forward)
  return { forward, backward }
}

const cutBackward = (
  b: Builder,
  tensors: readonly string[],
  leaves: readonly Node[],
  gradients: readonly Node[],
): Omit<Program, 'operator' | 'geometry'> => {
  const { roots, sums } = cutBatches(b, tensors, gradients)
  const byVisit: Record<Stage['visits'], { store: Store; domain: Level }[]> = { windows: [], elements: [], parameters: [] }
  for (const { store, from } of sums) byVisit[visitsOf(from)].push({ store, domain: from })
  roots.forEach((value, i) => {
    const level = leaves[i]!.level
    const store: Store = { to: { name: tensors[i]!, role: 'gradient', level, type: 'float', of: tensors[i]! }, value, how: 'set' }
    byVisit[visitsOf(level)].push({ store, domain: level })
  })
  const elements = byVisit.elements.map((x) => x.store)
  const bodies = elements.flatMap(({ value }) => coverSums(value).map((sum) => sum.a))
  const taken = new Set<string>()
  const carriers = frontier(bodies).map(
    (value): Carrier => ({
      buffer: {
        name: unique(b.names.get(value) ?? callIt(value), taken),
        role: 'carrier',
        level: levels.output,
        type: value.type,
      },
      value,
      savable: !dependsOnCotangent(value),
    }),
  )
  const stages: Stage[] = []
  const windowStores = byVisit.windows.map((x) => x.store)
  if (windowStores.length > 0 || carriers.length > 0)
    stages.push({ visits: 'windows', domain: levels.output, stores: windowStores })
  if (elements.length > 0) stages.push({ visits: 'elements', domain: levels.input, stores: elements })
  const ready = new Set([...windowStores, ...elements].filter((s) => s.to.role === 'sum').map((s) => s.to.name))
  stages.push(...parameterStages(byVisit.parameters, ready))
  return { direction: 'backward', builder: b, stages, carriers }
}
