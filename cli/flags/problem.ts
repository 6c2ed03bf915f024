/** The flags that say what is tuned or timed: one direction of an operator, on tensors of one size. */
import type { Command } from 'commander'
import type { StorageType } from '../../dsl/geometry.ts'
import { storageTypes } from '../../dsl/storage.ts'
import { addGeometryFlags, type GeometryFlags, type GeometryRequest, readGeometry } from './geometry.ts'
import { addNameFlags, readShapes } from './shapes.ts'
import { addFormulaFlag, type OperatorSource, readSource } from './source.ts'
import { type Problems, readChoice, readInteger, readNumbers } from './values.ts'

/** As commander gives them. */
export interface ProblemFlags extends GeometryFlags {
  readonly formula?: string
  readonly param?: readonly string[]
  readonly tensor?: readonly string[]
  readonly attr?: readonly string[]
  readonly input?: string
  readonly backward?: boolean
  readonly results?: string
  readonly dtype?: string
}

export interface ProblemRequest {
  readonly source: OperatorSource
  readonly geometry: GeometryRequest
  /** The shape of the input, in the geometry's layout. */
  readonly input: readonly number[]
  readonly direction: 'forward' | 'backward'
  /** `undefined` for all that the operator has. */
  readonly results: readonly string[] | undefined
  readonly tensors: readonly string[]
  readonly attrs: Readonly<Record<string, number>>
  readonly shapes: ReturnType<typeof readShapes>
  readonly dtype: StorageType
}

/** @param heading - over the flags that are no operator's and no window's */
export const addProblemFlags = (command: Command, heading: string): Command =>
  addGeometryFlags(addNameFlags(addFormulaFlag(command)))
    .optionsGroup(heading)
    .option('--input <N,C,...>', 'the shape of the input, in the layout')
    .option('--backward', 'the gradient instead of the operator itself')
    .option('--results <NAME,...>', 'the results to make, such as y (default: all that the operator has)')
    .option('--dtype <TYPE>', 'float32, float64, float16 or bfloat16 (default: float32)')

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

export const readProblem = (words: readonly string[], flags: ProblemFlags, problems: Problems): ProblemRequest => ({
  source: readSource(words, flags.formula, [], problems).source,
  geometry: readGeometry(flags, problems),
  input: readInput(flags.input, problems),
  direction: flags.backward ? 'backward' : 'forward',
  results: flags.results?.split(',').map((name) => name.trim()),
  tensors: flags.tensor ?? [],
  attrs: readNumbers('--attr', flags.attr, problems),
  shapes: readShapes(flags.param, problems),
  dtype: readChoice('--dtype', flags.dtype, storageTypes, problems) ?? 'float32',
})
