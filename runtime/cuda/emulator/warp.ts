/** What the lanes of a warp exchange: shuffles, votes, matches and reductions, on the values in their records. */
import { record } from './layout.ts'
import type { Records } from './records.ts'
import type { Brought, Wait } from './rules/control.ts'

/** The lanes that take part. */
export interface Party {
  readonly records: Records
  /** The thread of lane 0. */
  readonly first: number
  /** By their numbers in the warp, in rising order. */
  readonly lanes: readonly number[]
  /** A lane reads from one that is not there: the value is undefined on a GPU. */
  readonly absent: (lane: number, source: number) => void
}

/** One of the numbers that a thread brings: the same for all where that is known, otherwise in its record. */
export const broughtBy = ({ fixed }: Wait, name: Brought, records: Records, thread: number): number =>
  fixed[name] ?? records.get(thread, record[name])

/** The values that lanes bring. */
const values = new Int32Array(32)

const readValues = ({ records, first, lanes }: Party): void => {
  const { words, stride } = records
  const at = records.at(first) + record.value
  for (let k = 0; k < lanes.length; k++) values[lanes[k]!] = words[(at + lanes[k]! * stride) >> 2]!
}

const giveAll = ({ records, first, lanes }: Party, result: number): void => {
  for (const lane of lanes) records.set(first + lane, record.result, result)
}

const maskOf = (lanes: readonly number[]): number => {
  let mask = 0
  for (let k = 0; k < lanes.length; k++) mask |= 1 << lanes[k]!
  return mask
}

/** The lane that a shuffle reads from, or -1 for one outside of its segment: the rule of PTX's manual. */
const sourceOf = (mode: string, lane: number, second: number, third: number): number => {
  const amount = second & 31
  const segment = (third >> 8) & 31
  const bound = (lane & segment) | (third & 31 & ~segment)
  if (mode === 'up') return lane - amount >= bound ? lane - amount : -1
  const from = mode === 'down' ? lane + amount : mode === 'bfly' ? lane ^ amount : (lane & segment) | (amount & ~segment)
  return from <= bound ? from : -1
}

/** The sources of all lanes for a shuffle whose distance and bounds are known, made once. */
const sources = new WeakMap<Wait, Int8Array>()
const sourcesOf = (wait: Wait): Int8Array | undefined => {
  const { second, third } = wait.fixed
  if (second === undefined || third === undefined) return undefined
  const made = sources.get(wait) ?? Int8Array.from(values, (_, lane) => sourceOf(wait.mode, lane, second, third))
  sources.set(wait, made)
  return made
}

const shuffle = (wait: Wait, party: Party): void => {
  const { records, first, lanes, absent } = party
  const { words, stride } = records
  const there = maskOf(lanes)
  const known = sourcesOf(wait)
  readValues(party)
  for (let k = 0; k < lanes.length; k++) {
    const lane = lanes[k]!
    const thread = first + lane
    const from = known
      ? known[lane]!
      : sourceOf(wait.mode, lane, broughtBy(wait, 'second', records, thread), broughtBy(wait, 'third', records, thread))
    const source = from < 0 ? lane : from
    const isThere = ((there >>> source) & 1) === 1
    if (!isThere) absent(lane, source)
    const at = (records.start + thread * stride) >> 2
    words[at + record.result / 4] = isThere ? values[source]! : 0
    words[at + record.predicate / 4] = from < 0 ? 0 : 1
  }
}

/** The lanes that say yes, as a mask. */
const yesOf = ({ lanes }: Party): number => {
  let yes = 0
  for (const lane of lanes) if (values[lane] !== 0) yes |= 1 << lane
  return yes
}

const vote = (mode: string, party: Party): number => {
  readValues(party)
  const yes = yesOf(party)
  const all = maskOf(party.lanes)
  switch (mode) {
    case 'all':
      return yes === all ? 1 : 0
    case 'any':
      return yes !== 0 ? 1 : 0
    case 'uni':
      return yes === 0 || yes === all ? 1 : 0
    default:
      return yes
  }
}

const operations: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => (a + b) | 0,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
}

const reduce = ({ mode, signed }: Wait, party: Party): number => {
  readValues(party)
  const operate = operations[mode]!
  return party.lanes.map((lane) => (signed ? values[lane]! : values[lane]! >>> 0)).reduce((a, b) => operate(a, b)) | 0
}

const match = (mode: string, party: Party): void => {
  const { records, first, lanes } = party
  readValues(party)
  const all = maskOf(lanes)
  for (const lane of lanes) {
    const alike = maskOf(lanes.filter((other) => values[other] === values[lane]))
    records.set(first + lane, record.result, mode === 'any' || alike === all ? alike : 0)
    records.set(first + lane, record.predicate, alike === all ? 1 : 0)
  }
}

/** Does what the lanes wait for, and leaves each its result. */
export const exchangeLanes = (wait: Wait, party: Party): void => {
  switch (wait.kind) {
    case 'shuffle':
      shuffle(wait, party)
      break
    case 'vote':
      giveAll(party, vote(wait.mode, party))
      break
    case 'reduce':
      giveAll(party, reduce(wait, party))
      break
    case 'active':
      giveAll(party, maskOf(party.lanes))
      break
    case 'match':
      match(wait.mode, party)
      break
    case 'warp barrier':
    case 'barrier':
    case 'arrival':
      break
    default:
      wait.kind satisfies never
  }
}
