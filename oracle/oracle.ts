/**
 * The oracle: what a pooling operator means, computed by brute force in float64, forward and backward. It shares with the
 * compiler the checked formula and nothing else: no pass, no gradient, no cover formula. It is slow and meant to be read.
 */
import { type CheckedArguments, checkArguments, checkCotangents } from '../dsl/arguments.ts'
import { GeometryError } from '../dsl/errors.ts'
import type { CheckedOperator } from '../dsl/expression.ts'
import { refuseOperator } from '../dsl/fit.ts'
import type { Geometry, StorageType } from '../dsl/geometry.ts'
import { joinShape } from '../dsl/layout.ts'
import { widenAll } from '../dsl/storage.ts'
import { elements, type Tensor } from '../dsl/tensor.ts'
import { eachSlope } from './dual.ts'
import { type Evaluator, evaluator } from './evaluate.ts'
import { enumerateWindows } from './windows.ts'

type Given = Readonly<Record<string, Tensor | number>>

export interface OracleOptions {
  readonly seed?: bigint
  /** The results wanted; all by default. */
  readonly results?: readonly string[]
  /** What tensors must be stored as, where that matters; the oracle itself computes in float64, whose results are not rounded. */
  readonly dtype?: StorageType
}

/** Visits every window of every plane; `offset` is where its results stand in the output. */
const walk = (geometry: Geometry, launch: CheckedArguments, evaluate: Evaluator, act: (offset: number) => void): void => {
  const { samples, channels, extents, outExtents } = launch
  const windows = enumerateWindows(geometry, extents, outExtents)
  for (let sample = 0; sample < samples; sample++) {
    for (let channel = 0; channel < channels; channel++) {
      windows.forEach((window, o) => {
        evaluate.visit({ sample, channel, window })
        const last = geometry.layout === 'channels-last'
        act(last ? (sample * windows.length + o) * channels + channel : (sample * channels + channel) * windows.length + o)
      })
    }
  }
}

const checkFit = (operator: CheckedOperator, geometry: Geometry): void => {
  const reason = refuseOperator(operator, geometry)
  if (reason) throw new GeometryError(`${operator.name}: ${reason}`)
}

/**
 * The results of an operator, each of the output's shape: float64, or int32 for integers.
 *
 * @throws ArgumentError where what is given does not fit the operator; GeometryError where the geometry does not fit the
 *   operator or the input
 */
export const oracleForward = (
  operator: CheckedOperator,
  geometry: Geometry,
  inputs: Given,
  options: OracleOptions = {},
): Record<string, Tensor<Float64Array | Int32Array>> => {
  checkFit(operator, geometry)
  const launch = checkArguments(operator, geometry, inputs, options.seed, options)
  const numbers = widenAll(inputs, options.dtype)
  const evaluate = evaluator(operator, geometry, launch, numbers, { seed: options.seed ?? 0n, differentiate: false })
  const shape = joinShape(geometry, { ...launch, extents: launch.outExtents })
  const made: Record<string, Tensor<Float64Array | Int32Array>> = {}
  for (const [name, { type }] of operator.results) {
    if (options.results && !options.results.includes(name)) continue
    made[name] = { shape, data: type === 'int' ? new Int32Array(elements(shape)) : new Float64Array(elements(shape)) }
  }
  walk(geometry, launch, evaluate, (offset) => {
    for (const [name, { data }] of Object.entries(made)) data[offset] = evaluate.results.get(name)!().value
  })
  return made
}

/**
 * The gradient of each input, tensor and parameter, each of its tensor's own shape (`[]` for a plain number), for the
 * cotangents given by result; an absent cotangent is zero.
 *
 * @throws ArgumentError where what is given does not fit the operator; GeometryError where the geometry does not fit the
 *   operator or the input
 */
export const oracleBackward = (
  operator: CheckedOperator,
  geometry: Geometry,
  inputs: Given,
  cotangents: Readonly<Record<string, Tensor>>,
  options: OracleOptions = {},
): Record<string, Tensor<Float64Array>> => {
  checkFit(operator, geometry)
  const launch = checkArguments(operator, geometry, inputs, options.seed, options)
  checkCotangents(operator, geometry, cotangents, launch, options)
  const numbers = widenAll(inputs, options.dtype)
  const evaluate = evaluator(operator, geometry, launch, numbers, { seed: options.seed ?? 0n, differentiate: true })
  const gradients: Record<string, Tensor<Float64Array>> = {}
  for (const { name, role } of operator.tensors) {
    if (role === 'noise') continue
    const given = inputs[name]!
    const shape = typeof given === 'number' ? [] : given.shape
    gradients[name] = { shape, data: new Float64Array(elements(shape)) }
  }
  const arriving = Object.entries(widenAll(cotangents, options.dtype))
  walk(geometry, launch, evaluate, (offset) => {
    for (const [result, { data }] of arriving) {
      const cotangent = data[offset]!
      eachSlope(evaluate.results.get(result)!(), (leaf, slope) => {
        const target = evaluate.leaf(leaf)
        gradients[target.name]!.data[target.offset]! += cotangent * slope
      })
    }
  })
  return gradients
}
