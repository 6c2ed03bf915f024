/** Arguments into the bytes that a kernel reads its parameters from, each held against what the kernel declares. */
import type { KernelArgument } from '../emulator/emulator.ts'
import { LaunchError } from '../emulator/errors.ts'
import type { Parameter } from '../emulator/ptx.ts'
import { bytesOf, isFloat } from '../emulator/types.ts'
import type { Signature } from './signature.ts'

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

const write = (view: DataView, { offset, type: declared }: Parameter, { type, value }: KernelArgument): boolean => {
  if (type === 'f32' || type === 'f64') {
    if (typeof value !== 'number') return false
    if (type === 'f32') view.setFloat32(offset, value, true)
    else view.setFloat64(offset, value, true)
    return true
  }
  if (typeof value === 'number' && !Number.isInteger(value)) return false
  const whole = BigInt(value)
  const bytes = bytesOf(declared)
  if (!inRange(whole, type, bytes)) return false
  if (bytes === 8) view.setBigUint64(offset, BigInt.asUintN(64, whole), true)
  else if (bytes === 4) view.setUint32(offset, Number(BigInt.asUintN(32, whole)), true)
  else if (bytes === 2) view.setUint16(offset, Number(BigInt.asUintN(16, whole)), true)
  else view.setUint8(offset, Number(BigInt.asUintN(8, whole)))
  return true
}

/**
 * Writes arguments where the driver takes them from.
 * @throws LaunchError for another count, another type, or a value that its type does not hold
 */
export const packArguments = (
  kernel: string,
  { parameters }: Signature,
  args: readonly KernelArgument[],
  view: DataView,
): void => {
  if (args.length !== parameters.length)
    throw new LaunchError(`kernel ${kernel} takes ${parameters.length} arguments, but ${args.length} are given`)
  parameters.forEach((parameter, k) => {
    const argument = args[k]!
    const what = `argument ${k + 1} of kernel ${kernel}`
    if (parameter.count > 1)
      throw new LaunchError(
        `${what} is a struct of ${bytesOf(parameter.type) * parameter.count} bytes: only scalars are supported`,
      )
    if (!fits(parameter, argument.type)) throw new LaunchError(`${what} is a .${parameter.type}, but a ${argument.type} is given`)
    if (!write(view, parameter, argument))
      throw new LaunchError(`${what} is a ${argument.type} for a .${parameter.type}, but ${String(argument.value)} is none`)
  })
}
