/** Kernels that are ready to be launched, and what they are launched with. */
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

const compile = (module: Module, code: KernelCode): PtxKernel => {
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

const argumentBytes = { i32: 4, u32: 4, f32: 4, i64: 8, u64: 8, f64: 8 } as const

/** Writes arguments where the kernel reads its parameters. */
export const packArguments = (
  { name, parameters }: PtxKernel,
  args: readonly KernelArgument[],
  view: DataView,
  at: number,
): void => {
  if (args.length !== parameters.length)
    throw new LaunchError(`kernel ${name} takes ${parameters.length} arguments, but ${args.length} are given`)
  parameters.forEach((parameter, k) => {
    const { type, value } = args[k]!
    const what = `argument ${k + 1} of kernel ${name}`
    const bytes = bytesOf(parameter.type)
    if (parameter.count > 1)
      throw new LaunchError(`${what} is a struct of ${bytes * parameter.count} bytes: only scalars are supported`)
    // Narrow parameters (bool, short, half) take a 32-bit integer. Bits may be either: newer compilers declare floats so.
    const floating = type === 'f32' || type === 'f64'
    const fits = bytes === argumentBytes[type] || (bytes < 4 && argumentBytes[type] === 4 && !floating)
    if (!fits || (isFloat(parameter.type) && !floating) || (floating && /^[us]/.test(parameter.type)))
      throw new LaunchError(`${what} is a .${parameter.type}, but a ${type} is given`)
    const offset = at + parameter.offset
    try {
      if (type === 'f32') view.setFloat32(offset, Number(value), true)
      else if (type === 'f64') view.setFloat64(offset, Number(value), true)
      else {
        const bits = BigInt.asUintN(64, BigInt(value))
        for (let byte = 0; byte < bytes; byte++) view.setUint8(offset + byte, Number((bits >> BigInt(8 * byte)) & 0xffn))
      }
    } catch {
      throw new LaunchError(`${what} is a ${type}, but ${String(value)} is none`)
    }
  })
}
