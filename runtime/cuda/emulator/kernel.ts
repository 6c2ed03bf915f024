/** Kernels that are ready to be launched. */
import { inlineCalls } from './calls.ts'
import { engine, type WasmModule } from './engine.ts'
import { PtxError } from './errors.ts'
import { parsePtx } from './parse.ts'
import type { KernelCode, Module, Parameter } from './ptx.ts'
import { type Translation, translate } from './translate.ts'

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
