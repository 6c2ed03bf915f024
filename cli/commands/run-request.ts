/** What `poolwright run` was asked for: its words and flags, read and checked as far as that goes without a file. */

import type { StorageType } from '../../dsl/geometry.ts'
import { storageTypes } from '../../dsl/storage.ts'
import { type GeometryFlags, type GeometryRequest, readGeometry } from '../flags/geometry.ts'
import { type OperatorSource, readSource } from '../flags/source.ts'
import { readTarget, type TargetFlags, type TargetRequest } from '../flags/target.ts'
import { Problems, readChoice, readNumber, readNumbers, readPairs, readSeed } from '../flags/values.ts'

/** As commander gives them. */
export interface RunFlags extends GeometryFlags, TargetFlags {
  readonly formula?: string
  readonly param?: readonly string[]
  readonly tensor?: readonly string[]
  readonly attr?: readonly string[]
  readonly seed?: string
  readonly dtype?: string
  readonly indices?: string
  readonly gradOutput?: string
  readonly gradInput?: string
  readonly gradParam?: readonly string[]
  readonly gradTensor?: readonly string[]
  readonly counts?: boolean
  readonly json?: boolean
}

export interface RunRequest extends TargetRequest {
  readonly source: OperatorSource
  readonly input: string
  readonly output: string
  readonly geometry: GeometryRequest
  /** A number, or the path of a file. */
  readonly params: ReadonlyMap<string, number | string>
  readonly tensors: ReadonlyMap<string, string>
  readonly attrs: Readonly<Record<string, number>>
  readonly seed: bigint | undefined
  readonly dtype: StorageType | undefined
  readonly indices: string | undefined
  readonly gradOutput: string | undefined
  readonly gradInput: string | undefined
  readonly gradParams: ReadonlyMap<string, string>
  readonly gradTensors: ReadonlyMap<string, string>
  /** Whether to tell what each launch took. */
  readonly counts: boolean
}

const checkNpyName = (flag: string, path: string | undefined, problems: Problems): void => {
  if (path !== undefined && !/\.npy$/i.test(path)) problems.add(`${flag} ${path}: is written as .npy; name a file that ends so`)
}

/** @throws UsageError with everything that is wrong; CannotError for a target that this version has not */
export const readRunRequest = (words: readonly string[], flags: RunFlags): RunRequest => {
  const problems = new Problems()
  const { source, rest } = readSource(words, flags.formula, ['INPUT', 'OUTPUT'], problems)
  const [input = '', output = ''] = rest
  const params = readPairs('--param', flags.param, problems)
  const tensors = readPairs('--tensor', flags.tensor, problems)
  const attrs = readNumbers('--attr', flags.attr, problems)
  for (const name of [...tensors.keys(), ...Object.keys(attrs)]) {
    if (params.has(name) || (tensors.has(name) && Object.hasOwn(attrs, name)))
      problems.add(`'${name}' is given twice, by different flags; give it once`)
  }
  const gradParams = readPairs('--grad-param', flags.gradParam, problems)
  const gradTensors = readPairs('--grad-tensor', flags.gradTensor, problems)
  if (output !== '' && !/\.(png|npy)$/i.test(output))
    problems.add(`${output}: an output is a PNG or a .npy file; name one that ends in .png or .npy`)
  checkNpyName('--indices', flags.indices, problems)
  checkNpyName('--grad-input', flags.gradInput, problems)
  for (const path of gradParams.values()) checkNpyName('--grad-param', path, problems)
  for (const path of gradTensors.values()) checkNpyName('--grad-tensor', path, problems)
  const differentiates = flags.gradInput !== undefined || gradParams.size > 0 || gradTensors.size > 0
  if (flags.gradOutput !== undefined && !differentiates)
    problems.add('--grad-output is given, but no gradient is asked for: add --grad-input, --grad-param or --grad-tensor')
  const target = readTarget(flags, problems)
  if (flags.counts && target.device !== 'emulator')
    problems.add('--counts: only the emulator counts; add --target cuda --device emulator')
  const request: RunRequest = {
    source,
    input,
    output,
    geometry: readGeometry(flags, problems),
    params: new Map([...params].map(([name, text]) => [name, readNumber(text) ?? text])),
    tensors,
    attrs,
    seed: readSeed(flags.seed, problems),
    dtype: readChoice('--dtype', flags.dtype, storageTypes, problems),
    indices: flags.indices,
    gradOutput: flags.gradOutput,
    gradInput: flags.gradInput,
    gradParams,
    gradTensors,
    counts: flags.counts === true,
    ...target,
  }
  problems.refuse()
  return request
}
