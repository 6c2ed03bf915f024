/** Kernels that are ready to be launched, and what they are launched with. */
import { inlineCalls } from './calls.ts'
import { engine, type WasmModule } from './engine.ts'
import { LaunchError, PtxError } from './errors.ts'
import { parsePtx } from './parse.ts'
import type { KernelCode, Module, Parameter } from './ptx.ts'
import { type Translation, translate } from './translate.ts'
import { bytesOf, isFloat } from './types.ts'

export interface KernelArgument {
  readonly type: 'i32' | 'u32' | 'i64' | 'u64' | 'f32' | 'f64'
  readonly value: number | bigint
}

/** A struct that a kernel takes by value: its bytes, as C lays them out. */
export interface StructArgument {
  readonly type: 'struct'
  readonly bytes: ArrayBufferView
}

/** A kernel of a loaded PTX module. */
export interface PtxKernel {
  readonly name: string
  readonly parameters: readonly Parameter[]
  /** The most threads of a block that its launch bounds allow; `null` without bounds. */
  readonly maxThreads: number | null
  readonly module: Module
  readonly code: KernelCode
  readonly translation: Translation
  readonly wasm: WasmModule
}

export interface LoadedPtx {
  readonly target: string
  readonly kernels: ReadonlyMap<string, PtxKernel>
}

const compile = (module: Module, parsed: KernelCode): PtxKernel => {
  const code = inlineCalls(module, parsed)
  const translation = translate(module, code)
  try {
    const { name, parameters, maxThreads } = code
    return { name, parameters, maxThreads, module, code, translation, wasm: new engine.Module(translation.bytes) }
  } catch (error) {
    if (!(error instanceof engine.CompileError)) throw error
    throw new PtxError(code.line, `kernel ${code.name} has no translation that WebAssembly accepts: ${error.message}`)
  }
}

/**
 * PTX to kernels.
 * @throws PtxError for text that is broken, or that holds what the emulator does not know; it names the line.
 */
export const loadPtx = (text: string): LoadedPtx => {
  const module = parsePtx(text)
  return { target: module.target, kernels: new Map(module.kernels.map((code) => [code.name, compile(module, code)])) }
}

/** The same kernels over variables of their own, as a module has them that is loaded a second time: translation is shared. */
export const loadAgain = ({ target, kernels }: LoadedPtx): LoadedPtx => {
  const copies = new Map<Module, Module>()
  const copyOf = (module: Module): Module => {
    const copy = copies.get(module) ?? { ...module }
    copies.set(module, copy)
    return copy
  }
  const again = [...kernels].map(([name, kernel]) => [name, { ...kernel, module: copyOf(kernel.module) }] as const)
  return { target, kernels: new Map(again) }
}

const argumentBytes = { i32: 4, u32: 4, f32: 4, i64: 8, u64: 8, f64: 8 } as const

const packStruct = ({ bytes }: StructArgument, parameter: Parameter, what: string, view: DataView, at: number): void => {
  const size = bytesOf(parameter.type) * parameter.count
  if (bytes.byteLength !== size)
    throw new LaunchError(`${what} is of ${size} bytes, but a struct of ${bytes.byteLength} is given`)
  const data = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let k = 0; k < size; k++) view.setUint8(at + k, data[k]!)
}

const packScalar = ({ type, value }: KernelArgument, parameter: Parameter, what: string, view: DataView, at: number): void => {
  const bytes = bytesOf(parameter.type)
  if (parameter.count > 1)
    throw new LaunchError(`${what} is a struct of ${bytes * parameter.count} bytes, but a ${type} is given: give its bytes`)
  // Narrow parameters (bool, short, half) take a 32-bit integer. Bits may be either: newer compilers declare floats so.
  const floating = type === 'f32' || type === 'f64'
  const fits = bytes === argumentBytes[type] || (bytes < 4 && argumentBytes[type] === 4 && !floating)
  if (!fits || (isFloat(parameter.type) && !floating) || (floating && /^[us]/.test(parameter.type)))
    throw new LaunchError(`${what} is a .${parameter.type}, but a ${type} is given`)
  try {
    if (type === 'f32') view.setFloat32(at, Number(value), true)
    else if (type === 'f64') view.setFloat64(at, Number(value), true)
    else {
      const bits = BigInt.asUintN(64, BigInt(value))
      for (let byte = 0; byte < bytes; byte++) view.setUint8(at + byte, Number((bits >> BigInt(8 * byte)) & 0xffn))
    }
  } catch {
    throw new LaunchError(`${what} is a ${type}, but ${String(value)} is none`)
  }
}

/** Bytes that a kernel's parameters take together. */
export const parameterBytes = ({ parameters }: PtxKernel): number => {
  const last = parameters.at(-1)
  return last ? last.offset + last.count * bytesOf(last.type) : 0
}

/** Writes arguments where the kernel reads its parameters. */
export const packArguments = (
  { name, parameters }: PtxKernel,
  args: readonly (KernelArgument | StructArgument)[],
  view: DataView,
  at: number,
): void => {
  if (args.length !== parameters.length)
    throw new LaunchError(`kernel ${name} takes ${parameters.length} arguments, but ${args.length} are given`)
  parameters.forEach((parameter, k) => {
    const what = `argument ${k + 1} of kernel ${name}`
    const argument = args[k]!
    if (argument.type === 'struct') packStruct(argument, parameter, what, view, at + parameter.offset)
    else packScalar(argument, parameter, what, view, at + parameter.offset)
  })
}
