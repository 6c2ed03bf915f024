/**
 * What a target is to the rest of the runtime and to the command line: something that turns a checked operator and a
 * geometry into a kernel. JavaScript is one; so are the oracle and the interpreter, which are slow and sure.
 */
import type { CheckedOperator } from '../dsl/expression.ts'
import type { Geometry, StorageType } from '../dsl/geometry.ts'
import type { Tensor, TensorData } from '../dsl/tensor.ts'
import type { Pinned, PinnedEach } from './pinned.ts'
import type { Tuning } from './tuner/tuning.ts'

/** Tensors and scalars by name. A scalar parameter may be a plain number. */
export type Inputs = Readonly<Record<string, Tensor | number>>
export type Tensors = Readonly<Record<string, Tensor>>

/**
 * What `forward` leaves for `backward` where the schedule saves carriers: arrays by carrier. A caller keeps the record;
 * `forward` fills it, and uses its arrays again where they fit.
 */
export type Kept = Record<string, TensorData>

export interface LaunchOptions {
  readonly seed?: bigint
  readonly out?: Tensors
  readonly kept?: Kept
  /** The stream of a GPU that a launch is enqueued on, as its driver's handle; targets without streams do not look. */
  readonly stream?: bigint
}

/** A compiled operator, before the type system gives its arguments their names. */
export interface DeviceKernel {
  /**
   * The results by name. `out` holds tensors to write into instead of new ones.
   * @throws ArgumentError where a tensor is missing, unknown, or does not fit; GeometryError where the extents do not.
   */
  forward(inputs: Inputs, options?: LaunchOptions): Tensors
  /**
   * The gradient of each float tensor and parameter by name, each of its tensor's own shape. `cotangents` are by result;
   * an absent one is zero.
   */
  backward(inputs: Inputs, cotangents: Tensors, options?: LaunchOptions): Tensors
  /** What was compiled; empty text where a target has no source (the oracle). */
  readonly source: { readonly forward: string; readonly backward: string }
}

export interface TargetOptions {
  /** What tensors are stored as; `dsl/storage.ts` says in which array by what a tensor is to the kernel. */
  readonly dtype: StorageType
  /** The results wanted; all by default. What only the others need is not computed. */
  readonly results?: readonly string[]
  /** Schedule axes to pin, for both directions or each; the rest are the target's default. */
  readonly schedule?: Pinned | PinnedEach
  /** Only the interpreter reads it: the precision that every single operation is rounded to. */
  readonly arith?: 'f32' | 'f64'
}

export interface Target {
  /** What is needed to tune its schedules; absent where there are none. */
  readonly tuning?: Tuning
  /** What runs it: the engine's or the adapter's name and version. */
  readonly device: string
  /** @throws ArgumentError for a schedule that the target refuses, with the reason; StorageError for a type that it has not. */
  compile(operator: CheckedOperator, geometry: Geometry, options: TargetOptions): Promise<DeviceKernel>
  /** Takes what kernels made to where hosts read it, from a device that answers later; absent where it is there at once. */
  read?(tensors: Tensors): Promise<Tensors>
}

/** What a kernel has made, where hosts read it. */
export const readFrom = async ({ read }: Pick<Target, 'read'>, tensors: Tensors): Promise<Tensors> =>
  read ? read(tensors) : tensors
