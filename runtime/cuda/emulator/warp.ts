/** What the lanes of a warp exchange: shuffles, votes, matches and reductions, on the values in their frames. */
import { exchange, type Wait } from './rules/control.ts'

/** The lanes that take part, by their numbers in the warp, in rising order. */
export interface Party {
  readonly lanes: readonly number[]
  readonly read: (lane: number, slot: number) => number
  readonly write: (lane: number, slot: number, value: number) => void
  /** A lane reads from one that is not there: the value is undefined on a GPU. */
  readonly absent: (lane: number, source: number) => void
}

/** The lane that a shuffle reads from, and whether it lies within the segment: the rule of PTX's manual. */
const sourceOf = (mode: string, lane: number, second: number, third: number): readonly [number, boolean] => {
  const amount = second & 31
  const segment = (third >> 8) & 31
  const bound = (lane & segment) | (third & 31 & ~segment)
  switch (mode) {
    case 'up':
      return [lane - amount, lane - amount >= bound]
    case 'down':
      return [lane + amount, lane + amount <= bound]
    case 'bfly':
      return [lane ^ amount, (lane ^ amount) <= bound]
    default: {
      const from = (lane & segment) | (amount & ~segment)
      return [from, from <= bound]
    }
  }
}

const shuffle = (wait: Wait, { lanes, read, write, absent }: Party): void => {
  const values = new Map(lanes.map((lane) => [lane, read(lane, exchange.value)]))
  for (const lane of lanes) {
    const [from, inside] = sourceOf(wait.mode, lane, read(lane, exchange.second), read(lane, exchange.third))
    const source = inside ? from : lane
    const value = values.get(source)
    if (value === undefined) absent(lane, source)
    write(lane, exchange.result, value ?? 0)
    write(lane, exchange.predicate, inside ? 1 : 0)
  }
}

const maskOf = (lanes: readonly number[]): number => lanes.reduce((mask, lane) => mask | (1 << lane), 0)

const vote = (mode: string, lanes: readonly number[], read: Party['read']): number => {
  const yes = lanes.filter((lane) => read(lane, exchange.value) !== 0)
  switch (mode) {
    case 'all':
      return yes.length === lanes.length ? 1 : 0
    case 'any':
      return yes.length > 0 ? 1 : 0
    case 'uni':
      return yes.length === 0 || yes.length === lanes.length ? 1 : 0
    default:
      return maskOf(yes)
  }
}

const reduce = ({ mode, signed }: Wait, values: readonly number[]): number => {
  const ordered = signed ? values : values.map((value) => value >>> 0)
  switch (mode) {
    case 'add':
      return ordered.reduce((a, b) => (a + b) | 0)
    case 'min':
      return Math.min(...ordered) | 0
    case 'max':
      return Math.max(...ordered) | 0
    case 'and':
      return ordered.reduce((a, b) => a & b)
    case 'or':
      return ordered.reduce((a, b) => a | b)
    default:
      return ordered.reduce((a, b) => a ^ b)
  }
}

/** Does what the lanes wait for, and leaves each its result. */
export const exchangeLanes = (wait: Wait, party: Party): void => {
  const { lanes, read, write } = party
  const all = (value: number): void => {
    for (const lane of lanes) write(lane, exchange.result, value)
  }
  switch (wait.kind) {
    case 'shuffle':
      shuffle(wait, party)
      return
    case 'vote':
      all(vote(wait.mode, lanes, read))
      return
    case 'reduce':
      all(
        reduce(
          wait,
          lanes.map((lane) => read(lane, exchange.value)),
        ),
      )
      return
    case 'active':
      all(maskOf(lanes))
      return
    case 'match': {
      const values = lanes.map((lane) => read(lane, exchange.value))
      const same = values.every((value) => value === values[0])
      lanes.forEach((lane, k) => {
        const alike = maskOf(lanes.filter((_, n) => values[n] === values[k]))
        write(lane, exchange.result, wait.mode === 'any' ? alike : same ? maskOf(lanes) : 0)
        write(lane, exchange.predicate, same ? 1 : 0)
      })
      return
    }
    case 'warp barrier':
    case 'barrier':
      return
    default:
      wait.kind satisfies never
  }
}
