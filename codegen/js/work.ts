/**
 * What each window writes: results, carriers and shares of parameters' gradients, and, where the schedule scatters, the
 * gradients of its elements. Once for a block of windows written out, once for a window by loops.
 */
import { levels, sameLevel } from '../../dsl/level.ts'
import type { Block, Names, Statement } from '../emit/block.ts'
import type { Scalar } from '../emit/scalar.ts'
import { isStored, sideOf } from '../emit/sides.ts'
import { isConst, type Node, topological } from '../ir.ts'
import type { Store } from '../program.ts'
import type { Context } from './context.ts'
import { type Looped, windowOf } from './looped.ts'
import type { Keyed } from './running.ts'
import { type Shares, sharesOf } from './scatter.ts'
import type { Straight } from './straight.ts'

interface Scattered {
  readonly store: Store
  readonly shares: Shares
}

export interface Work {
  readonly stores: readonly Store[]
  /** Gradients of elements, or sums over elements, that windows write. */
  readonly scattered: readonly Scattered[]
  /** Every value that a window needs. */
  readonly all: readonly Node[]
  /** Everything that is written. */
  readonly writes: readonly Store[]
}

export const workOf = (ctx: Context, stores: readonly Store[], elementStores: readonly Store[]): Work => {
  const scattered = elementStores.map((store): Scattered => ({ store, shares: sharesOf(ctx.program.builder, store.value) }))
  const all = [
    ...stores.map((x) => x.value),
    ...scattered.flatMap(({ shares }) => [shares.dense, ...shares.single.flatMap((x) => [x.chosen, x.amount])]),
  ]
  return { stores, scattered, all, writes: [...stores, ...elementStores] }
}

/** Sums of a plane that a function keeps in variables while it runs: one load and one store a call, none a window. */
export class Locals {
  readonly before: string[] = []
  readonly after: string[] = []
  private readonly names = new Map<string, string>()
  private readonly begun = new Set<string>()
  private readonly ctx: Context

  /** @param stores those whose sums are kept; none where the function calls another one that adds to the same sums */
  constructor(ctx: Context, scope: Names, stores: readonly Store[]) {
    this.ctx = ctx
    // Named before anything in the function is, so that no inner name hides them.
    for (const { to, how } of ctx.first ? stores : [])
      if (how === 'add' && to.level.place === 'none') this.names.set(to.name, scope.fresh('total'))
  }

  /** Where a store writes: a variable, or an element of its array. */
  target(store: Store, index: string): string {
    const place = `${this.ctx.arrayOf(store.to)}[${index}]`
    const name = store.how === 'add' ? this.names.get(store.to.name) : undefined
    if (name === undefined) return place
    if (!this.begun.has(name)) {
      this.begun.add(name)
      this.before.push(`let ${name} = ${place}`)
      this.after.push(`${place} = ${name}`)
    }
    return name
  }
}

/** How an element's gradient is written: windows that share no element own theirs. */
const assignment = (ctx: Context, store: Store): string => {
  if (store.how === 'add') return '+='
  return ctx.schedule.phases === 'owner' ? '=' : '+='
}

/** Whether a store's place is that of its window in a tensor of the output's shape. */
const isAtWindow = (store: Store): boolean =>
  store.how === 'set' && store.to.of === undefined && sameLevel(store.to.level, levels.output)

/** A result that is the maximum of a stored float32 tensor and nothing else: found among keys, without its place. */
const keyed = (byKeys: boolean, store: Store, all: readonly Node[]): Keyed | undefined => {
  const { value } = store
  if (!byKeys || store.to.role !== 'result' || value.op !== 'reduce' || value.over !== 'taps') return undefined
  if ((value.by !== 'max' && value.by !== 'min') || !isStored(value.a)) return undefined
  const also = topological(all).some(
    (x) => x !== value && x.op === 'reduce' && x.over === 'taps' && x.a === value.a && x.by !== 'sum',
  )
  const used = all.some((root) => root !== value && topological([root]).includes(value))
  return also || used ? undefined : { side: sideOf(value), tensor: value.a }
}

/** The statements of so many windows written out. */
export const straightStatements = (ctx: Context, code: Straight, m: number, work: Work, locals: Locals): Statement[] => {
  const { s } = code
  const statements: Statement[] = []
  const set = (target: (text: (scalar: Scalar) => string) => string, how: string, value: Scalar): void => {
    statements.push({ values: [value], line: (text) => `${target(text)} ${how} ${text(value)}` })
  }
  const element = (array: string, index: Scalar) => (text: (scalar: Scalar) => string) => `${array}[${text(index)}]`
  const at = (store: Store, w: number, t: string) => () =>
    locals.target(store, ctx.levelIndex(store.to.level, code.coordinates(w), t))
  for (let w = 0; w < m; w++) {
    for (const store of work.stores) {
      const key = keyed(ctx.byKeys.straight, store, work.all)
      const value = (t: number): Scalar => code.instantiate(store.value, { w, t, e: 0 })
      if (key) {
        const top = code.bits(key.side, key.tensor, w)
        set(element(ctx.bitsOf(store.to), code.address(code.window(w))), '=', top)
      } else if (store.to.role === 'carrier') {
        const text = ctx.inPlane(store.to) ? `${code.window(w)} - outPlane` : code.window(w)
        set(element(ctx.arrayOf(store.to), code.address(text)), '=', value(0))
      } else if (store.to.level.place === 'tap') {
        for (const t of code.taps) set(at(store, w, String(t)), '+=', value(t))
      } else if (isAtWindow(store)) set(element(ctx.arrayOf(store.to), code.address(code.window(w))), '=', value(0))
      else set(at(store, w, '0'), store.how === 'add' ? '+=' : '=', value(0))
    }
  }
  for (const { store, shares } of work.scattered) {
    const isSum = store.to.role === 'sum'
    const array = ctx.arrayOf(store.to)
    for (let w = 0; w < m; w++) {
      for (const { chosen, amount } of shares.single) {
        const position = ctx.addressOf(s, code.chosen(chosen, w))
        const value = code.instantiate(amount, { w, t: 0, e: 0 })
        // The other taps of a window that owns its elements keep the zero that they were cleared to.
        if (isSum) set(at(store, w, '0'), '+=', value)
        else statements.push({ values: [value, position], line: (text) => `${array}[${text(position)}] += ${text(value)}` })
      }
    }
    if (isConst(shares.dense, 0)) continue
    if (isSum) {
      const terms = code.taps.flatMap((t) => Array.from({ length: m }, (_, w) => code.instantiate(shares.dense, { w, t, e: 0 })))
      set(at(store, 0, '0'), '+=', s.sum(terms))
      continue
    }
    // Windows of a block that share an element add their shares first: one write an element.
    const byElement = new Map<string, { at: string; terms: Scalar[] }>()
    for (let w = 0; w < m; w++) {
      for (const t of code.taps) {
        const key = code.elementKey({ w, t, e: 0 })
        const entry = byElement.get(key) ?? { at: code.position(w, t), terms: [] }
        entry.terms.push(code.instantiate(shares.dense, { w, t, e: 0 }))
        byElement.set(key, entry)
      }
    }
    const how = shares.single.length > 0 ? '+=' : assignment(ctx, store)
    for (const { at: position, terms } of byElement.values()) set(element(array, code.address(position)), how, s.sum(terms))
  }
  return statements
}

/** Writes one window by loops into a block. */
export const loopedWindow = (ctx: Context, block: Block, code: Looped, work: Work, locals: Locals): void => {
  const at = { w: 0, t: 0, e: 0 }
  const o = ctx.axes.map((a) => a.o)
  const window = windowOf(ctx)
  const perTap = work.stores.filter((x) => x.to.level.place === 'tap')
  const keys = new Map(work.stores.map((store) => [store, keyed(ctx.byKeys.looped, store, work.all)]))
  const unkeyed = work.stores.filter((store) => !keys.get(store))
  code.sweep(
    block,
    work.all.filter((x) => !work.stores.some((store) => store.value === x && keys.get(store))),
    [...keys.values()].filter((x) => x !== undefined),
  )
  for (const [store, key] of keys) {
    if (!key) continue
    const top = code.bits(key.side, key.tensor)
    block.write([{ values: [top], line: (text) => `${ctx.bitsOf(store.to)}[${ctx.address(window)}] = ${text(top)}` }])
  }
  for (const store of unkeyed) {
    if (perTap.includes(store)) continue
    const place = (): string => {
      if (store.to.role === 'carrier') return `${ctx.arrayOf(store.to)}[${ctx.carrierIndex(store.to, window)}]`
      if (isAtWindow(store)) return `${ctx.arrayOf(store.to)}[${ctx.address(window)}]`
      return locals.target(store, ctx.levelIndex(store.to.level, o, '0'))
    }
    const value = code.instantiate(store.value, at)
    block.write([{ values: [value], line: (text) => `${place()} ${store.how === 'add' ? '+=' : '='} ${text(value)}` }])
  }
  for (const { store, shares } of work.scattered) {
    for (const { chosen, amount } of shares.single) {
      const { tap, position } = code.chosen(block, chosen)
      const value = code.instantiate(amount, at)
      const target =
        store.to.role === 'sum'
          ? locals.target(store, ctx.levelIndex(store.to.level, o, '0'))
          : `${ctx.arrayOf(store.to)}[${ctx.address(position)}]`
      const test = code.mayBeEmpty ? `if (${tap} >= 0) ` : ''
      block.write([{ values: [value], line: (text) => `${test}${target} += ${text(value)}` }])
    }
  }
  const dense = work.scattered.filter((x) => !isConst(x.shares.dense, 0))
  if (dense.length + perTap.length === 0) return
  const used = [...dense.map((x) => x.shares.dense), ...perTap.map((x) => x.value)]
  code.overTaps(block, used, (inside, instantiate, taps) => {
    const statements: Statement[] = []
    const add = (value: Scalar, how: string, target: (text: (scalar: Scalar) => string) => string): void => {
      statements.push({ values: [value], line: (text) => `${target(text)} ${how} ${text(value)}` })
    }
    for (const t of taps) {
      for (const { store, shares } of dense) {
        const value = instantiate(shares.dense, { w: 0, t, e: 0 })
        if (store.to.role === 'sum') add(value, '+=', () => locals.target(store, ctx.levelIndex(store.to.level, o, '0')))
        else {
          const how = shares.single.length > 0 ? '+=' : assignment(ctx, store)
          add(value, how, () => `${ctx.arrayOf(store.to)}[${code.address(t)}]`)
        }
      }
      for (const store of perTap) {
        const tap = instantiate(ctx.program.builder.geometry('tap'), { w: 0, t, e: 0 })
        add(
          instantiate(store.value, { w: 0, t, e: 0 }),
          '+=',
          (text) => `${ctx.arrayOf(store.to)}[${ctx.levelIndex(store.to.level, o, text(tap))}]`,
        )
      }
    }
    inside.write(statements)
  })
}
