/**
 * Golden cases of layers, for the golden contract: a case's state is put into a layer, which is then run as anybody runs it.
 * Results are held against the file's own numbers, in 32 and in 64 bits: a judge of the layer that ran the layer would agree.
 */
import { FileError } from '../dsl/errors.ts'
import type { StorageType } from '../dsl/geometry.ts'
import { joinShape, splitShape } from '../dsl/layout.ts'
import { isHalf, narrow, storageOf } from '../dsl/storage.ts'
import type { Tensor } from '../dsl/tensor.ts'
import { type Found, type GoldenCase, type GoldenRunner, type GoldenTensor, SkippedCase } from '../runtime/golden-runner.ts'
import { readFrom } from '../runtime/target.ts'
import { type BlockGradients, type BlockState, type EstimatorState, estimatorParts } from './estimator.ts'
import { GaussianPooling, type GaussianPoolingOptions, type Stochasticity } from './gaussian-pooling.ts'

type Arrays<D> = Readonly<Record<string, D>>

/** What cases call the arrays of a part. */
const parametersOf = <D>({ weight, bias, bn }: { weight: D; bias: D; bn: { weight: D; bias: D } }): Arrays<D> => ({
  weight,
  bias,
  'bn.weight': bn.weight,
  'bn.bias': bn.bias,
})
const buffersOf = ({ bn }: BlockState): Arrays<Float32Array> => ({
  'bn.runningMean': bn.runningMean,
  'bn.runningVar': bn.runningVar,
})

/** The arrays of all parts that there are, by the names of cases. */
const named = <B, D>(parts: Partial<Readonly<Record<string, B>>>, arraysOf: (part: B) => Arrays<D>): Arrays<D> =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([part, block]) =>
      block ? Object.entries(arraysOf(block)).map(([name, array]) => [`${part}.${name}`, array]) : [],
    ),
  )

/** The shape of an array by its name: a linear map has a row for each of its biases. */
const shapeOf = (name: string, state: EstimatorState): readonly number[] => {
  const part = estimatorParts.find((one) => name.startsWith(`${one}.`))!
  const { weight, bias } = state[part]
  return name === `${part}.weight` ? [bias.length, weight.length / bias.length] : [bias.length]
}

/** An attribute that has to be of some kind; `undefined` where the case has none. */
const attribute = <T>(
  { id, attrs }: GoldenCase,
  name: string,
  is: (value: unknown) => value is T,
  kind: string,
): T | undefined => {
  const value = attrs[name]
  if (value === undefined || is(value)) return value
  throw new FileError(`case '${id}', attrs.${name}: must be ${kind}, but is ${JSON.stringify(value)}`)
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isStochasticity = (value: unknown): value is Stochasticity => value === 'HWCN' || value === 'CN' || value === null

/** What a case says of its layer; hidden features are told by their weights where nothing else does. */
const optionsOf = (golden: GoldenCase, dtype: StorageType): GaussianPoolingOptions => {
  const { geometry, windows, input, params } = golden
  const { dims: _, ...asked } = windows
  const hiddenFeatures = attribute(golden, 'hiddenFeatures', isNumber, 'a number') ?? params['hidden.weight']?.shape[0]
  const stochasticity = attribute(golden, 'stochasticity', isStochasticity, '"HWCN", "CN" or null')
  const eps = attribute(golden, 'eps', isNumber, 'a number')
  const batchNormEps = attribute(golden, 'batchNormEps', isNumber, 'a number')
  return {
    ...asked,
    dtype,
    numFeatures: splitShape(geometry, input.shape).channels,
    ...(hiddenFeatures !== undefined && { hiddenFeatures }),
    ...(stochasticity !== undefined && { stochasticity }),
    ...(eps !== undefined && { eps }),
    ...(batchNormEps !== undefined && { batchNormEps }),
  }
}

/** Puts a case's numbers into a layer's arrays; what the case does not compute with, it may leave out. */
const put = (golden: GoldenCase, layer: GaussianPooling, draws: boolean): void => {
  const fields = [
    ['params', named(layer.state, parametersOf<Float32Array>), (name: string) => draws || !name.startsWith('sigma.')],
    ['buffers', named(layer.state, buffersOf), (name: string) => !layer.training && !name.startsWith('sigma.')],
  ] as const
  for (const [field, arrays, isNeeded] of fields) {
    const refuse = (name: string, what: string): never => {
      throw new FileError(`case '${golden.id}', ${field}.${name}: ${what}`)
    }
    for (const name of Object.keys(golden[field])) if (!Object.hasOwn(arrays, name)) refuse(name, 'is nothing that the layer has')
    for (const [name, array] of Object.entries(arrays)) {
      const given = Object.hasOwn(golden[field], name) ? golden[field][name] : undefined
      const shape = shapeOf(name, layer.state)
      if (!given) {
        if (isNeeded(name)) refuse(name, 'is absent')
      } else if (given.shape.join() !== shape.join())
        refuse(name, `has the shape [${given.shape.join(', ')}], but must have [${shape.join(', ')}]`)
      else array.set(given.data)
    }
  }
}

/** Noise channels-first, as kernels take it. Where every output element has its own, a file may write it as it writes the output. */
const channelsFirst = ({ shape, data }: GoldenTensor, { geometry, output }: GoldenCase): GoldenTensor => {
  const { samples, channels, extents } = splitShape(geometry, output.shape)
  const wanted = joinShape({ layout: 'channels-first' }, { samples, channels, extents })
  if (shape.join() !== output.shape.join() || shape.join() === wanted.join()) return { shape, data }
  const points = data.length / (samples * channels)
  const from = (k: number): number => (Math.floor(k / (points * channels)) * points + (k % points)) * channels
  return { shape: wanted, data: data.map((_, k) => data[from(k) + (Math.floor(k / points) % channels)]!) }
}

const noiseOf = (golden: GoldenCase, dtype: StorageType): { readonly noise?: Tensor } => {
  const { id, noise } = golden
  if (noise === undefined) return {}
  if (!ArrayBuffer.isView(noise.data)) throw new FileError(`case '${id}', noise: must be one tensor: a layer draws one`)
  const { shape, data } = channelsFirst(noise as GoldenTensor, golden)
  return { noise: { shape, data: narrow(data, storageOf(dtype, 'noise')) } }
}

const gaussianLayer: GoldenRunner = async (golden, target, dtype) => {
  if (isHalf(dtype))
    throw new SkippedCase(`a layer in ${dtype} rounds its global average, for which there are no bounds: check it in float32`)
  const layer = new GaussianPooling(golden.geometry.dims, optionsOf(golden, dtype), target)
  if (attribute(golden, 'training', isBoolean, 'true or false') === false) layer.eval()
  const draws = layer.training && layer.options.stochasticity !== null
  put(golden, layer, draws)
  if (draws && golden.noise === undefined)
    throw new SkippedCase('the layer draws its weights, and the case has no noise to hand in')
  const stored = ({ shape, data }: GoldenTensor): Tensor => ({ shape, data: narrow(data, dtype) })
  const { y, backward } = await layer.forward(stored(golden.input), noiseOf(golden, dtype))
  const made = await readFrom(target, { y })
  const found: Found[] = [{ field: 'output', got: made.y, want: golden.output, storage: dtype }]
  if (!golden.gradOutput) return found
  const { x, parameters } = await backward(stored(golden.gradOutput))
  const gradients = await readFrom(target, { x })
  if (golden.gradInput) found.push({ field: 'gradInput', got: gradients.x, want: golden.gradInput, storage: dtype })
  const ofParameters = named<BlockGradients, Float64Array>(parameters, parametersOf)
  for (const [name, want] of Object.entries(golden.gradParams)) {
    const data = ofParameters[name]
    const got = data && { shape: shapeOf(name, layer.state), data }
    found.push({ field: `gradParams.${name}`, got, want, storage: 'float64' })
  }
  return found
}

/** How cases of layers are run, by what they name as their operator. */
export const layerRunners: ReadonlyMap<string, GoldenRunner> = new Map([['gaussian-layer', gaussianLayer]])
