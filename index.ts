/**
 * Poolwright's public face: declare an operator by its formula, compile it for a geometry, and run it forward and backward.
 * Nothing here reaches Node's own modules, so a browser loads it as it is.
 */

// Declaring: roles of names, and the functions that a callback builds a formula from.
export { attr, type Declaration, type Declarations, input, normal, param, tensor, uniform } from './dsl/declarations.ts'
export type { LocatedDiagnostic } from './dsl/diagnostics.ts'
export { FormulaError } from './dsl/diagnostics.ts'
export { ArgumentError, type Diagnostic, FileError, GeometryError, PoolwrightError, StorageError } from './dsl/errors.ts'
export { type FreeFormulaOptions, operatorFromFormula } from './dsl/free-formula.ts'
export type { GeometryOptions, Layout, PerDim, StorageType } from './dsl/geometry.ts'
export { normaliseGeometry, outputSize } from './dsl/geometry.ts'
export {
  abs,
  add,
  argmax,
  argmin,
  clamp,
  count,
  div,
  eq,
  exp,
  flatIndex,
  ge,
  gt,
  type Handle,
  le,
  log,
  lt,
  max,
  mean,
  min,
  mul,
  ne,
  neg,
  type Operand,
  pow,
  relu,
  select,
  sigmoid,
  sign,
  size,
  softplus,
  sqrt,
  std,
  sub,
  sum,
  tanh,
  tap,
  variance,
} from './dsl/handles.ts'
export type { Operator } from './dsl/operator.ts'
export type { ParamShape, RandomShape } from './dsl/shapes.ts'
export { narrow, type StorageArrays, widen } from './dsl/storage.ts'
export type { Tensor, TensorData } from './dsl/tensor.ts'
// Compiling and running.
export { type BuildTarget, type DefinedKernel, defineKernel, type KernelOptions } from './runtime/define.ts'
export type { Kernel } from './runtime/kernel.ts'
export type { Arguments, BackwardArguments, Gradients, Results } from './runtime/names.ts'
export type { Peer, PeerCalls, PeerJob } from './runtime/peer.ts'
export { type CompileOptions, compile, type Pool, pool, type TargetName } from './runtime/pool.ts'
export type { DeviceKernel, Kept, LaunchOptions, Target, TargetOptions } from './runtime/target.ts'
