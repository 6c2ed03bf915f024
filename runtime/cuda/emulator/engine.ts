/** WebAssembly as every engine has it, in as many types as are used here: TypeScript declares it with the browser's DOM only. */

export interface WasmMemory {
  readonly buffer: ArrayBuffer
}

/** A compiled module. */
export type WasmModule = object

interface Engine {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => WasmMemory
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
  readonly CompileError: new () => Error
}

export const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly
