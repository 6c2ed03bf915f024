/** Why a search had nothing to go on from: where the same operator is remembered, the fields in which the nearest key differs. */
import { type Difference, explainMiss } from '../../runtime/store/explain.ts'
import { type Fields, folders, type Store } from '../../runtime/store/store.ts'
import { Memory } from '../../runtime/tuner/memory.ts'
import type { Tuned } from '../../runtime/tuner/request.ts'
import { bothText, keysIn } from '../cache/keys.ts'
import { counted } from '../cache/store.ts'
import type { OperatorSource } from '../flags/source.ts'

/** Fields that are told here; `poolwright cache explain` tells all. */
const toldFields = 3

/** As much of a hash as tells it from others. */
const start = (hash: string): string => hash.slice(0, 12)

/** The graph's hash follows from the geometry and the results: it says something where nothing else differs. */
const toldOf = (differences: readonly Difference[]): readonly Difference[] =>
  differences.length > 1 ? differences.filter(({ path }) => path !== 'ir') : differences

const fieldText = (one: Difference): string => {
  if (one.path !== 'ir') return `${one.path}, ${bothText(one)}`
  const { wanted, stored } = one
  const hashes = bothText({ path: 'ir', wanted: start(String(wanted)), stored: start(String(stored)) })
  return `ir, the graph, which is of another formula or of other attributes, ${hashes}`
}

/** The fields in which keys of the same operator agree. All formulas have one name: what tells those apart is the graph. */
const sharedBy = (source: OperatorSource): readonly string[] => [
  'target',
  'operator',
  'direction',
  ...('formula' in source ? ['ir'] : []),
]

/** A line on what is remembered under another key; empty where nothing is, and where something was remembered under this one. */
export const missedText = async (
  store: Store,
  wanted: Fields,
  { measured }: Pick<Tuned, 'measured'>,
  source: OperatorSource,
): Promise<string> => {
  if (measured === 0) return ''
  const memory = await Memory.of(store, wanted)
  // What was there before may be of another version, or of another machine.
  const before = (await memory.load()).size - measured
  if (before > 0) return ''
  const keys = await keysIn(store, folders.tuning)
  const own = memory.folder.slice(folders.tuning.length + 1)
  const shared = sharedBy(source)
  const others = keys.filter(({ name, key }) => name !== own && shared.every((field) => key[field] === wanted[field]))
  const stored = others.map(({ key }) => key)
  const miss = explainMiss(wanted, stored)
  if (!miss) return ''
  const told = toldOf(miss.differences)
  const fields = told.slice(0, toldFields).map(fieldText)
  const rest = told.length - fields.length
  const more = rest > 0 ? `; and ${rest} more: poolwright cache explain --key ${start(own)}` : ''
  return `nothing that is remembered was of use: what comes nearest differs in ${counted(told.length, 'field', 'fields')}: ${fields.join('; ')}${more}\n`
}
