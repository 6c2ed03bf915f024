/**
 * The layer's parameters and running statistics: fresh as PyTorch makes them, and by the names that the reference
 * implementation's checkpoints have.
 */
import { ArgumentError } from '../dsl/errors.ts'
import { elements } from '../dsl/tensor.ts'
import type { BatchNormState } from './batch-norm.ts'
import { type BlockState, type EstimatorState, estimatorParts } from './estimator.ts'
import type { StateDict, StateTensor } from './safetensors.ts'

const norm = (features: number): BatchNormState => ({
  weight: new Float32Array(features).fill(1),
  bias: new Float32Array(features),
  runningMean: new Float32Array(features),
  runningVar: new Float32Array(features).fill(1),
  batchesTracked: new BigInt64Array(1),
})

/** Uniform within 1 / sqrt(inputs) on either side, as PyTorch's linear maps begin. */
const block = (inputs: number, outputs: number, random: () => number): BlockState => {
  const bound = 1 / Math.sqrt(inputs)
  const uniform = (length: number) => Float32Array.from({ length }, () => (2 * random() - 1) * bound)
  return { weight: uniform(inputs * outputs), bias: uniform(outputs), bn: norm(outputs) }
}

/** @param random - from 0 up to 1; `Math.random` by default */
export const freshState = (numFeatures: number, hiddenFeatures: number, random: () => number = Math.random): EstimatorState => ({
  hidden: block(numFeatures, hiddenFeatures, random),
  mean: block(hiddenFeatures, numFeatures, random),
  sigma: block(hiddenFeatures, numFeatures, random),
})

/** Where the reference has a part's linear map, which there is a convolution of size 1, and its batch norm. */
const modules = {
  hidden: ['ToHidden.1', 'ToHidden.2'],
  mean: ['ToMean.0', 'ToMean.1'],
  sigma: ['ToSigma.0', 'ToSigma.1'],
} as const

const vector = <D extends StateTensor['data']>(data: D): StateTensor => ({ shape: [data.length], data })

/** A state by the reference's names. The arrays are the state's own. */
export const namedState = (state: EstimatorState, dims: number): StateDict => {
  const named = (part: (typeof estimatorParts)[number]): StateDict => {
    const [linear, norm] = modules[part]
    const { weight, bias, bn } = state[part]
    const shape = [bias.length, weight.length / bias.length, ...new Array<number>(dims).fill(1)]
    return {
      [`${linear}.weight`]: { shape, data: weight },
      [`${linear}.bias`]: vector(bias),
      [`${norm}.weight`]: vector(bn.weight),
      [`${norm}.bias`]: vector(bn.bias),
      [`${norm}.running_mean`]: vector(bn.runningMean),
      [`${norm}.running_var`]: vector(bn.runningVar),
      [`${norm}.num_batches_tracked`]: { shape: [], data: bn.batchesTracked },
    }
  }
  return Object.assign({}, ...estimatorParts.map(named))
}

const kindOf = ({ data }: StateTensor): string => (data instanceof BigInt64Array ? 'integers' : 'floats')

/** What keeps a tensor from being taken over, in words. */
const misfit = (name: string, given: StateTensor | undefined, own: StateTensor): readonly string[] => {
  if (!given) return [`'${name}' is missing`]
  if (kindOf(given) !== kindOf(own)) return [`'${name}' holds ${kindOf(given)}, but must hold ${kindOf(own)}`]
  if (given.shape.join() !== own.shape.join())
    return [`'${name}' has the shape [${given.shape.join(', ')}], but must have [${own.shape.join(', ')}]`]
  const { length } = given.data
  return length === elements(own.shape) ? [] : [`'${name}' has ${length} numbers, but its shape is of ${elements(own.shape)}`]
}

/** Names of a whole network's state begin with where the layer stands in it. */
const prefixHint = (given: readonly string[], own: readonly string[]): string => {
  const longer = given.find((name) => own.some((end) => name.endsWith(`.${end}`)))
  const end = own.find((name) => longer?.endsWith(`.${name}`))
  return longer && end
    ? `\nA network's layer is picked by fromSafetensors(bytes, { prefix: '${longer.slice(0, -end.length)}' }).`
    : ''
}

/**
 * Writes a state into a layer's own arrays.
 * @throws ArgumentError that lists all that does not fit; then nothing is written
 */
export const loadState = (own: StateDict, given: StateDict): void => {
  const has = (name: string): boolean => Object.hasOwn(own, name)
  const problems = [
    ...Object.entries(own).flatMap(([name, tensor]) =>
      misfit(name, Object.hasOwn(given, name) ? given[name] : undefined, tensor),
    ),
    ...Object.keys(given).flatMap((name) => (has(name) ? [] : [`'${name}' is unexpected`])),
  ]
  if (problems.length > 0) {
    const hint = prefixHint(Object.keys(given), Object.keys(own))
    throw new ArgumentError(`the state does not fit the layer:\n${problems.map((line) => `  ${line}`).join('\n')}${hint}`)
  }
  for (const [name, { data }] of Object.entries(own)) (data as { set(from: unknown): void }).set(given[name]!.data)
}
