/**
 * Cases of the property tests: a random formula, a geometry that exists, data, and a wish for a schedule; what a case hands to
 * a kernel, and what the oracle says must come out. POOLWRIGHT_SEED replays a run; a failing case is shrunk and printed as
 * formula, geometry and schedule.
 */
import fc from 'fast-check'
import { expect } from 'vitest'
import { type Programs, programsOf } from '../../codegen/program.ts'
import type { CheckedOperator } from '../../dsl/expression.ts'
import { type Geometry, normaliseGeometry, outputSize, type StorageType } from '../../dsl/geometry.ts'
import { joinShape } from '../../dsl/layout.ts'
import { paramTensorShape, type ShapeContext } from '../../dsl/param-shapes.ts'
import { settle } from '../../dsl/settle.ts'
import { isHalf, narrow, storageByName, widen } from '../../dsl/storage.ts'
import { elements, type Tensor, type TensorData } from '../../dsl/tensor.ts'
import { oracleBackward, oracleForward } from '../../oracle/oracle.ts'
import { distanceFrom } from '../../runtime/golden-compare.ts'
import { interpreterTarget } from '../../runtime/interpreter.ts'
import type { DeviceKernel, Inputs, Target, TargetOptions, Tensors } from '../../runtime/target.ts'
import { randomFrom, shuffled } from '../../runtime/tuner/random.ts'
import { type Draft, drafts, type Formula, write } from './formulas.ts'
import { type Launch, launches } from './geometries.ts'
import { isSmooth } from './guards.ts'

export const fuzzSeed = Number(process.env.POOLWRIGHT_SEED ?? Date.now() % 2 ** 31)
export const runs = Number(process.env.POOLWRIGHT_RUNS ?? 300)

/** Everything of one case. It prints as what a person needs to see it fail again. */
export class Case<Wish> {
  readonly launch: Launch
  readonly geometry: Geometry
  readonly formula: Formula
  readonly wish: Wish
  readonly handIn: boolean
  readonly data: number

  constructor(draft: Draft, launch: Launch, wish: Wish, handIn: boolean, data: number) {
    this.launch = launch
    this.wish = wish
    this.handIn = handIn
    this.data = data
    const written = write(draft, normaliseGeometry(launch.options))
    const override = written.variance && launch.options.divisorOverride
    this.geometry = normaliseGeometry(override ? { ...launch.options, divisorOverride: null } : launch.options)
    this.formula = override ? write(draft, this.geometry) : written
  }

  [fc.toStringMethod](): string {
    const { launch, formula, wish, handIn, data } = this
    const { samples, channels, extents } = launch
    const lines = [
      formula.text,
      JSON.stringify(formula.declarations),
      JSON.stringify(this.geometry),
      `input ${samples}x${channels}x${extents.join('x')}, data ${data}, ${handIn ? 'random values handed in' : 'random values made'}`,
      `schedule ${JSON.stringify(wish)}`,
    ]
    return `\n${lines.join('\n')}\n`
  }
}

/** Cases with wishes for schedules of a target; what a program refuses of a wish is left at its default. */
export const casesWith = <Wish>(wish: fc.Arbitrary<Wish>): fc.Arbitrary<Case<Wish>> =>
  fc
    .record({ draft: drafts, launch: launches, wish, handIn: fc.boolean(), data: fc.nat(99_999) })
    .map(({ draft, launch, wish, handIn, data }) => new Case(draft, launch, wish, handIn, data))

/** Numbers without ties: a shuffled grid from -2.5 to 2.5, each a little off its place, exact in float32. */
const jittered = (length: number, random: () => number): number[] => {
  const places = shuffled(
    Array.from({ length }, (_, i) => i),
    random,
  )
  return places.map((place) => Math.fround(((place + 0.35 + 0.3 * random()) / length) * 5 - 2.5))
}

/** A tensor of the input's kind, each plane a grid of its own. */
const inputLike = (shape: readonly number[], channels: number, points: number, last: boolean, random: () => number): Tensor => {
  const data = new Float64Array(elements(shape))
  for (let plane = 0; plane * points < data.length; plane++) {
    const values = jittered(points, random)
    const [n, c] = [Math.floor(plane / channels), plane % channels]
    for (let i = 0; i < points; i++) data[last ? (n * points + i) * channels + c : plane * points + i] = values[i]!
  }
  return { shape, data }
}

const uniformTensor = (shape: readonly number[], random: () => number): Tensor => ({
  shape,
  data: Float64Array.from({ length: elements(shape) }, () => Math.fround(random() * 3 - 1.5)),
})

/** What a case hands to its kernels, in double; every number is exact in float32. */
export interface Arguments {
  readonly operator: CheckedOperator
  readonly geometry: Geometry
  readonly inputs: Inputs
  readonly cotangents: Tensors
  readonly seed: bigint | undefined
  readonly taps: number
}

export const argumentsOf = (one: Case<unknown>): Arguments => {
  const { formula, launch, geometry, handIn } = one
  const { samples, channels, extents } = launch
  const operator = settle(
    { name: 'drawn', declarations: formula.declarations, formula: formula.text, results: [] },
    handIn ? { handIn: formula.random } : {},
  )
  const random = randomFrom(one.data)
  const outExtents = outputSize(geometry, extents)
  const kernel = geometry.kind === 'sliding' ? geometry.axes.map((axis) => axis.kernel) : undefined
  const context: ShapeContext = { samples, channels, extents, outExtents, kernel }
  const inputs: Record<string, Tensor | number> = {}
  for (const decl of operator.tensors) {
    if ('shape' in decl) {
      const made = uniformTensor(paramTensorShape(decl.shape, geometry.dims, context), random)
      inputs[decl.name] = decl.shape === 'scalar' && one.data % 2 === 0 ? made.data[0]! : made
    } else {
      const shape = joinShape(geometry, { samples, channels, extents })
      inputs[decl.name] = inputLike(shape, channels, elements(extents), geometry.layout === 'channels-last', random)
    }
  }
  const cotangents: Record<string, Tensor> = {}
  const outShape = joinShape(geometry, { samples, channels, extents: outExtents })
  for (const [name, { type }] of operator.results) {
    if (type === 'float' && (name === 'y' || one.data % 4 > 0)) cotangents[name] = uniformTensor(outShape, random)
  }
  const seed = operator.seeded ? BigInt(one.data) * 0x1_0000_0003n : undefined
  const taps = kernel ? elements(kernel) : elements(extents.map((extent, d) => Math.ceil(extent / outExtents[d]!) + 1))
  return { operator, geometry, inputs, cotangents, seed, taps }
}

const eachTensor = <T extends Tensor | number>(
  given: Readonly<Record<string, T>>,
  made: (data: TensorData, name: string) => TensorData,
): Record<string, T | Tensor> =>
  Object.fromEntries(
    Object.entries(given).map(([name, x]) => [name, typeof x === 'number' ? x : { shape: x.shape, data: made(x.data, name) }]),
  )

/** A case as a storage type has it: its numbers are rounded, and still in double, so that the oracle judges those. */
export const roundedTo = (given: Arguments, dtype: StorageType): Arguments => {
  if (!isHalf(dtype)) return given
  const storage = storageByName(given.operator, dtype)
  const round = (data: TensorData, name: string): TensorData =>
    new Float64Array(widen(narrow(data, storage(name)), storage(name)))
  return {
    ...given,
    inputs: eachTensor(given.inputs, round),
    cotangents: eachTensor(given.cotangents, round) as Tensors,
  }
}

/** Results and gradients by name. */
export interface Made {
  readonly forward: Tensors
  readonly backward: Tensors
}

/** Runs a kernel on a case, forward and backward; what a schedule saves is handed on. */
export const runKernel = (kernel: DeviceKernel, given: Arguments, dtype: StorageType): Made => {
  const storage = storageByName(given.operator, dtype)
  const stored = (data: TensorData, name: string): TensorData => narrow(data, storage(name))
  const inputs = eachTensor(given.inputs, stored)
  const cotangents = eachTensor(given.cotangents, stored) as Tensors
  const options = { ...(given.seed !== undefined && { seed: given.seed }), kept: {} }
  return { forward: kernel.forward(inputs, options), backward: kernel.backward(inputs, cotangents, options) }
}

export const launch = async (target: Target, given: Arguments, options: TargetOptions): Promise<Made> =>
  runKernel(await target.compile(given.operator, given.geometry, options), given, options.dtype)

/** The axes that both directions accept, of those wished for, each on its own. */
export const acceptedBy = (
  { operator, geometry }: Pick<Arguments, 'operator' | 'geometry'>,
  wishes: readonly Readonly<Record<string, unknown>>[],
  refuses: (axes: Readonly<Record<string, unknown>>, program: Programs['forward']) => string | undefined,
): Record<string, unknown> => {
  const { forward, backward } = programsOf(operator, geometry)
  let axes: Record<string, unknown> = {}
  for (const axis of wishes) {
    const more = { ...axes, ...axis }
    if (![forward, backward].some((program) => refuses(more, program) !== undefined)) axes = more
  }
  return axes
}

export type Bound = (want: number, name: string, k: number) => number

/** @param dtype - what bits are of, where a tensor holds bits: they stand for all that is rounded to them */
export const compare = (what: string, got: Tensors, want: Tensors, bound: Bound, dtype: StorageType): void => {
  expect(Object.keys(got).sort(), `${what}: names`).toEqual(Object.keys(want).sort())
  for (const [name, { shape, data }] of Object.entries(want)) {
    const made = got[name]!
    if (made.shape.join() !== shape.join()) throw new Error(`${what} ${name}: the shape is [${made.shape}], not [${shape}]`)
    const numbers = widen(made.data, dtype)
    const storage = made.data instanceof Uint16Array ? dtype : 'float64'
    for (let k = 0; k < data.length; k++) {
      const [a, b] = [numbers[k]!, data[k]!]
      const allowed = data instanceof Int32Array ? 0 : bound(b, name, k)
      const error = distanceFrom(a, b, storage)
      if (Object.is(a, b) || a === b || error <= allowed) continue
      throw new Error(`${what} ${name}[${k}] is ${a}, not ${b}: an error of ${error}, where ${allowed} is allowed`)
    }
  }
}

/** What the oracle says of a case, and the errors that rounding may make: of double arithmetic, and of float32's. */
export interface Judge {
  readonly want: Made
  readonly exact: Bound
  readonly rounding: (direction: 'forward' | 'backward') => Bound
  readonly single: Made
  readonly double: Made
}

/** A case that sits on an edge of its formula, where rounding decides, is left out. */
export const judge = async (given: Arguments): Promise<Judge> => {
  const { operator, geometry, inputs, cotangents, seed, taps } = given
  fc.pre(isSmooth(operator, geometry, inputs, seed ?? 0n))
  const options = seed === undefined ? {} : { seed }
  const want: Made = {
    forward: oracleForward(operator, geometry, inputs, options),
    backward: oracleBackward(operator, geometry, inputs, cotangents, options),
  }
  const root = Math.sqrt(taps)
  const [single, double] = [
    await launch(interpreterTarget('f32'), given, { dtype: 'float32' }),
    await launch(interpreterTarget('f64'), given, { dtype: 'float64' }),
  ]
  return {
    want,
    single,
    double,
    exact: (w) => 1e-9 * Math.max(1, Math.abs(w)) * root,
    rounding: (direction) => {
      const golden = direction === 'forward' ? 1e-5 : 1e-4
      return (w, name, k) =>
        Math.max(
          golden * Math.max(1, Math.abs(w)) * root,
          8 * Math.abs(single[direction][name]!.data[k]! - double[direction][name]!.data[k]!),
        )
    },
  }
}

export const directions = ['forward', 'backward'] as const
