/** Arguments into the bytes that a kernel reads its parameters from, each held against what the kernel declares. */
import type { Parameter } from './emulator/ptx.ts'
import { bytesOf, isFloat } from './emulator/types.ts'
import { LaunchError } from './errors.ts'

/** A number, or a pointer as a u64. */
export interface KernelArgument {
  readonly type: 'i32' | 'u32' | 'i64' | 'u64' | 'f32' | 'f64'
  readonly value: number | bigint
}

/** A struct that a kernel takes by value: its bytes, as C lays them out. */
export interface StructArgument {
  readonly type: 'struct'
  readonly bytes: ArrayBufferView
}

const argumentBytes = { i32: 4, u32: 4, f32: 4, i64: 8, u64: 8, f64: 8 } as const satisfies Record<KernelArgument['type'], number>

const isFloating = (type: KernelArgument['type']): boolean => type === 'f32' || type === 'f64'

/**
 * Narrow parameters (bool, short, half) take a 32-bit integer. A parameter that is declared as bits may be either: newer
 * compilers declare floats so.
 */
const fits = (parameter: Parameter, type: KernelArgument['type']): boolean => {
  const bytes = bytesOf(parameter.type)
  if (bytes < 4) return argumentBytes[type] === 4 && !isFloating(type)
  if (bytes !== argumentBytes[type]) return false
  return isFloating(type) ? !/^[us]/.test(parameter.type) : !isFloat(parameter.type)
}

/** Whether a number is one of those that so many bytes hold, as the argument's type reads them. */
const inRange = (value: bigint, type: KernelArgument['type'], bytes: number): boolean => {
  const bits = BigInt(8 * bytes)
  // What is narrower than its argument may be meant either way.
  const least = type.startsWith('u') ? 0n : -(1n << (bits - 1n))
  const end = type.startsWith('u') || bytes < 4 ? 1n << bits : 1n << (bits - 1n)
  return value >= least && value < end
}

/** Whether the value is one of its type; only then it is written. */
const write = (view: DataView, at: number, bytes: number, { type, value }: KernelArgument): boolean => {
  if (type === 'f32' || type === 'f64') {
    if (typeof value !== 'number') return false
    if (type === 'f32') view.setFloat32(at, value, true)
    else view.setFloat64(at, value, true)
    return true
  }
  if (typeof value === 'number' && !Number.isInteger(value)) return false
  const whole = BigInt(value)
  if (!inRange(whole, type, bytes)) return false
  if (bytes === 8) view.setBigUint64(at, BigInt.asUintN(64, whole), true)
  else if (bytes === 4) view.setUint32(at, Number(BigInt.asUintN(32, whole)), true)
  else if (bytes === 2) view.setUint16(at, Number(BigInt.asUintN(16, whole)), true)
  else view.setUint8(at, Number(BigInt.asUintN(8, whole)))
  return true
}

const packStruct = (view: DataView, at: number, parameter: Parameter, { bytes }: StructArgument, what: string): void => {
  const size = bytesOf(parameter.type) * parameter.count
  if (bytes.byteLength !== size)
    throw new LaunchError(`${what} is of ${size} bytes, but a struct of ${bytes.byteLength} is given`)
  const into = new Uint8Array(view.buffer, view.byteOffset + at, size)
  into.set(new Uint8Array(bytes.buffer, bytes.byteOffset, size))
}

const packNumber = (view: DataView, at: number, parameter: Parameter, argument: KernelArgument, what: string): void => {
  const { type, value } = argument
  const bytes = bytesOf(parameter.type)
  if (parameter.count > 1)
    throw new LaunchError(`${what} is a struct of ${bytes * parameter.count} bytes, but a ${type} is given: give its bytes`)
  if (!fits(parameter, type)) throw new LaunchError(`${what} is a .${parameter.type}, but a ${type} is given`)
  if (!write(view, at, bytes, argument))
    throw new LaunchError(`${what} is a ${type} for a .${parameter.type}, but ${String(value)} is none`)
}

/** What a kernel takes. */
export interface Signature {
  readonly name: string
  readonly parameters: readonly Parameter[]
}

/** The bytes that a kernel's parameters take together. */
export const parameterBytes = ({ parameters }: Pick<Signature, 'parameters'>): number => {
  const last = parameters.at(-1)
  return last ? last.offset + last.count * bytesOf(last.type) : 0
}

/**
 * Writes arguments where the kernel finds its parameters, from `at` on.
 * @throws LaunchError for another count, another type, or a value that its type does not hold
 */
export const packArguments = (
  { name, parameters }: Signature,
  args: readonly (KernelArgument | StructArgument)[],
  view: DataView,
  at = 0,
): void => {
  if (args.length !== parameters.length)
    throw new LaunchError(`kernel ${name} takes ${parameters.length} arguments, but ${args.length} are given`)
  parameters.forEach((parameter, k) => {
    const argument = args[k]!
    const what = `argument ${k + 1} of kernel ${name}`
    if (argument.type === 'struct') packStruct(view, at + parameter.offset, parameter, argument, what)
    else packNumber(view, at + parameter.offset, parameter, argument, what)
  })
}
