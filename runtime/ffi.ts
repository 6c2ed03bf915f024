/**
 * The seam over the foreign function interface: everything native that Poolwright calls goes through here, so that another
 * FFI would change this file alone. It knows libraries, functions of plain C types, and memory by address; structures are
 * the callers' business. koffi is loaded when it is first asked for: who runs no CUDA never loads it.
 */
import { PoolwrightError } from '../dsl/errors.ts'

/** Why a library, a function or the FFI itself cannot be had. */
export class FfiError extends PoolwrightError {
  override name = 'FfiError'
}

/** The C types that arguments and results have, with what they are in JavaScript. */
interface Values {
  int32: number
  uint32: number
  uint64: bigint | number
  float32: number
  /** Memory that is JavaScript's own: lent to the call, which may read and write it. */
  memory: ArrayBufferView | null
  /** Memory that is not: its address, null being 0. */
  address: bigint
  /** A string without NUL; copied, with a NUL behind it. */
  text: string
}

export type ArgumentType = keyof Values
/** `text` as a result is a C string that stays its library's own. */
export type ResultType = 'void' | 'int32' | 'address' | 'text'
interface Answers {
  void: undefined
  int32: number
  address: bigint
  text: string | null
}

type ArgumentsOf<P extends readonly ArgumentType[]> = { [K in keyof P]: Values[P[K]] }

/** A C function. */
export interface ForeignFunction<R extends ResultType, P extends readonly ArgumentType[]> {
  (...args: ArgumentsOf<P>): Answers[R]
  /**
   * The same on a thread of libuv's pool, of which there are four by default: the event loop goes on. Memory among the
   * arguments is the call's until it answers.
   */
  later(...args: ArgumentsOf<P>): Promise<Answers[R]>
}

export interface ForeignLibrary {
  /** As it was opened: a path, or a name that the system's loader knows. */
  readonly path: string
  /** @throws FfiError where the library has no function of that name */
  declare<R extends ResultType, const P extends readonly ArgumentType[]>(
    name: string,
    result: R,
    parameters: P,
  ): ForeignFunction<R, P>
}

export interface Ffi {
  /** @throws FfiError with the loader's own reason */
  open(path: string): ForeignLibrary
  /** Where memory of JavaScript's own lies: it does not move, and is there as long as something refers to it. */
  addressOf(memory: ArrayBufferView): bigint
  /** Memory at an address, not copied: reading and writing it is reading and writing there. Nothing can check its bounds. */
  view(address: bigint, bytes: number): Uint8Array
  /** The C string at an address, copied. */
  textAt(address: bigint): string
}

const spelling = {
  void: 'void',
  int32: 'int32_t',
  uint32: 'uint32_t',
  uint64: 'uint64_t',
  float32: 'float',
  memory: 'void *',
  // An address is a number here, and in the registers too: as such it needs no wrapping on either way.
  address: 'uintptr_t',
  text: 'const char *',
} as const satisfies Record<ArgumentType | ResultType, string>

type Koffi = typeof import('koffi')['default']

/**
 * koffi runs C on stacks of its own, by default 128 KiB for calls on other threads: NVRTC overruns that on a few hundred
 * nested parentheses, which ends the process. 16 MiB is the most that koffi allows, and can be set before its first call only.
 */
const stackBytes = 16 << 20

const configure = (koffi: Koffi): void => {
  try {
    koffi.config({
      sync_stack_size: stackBytes,
      async_stack_size: stackBytes,
      // Stacks that are kept between calls.
      resident_async_pools: 2,
    })
  } catch {
    const { sync_stack_size = 0, async_stack_size = 0 } = koffi.config()
    const smallest = Math.min(sync_stack_size, async_stack_size)
    if (smallest >= stackBytes) return
    throw new FfiError(
      `koffi was used before Poolwright's CUDA target, with stacks of ${smallest} bytes, on which NVRTC can end the process. ` +
        `Load the CUDA target first, or begin with koffi.config({ sync_stack_size: ${stackBytes}, async_stack_size: ${stackBytes} }).`,
    )
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const openLibrary = (koffi: Koffi, path: string): ForeignLibrary => {
  const loaded = (() => {
    try {
      return koffi.load(path)
    } catch (error) {
      throw new FfiError(`${path} cannot be loaded: ${reasonOf(error)}`)
    }
  })()
  return {
    path,
    declare<R extends ResultType, const P extends readonly ArgumentType[]>(name: string, result: R, parameters: P) {
      const native = (() => {
        try {
          return loaded.func(
            name,
            spelling[result],
            parameters.map((one) => spelling[one]),
          )
        } catch (error) {
          throw new FfiError(`${path} has no function ${name}: ${reasonOf(error)}`)
        }
      })()
      // koffi gives small addresses as numbers; whoever compares two wants one type.
      const answerOf = (answer: number | bigint) => (result === 'address' ? BigInt(answer) : answer) as Answers[R]
      const call = (...args: ArgumentsOf<P>): Answers[R] => answerOf(native(...args))
      const later = (...args: ArgumentsOf<P>): Promise<Answers[R]> =>
        new Promise((resolve, reject) => {
          native.async(...args, (error: unknown, answer: number | bigint) => {
            // Naming the arguments here keeps their memory alive until the call has answered.
            if (error) reject(new FfiError(`${name} with ${args.length} arguments: ${reasonOf(error)}`))
            else resolve(answerOf(answer))
          })
        })
      return Object.assign(call, { later })
    },
  }
}

const load = async (): Promise<Ffi> => {
  const koffi = await import('koffi').then(
    (module) => module.default,
    (error: unknown) => {
      throw new FfiError(`koffi, which calls native libraries, cannot be loaded: npm install koffi. ${reasonOf(error)}`)
    },
  )
  configure(koffi)
  // A library that nothing refers to would be closed, while others have found it by name, or its threads still run.
  const opened = new Map<string, ForeignLibrary>()
  return {
    open(path) {
      const library = opened.get(path) ?? openLibrary(koffi, path)
      opened.set(path, library)
      return library
    },
    addressOf: (memory) => koffi.address(memory),
    view: (address, bytes) => new Uint8Array(koffi.view(address, bytes)),
    textAt: (address) => koffi.decode.string(address),
  }
}

let loading: Promise<Ffi> | undefined

/**
 * The foreign function interface, loaded once.
 * @throws FfiError where koffi is not installed, has no binary for this machine, or was set up with stacks too small
 */
export const loadFfi = (): Promise<Ffi> => {
  loading ??= load()
  return loading
}
