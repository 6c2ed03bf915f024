/** The public face: declares an operator, and compiles it for a geometry and a target. */
import type { Declarations } from '../dsl/declarations.ts'
import { type Body, declare, type MayDraw, type ResultNames } from '../dsl/declare.ts'
import { ArgumentError, GeometryError } from '../dsl/errors.ts'
import type { CheckedOperator } from '../dsl/expression.ts'
import { refuseOperator } from '../dsl/fit.ts'
import { type Geometry, type GeometryOptions, normaliseGeometry, type StorageType } from '../dsl/geometry.ts'
import { splitShape } from '../dsl/layout.ts'
import { nearest } from '../dsl/names.ts'
import type { Operator } from '../dsl/operator.ts'
import { type SettleOptions, settle } from '../dsl/settle.ts'
import { type Kernel, wrapKernel } from './kernel.ts'
import type { AttrsOf, RandomNames, ShapesOf } from './names.ts'
import { type Pinned, type PinnedEach, pinnedOf } from './pinned.ts'
import type { Target, TargetOptions } from './target.ts'
import { targets } from './targets.ts'
import type { Effort } from './tuner/on-compile.ts'
import { providedTuner } from './tuner/provided.ts'
import type { Problem } from './tuner/subject.ts'

/** A target that comes with Poolwright. */
export type TargetName = keyof typeof targets

/**
 * What a kernel is made for: a geometry (two spatial dimensions, unless a list or `dims` says otherwise), a target, and
 * what the operator leaves open.
 *
 * @typeParam D - the operator's declarations.
 * @typeParam Q - the results wanted.
 * @typeParam H - the declared random values that are handed in.
 */
export interface CompileOptions<D extends Declarations = Declarations, Q extends string = string, H extends string = string>
  extends GeometryOptions {
  /** `js` by default. */
  readonly target?: TargetName | Target
  /**
   * What tensors are stored as; `float32` by default. Under `float16` and `bfloat16` the input, further tensors, float results,
   * their cotangents and gradients are `Uint16Array`s of bits, which `narrow` makes and `widen` reads; parameters, handed-in
   * random values and gradients of parameters are `Float32Array`s.
   */
  readonly dtype?: StorageType
  /** Other shapes than those declared. */
  readonly shapes?: ShapesOf<D>
  /** Other values than the attributes' defaults. */
  readonly attrs?: AttrsOf<D>
  /** Declared random values that are handed in as tensors instead of made from the seed. */
  readonly handIn?: readonly H[]
  /** The results wanted; all by default. What only the others need is not computed. */
  readonly results?: readonly Q[]
  /** Schedule axes to pin, for both directions or each; the rest are the target's default, or what tuning finds. */
  readonly schedule?: Pinned | PinnedEach
  /**
   * Whether to look for faster schedules than the default, for inputs like {@link input}. `cached` takes what is remembered of
   * earlier searches; where nothing is, `quick` searches for some ten seconds and `full` for some minutes, each direction. Every
   * candidate is held against the definition before it may win. `off` by default.
   */
  readonly tune?: 'off' | Effort
  /** The shape of the input to tune for, in the geometry's layout. */
  readonly input?: readonly number[]
  /** Whether tuning leaves alone what reorders sums, so that it changes no bit of a result. */
  readonly deterministic?: boolean
}

/** What says what a kernel is of: all but how and where it is made. */
type AskedFor<D extends Declarations, Q extends string, H extends string> = Omit<
  CompileOptions<D, Q, H>,
  'target' | 'dtype' | 'tune' | 'input' | 'deterministic'
>

/** An operator that can be compiled. */
export interface Pool<D extends Declarations = Declarations, R extends string = string, S extends boolean = boolean>
  extends Operator<D, R, S> {
  /** {@link compile} of this operator. */
  compile<const Q extends R = R, const H extends RandomNames<D> = never>(
    options: CompileOptions<D, Q, H>,
  ): Promise<Kernel<D, Q, S, H>>
}

/** The geometry as asked for; pooling is of planes where nothing tells the dimensions. */
export const withDims = (options: GeometryOptions): GeometryOptions => {
  const lists = [options.kernelSize, options.outputSize, options.stride, options.padding, options.dilation]
  return options.dims !== undefined || lists.some((value) => Array.isArray(value)) ? options : { ...options, dims: 2 }
}

const isTargetName = (name: string): name is TargetName => Object.hasOwn(targets, name)

const howToOpenCuda = "const { target } = await openCuda(), from 'poolwright/cuda', and hand over that target"

const targetNamed = (target: string | Target): Target => {
  if (typeof target !== 'string') return target
  if (isTargetName(target)) return targets[target]
  if (target === 'cuda') throw new ArgumentError(`the target cuda is opened, not named: ${howToOpenCuda}`)
  const meant = nearest(target, Object.keys(targets))
  throw new ArgumentError(
    `there is no target '${target}': ${meant ? `did you mean '${meant}'?` : `there are ${Object.keys(targets).join(', ')}`}`,
  )
}

/** @throws ArgumentError for a name that is no result's */
export const checkResults = (operator: Pick<Operator, 'name' | 'results'>, wanted: readonly string[]): void => {
  const unknown = wanted.find((name) => !operator.results.includes(name))
  if (unknown === undefined) return
  const meant = nearest(unknown, operator.results)
  throw new ArgumentError(
    `${operator.name} has no result '${unknown}': ${meant ? `did you mean '${meant}'?` : `it gives ${operator.results.join(', ')}`}`,
  )
}

/**
 * An operator and a geometry as they are asked for, held against each other.
 * @throws FormulaError, GeometryError, ArgumentError as {@link compile} does
 */
export const settled = <D extends Declarations, Q extends string, H extends string>(
  operator: Operator<D>,
  { shapes, attrs, handIn, results, schedule: _, ...geometryOptions }: AskedFor<D, Q, H>,
): { readonly checked: CheckedOperator; readonly geometry: Geometry } => {
  const settling: SettleOptions = {
    ...(shapes && { shapes: present(shapes) }),
    ...(attrs && { attrs: present(attrs) }),
    ...(handIn && { handIn }),
  }
  const checked = settle(operator, settling)
  const geometry = normaliseGeometry(withDims(geometryOptions))
  const reason = refuseOperator(checked, geometry)
  if (reason !== undefined) throw new GeometryError(reason)
  if (results) checkResults(operator, results)
  return { checked, geometry }
}

/**
 * Compiles an operator for one geometry, target and data type.
 *
 * @throws FormulaError where shapes or attributes do not fit the formula; GeometryError where the geometry breaks a rule or
 *   the operator does not go with it; ArgumentError for an unknown target or result, or a schedule that the target refuses.
 */
export const compile = async <
  D extends Declarations,
  R extends string,
  S extends boolean,
  const Q extends R = R,
  const H extends RandomNames<D> = never,
>(
  operator: Operator<D, R, S>,
  options: CompileOptions<D, Q, H>,
): Promise<Kernel<D, Q, S, H>> => {
  const { target = 'js', dtype = 'float32', tune = 'off', input, deterministic = false, ...asked } = options
  const device = targetNamed(target)
  const { results, schedule } = asked
  const { checked, geometry } = settled(operator, asked)
  const problem = { operator: checked, geometry, dtype, results: results ?? operator.results, deterministic }
  const found = tune === 'off' ? schedule : await tuned(device, problem, { tune, input, schedule })
  const targetOptions: TargetOptions = { dtype, ...(results && { results }), ...(found && { schedule: found }) }
  const made = await device.compile(checked, geometry, targetOptions)
  return wrapKernel<D, Q, S, H>(checked, geometry, made, results ?? operator.results)
}

/** The schedules that tuning finds around those that are pinned. */
const tuned = async (
  { device, tuning }: Target,
  problem: Pick<Problem, 'operator' | 'geometry' | 'dtype' | 'results' | 'deterministic'>,
  { tune, input, schedule }: { tune: Effort; input: readonly number[] | undefined; schedule: CompileOptions['schedule'] },
): Promise<PinnedEach> => {
  if (!tuning) throw new ArgumentError(`there is nothing to tune on '${device}', which has no schedules: leave tune out`)
  if (!input) throw new ArgumentError(`tune is '${tune}', but for which input? Give its shape, as in input: [8, 64, 56, 56]`)
  const { samples, channels, extents } = splitShape(problem.geometry, input)
  const tuneBoth = await providedTuner()
  const pinned = { forward: pinnedOf(schedule, 'forward'), backward: pinnedOf(schedule, 'backward') }
  const found = await tuneBoth(tuning, { ...problem, samples, channels, extents }, pinned, tune)
  return { forward: { ...found.forward, ...pinned.forward }, backward: { ...found.backward, ...pinned.backward } }
}

/** A record without the names that are given as undefined. */
const present = <T>(record: Readonly<Record<string, T | undefined>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter((entry): entry is [string, T] => entry[1] !== undefined))

/**
 * Declares a pooling operator.
 *
 *     const gaussian = pool('gaussian', { x: input(), weight: param('channel'), eps: attr(1e-6) },
 *       'mean(x) + weight * sqrt(max(var(x), eps))')
 *     const kernel = await gaussian.compile({ kernelSize: 3, stride: 2, padding: 1 })
 *     const { y } = kernel.forward({ x, weight })
 *
 * @param name - what messages and generated code call it.
 * @param declarations - names with roles and shapes, made by `input`, `tensor`, `param`, `attr`, `normal` and `uniform`.
 * @param body - the formula as text, or a callback over handles of the names that returns a handle or a record of them.
 * @throws FormulaError with all that is wrong, each with line, column, caret and remedy.
 */
export const pool = <const D extends Declarations, const B extends Body<D>>(
  name: string,
  declarations: D,
  body: B,
): Pool<D, ResultNames<B>, MayDraw<B>> => {
  const operator = declare(name, declarations, body)
  return Object.freeze({ ...operator, compile: (options) => compile(operator, options) } satisfies Pool<
    D,
    ResultNames<B>,
    MayDraw<B>
  >)
}
