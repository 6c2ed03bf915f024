/** What `poolwright tune` was asked for: its words and flags, read and checked as far as that goes without an operator. */
import type { StorageType } from '../../dsl/geometry.ts'
import { storageTypes } from '../../dsl/storage.ts'
import type { Pinned } from '../../runtime/pinned.ts'
import type { StrategyName } from '../../runtime/tuner/strategies/index.ts'
import { strategies } from '../../runtime/tuner/strategies/index.ts'
import { type GeometryFlags, type GeometryRequest, readGeometry } from '../flags/geometry.ts'
import { readSchedule } from '../flags/schedule.ts'
import { readShapes } from '../flags/shapes.ts'
import { type OperatorSource, readSource } from '../flags/source.ts'
import { readTarget, type TargetFlags, type TargetRequest } from '../flags/target.ts'
import { Problems, readChoice, readInteger, readNumber, readNumbers } from '../flags/values.ts'

/** As commander gives them. */
export interface TuneFlags extends GeometryFlags, TargetFlags {
  readonly formula?: string
  readonly param?: readonly string[]
  readonly tensor?: readonly string[]
  readonly attr?: readonly string[]
  readonly input?: string
  readonly backward?: boolean
  readonly dtype?: string
  readonly budget?: string
  readonly candidates?: string
  readonly strategy?: string
  readonly seed?: string
  readonly schedule?: string
  readonly deterministic?: boolean
  readonly report?: string
  readonly record?: string
  readonly json?: boolean
}

export interface TuneRequest extends TargetRequest {
  readonly source: OperatorSource
  readonly geometry: GeometryRequest
  /** The shape of the input, in the geometry's layout. */
  readonly input: readonly number[]
  readonly direction: 'forward' | 'backward'
  readonly tensors: readonly string[]
  readonly attrs: Readonly<Record<string, number>>
  readonly shapes: ReturnType<typeof readShapes>
  readonly dtype: StorageType
  readonly budgetMs: number
  /** The most candidates. */
  readonly candidates: number
  readonly strategy: StrategyName
  readonly seed: number
  readonly pinned: Pinned
  readonly deterministic: boolean
  /** Files to write. */
  readonly report: string | undefined
  readonly record: string | undefined
}

const usualBudget = '60s'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }

/** Milliseconds of a time as people write it: `90s`, `2m`, `500ms`; a plain number is seconds. */
const readTime = (flag: string, text: string, problems: Problems): number => {
  const [, number = '', unit = 's'] = /^([\d.]+)\s*([a-z]+)?$/i.exec(text.trim()) ?? []
  const [value, factor] = [readNumber(number), units[unit.toLowerCase()]]
  if (value !== undefined && value > 0 && factor !== undefined) return value * factor
  problems.add(`${flag} ${text}: write a time, as in ${flag} 60s, ${flag} 5m or ${flag} 500ms`)
  return 0
}

const readInput = (text: string | undefined, problems: Problems): readonly number[] => {
  if (text === undefined) {
    problems.add('--input is missing: say for which shape, as in --input 8,64,56,56 (N, C, then the spatial sizes)')
    return []
  }
  const sizes = text.split(',').map(readInteger)
  const numbers = sizes.filter((size) => size !== undefined && size > 0) as number[]
  if (numbers.length === sizes.length && numbers.length >= 3 && numbers.length <= 5) return numbers
  problems.add(`--input ${text}: a shape is 3 to 5 sizes of at least 1, as in --input 8,64,56,56`)
  return []
}

const readCount = (flag: string, text: string | undefined, fallback: number, problems: Problems): number => {
  if (text === undefined) return fallback
  const count = readInteger(text)
  if (count !== undefined && count > 0) return count
  problems.add(`${flag} ${text}: write a whole number of at least 1`)
  return fallback
}

const checkEnding = (flag: string, path: string | undefined, ending: string, problems: Problems): void => {
  if (path !== undefined && !path.toLowerCase().endsWith(ending))
    problems.add(`${flag} ${path}: is written as ${ending}; name a file that ends so`)
}

/** @throws UsageError with everything that is wrong; CannotError for a target that this version has not */
export const readTuneRequest = (words: readonly string[], flags: TuneFlags): TuneRequest => {
  const problems = new Problems()
  const { source } = readSource(words, flags.formula, [], problems)
  const target = readTarget(flags, problems)
  if (target.target === 'oracle' || target.target === 'interpreter')
    problems.add(`--target ${target.target}: it has no schedules, so there is nothing to tune; choose js or cuda`)
  checkEnding('--report', flags.report, '.html', problems)
  checkEnding('--record', flags.record, '.json', problems)
  const names = Object.keys(strategies) as StrategyName[]
  const request: TuneRequest = {
    source,
    geometry: readGeometry(flags, problems),
    input: readInput(flags.input, problems),
    direction: flags.backward ? 'backward' : 'forward',
    tensors: flags.tensor ?? [],
    attrs: readNumbers('--attr', flags.attr, problems),
    shapes: readShapes(flags.param, problems),
    dtype: readChoice('--dtype', flags.dtype, storageTypes, problems) ?? 'float32',
    budgetMs: readTime('--budget', flags.budget ?? usualBudget, problems),
    candidates: readCount('--candidates', flags.candidates, Number.POSITIVE_INFINITY, problems),
    strategy: readChoice('--strategy', flags.strategy, names, problems) ?? 'guided',
    seed: readCount('--seed', flags.seed, 1, problems),
    pinned: readSchedule(flags.schedule, problems) ?? {},
    deterministic: flags.deterministic === true,
    report: flags.report,
    record: flags.record,
    ...target,
  }
  problems.refuse()
  return request
}
