/** The driver's status codes that Poolwright acts on, and which of them no context survives. */
import type { Ffi } from '../../ffi.ts'
import type { DriverFunctions } from './functions.ts'

export const status = {
  invalidValue: 1,
  outOfMemory: 2,
  noDevice: 100,
  invalidImage: 200,
  noBinaryForGpu: 209,
  unsupportedPtxVersion: 222,
} as const

/**
 * Codes after which every call in the context gives the same code, with what a kernel, or the machine, did. The context
 * belongs to the process: nothing but a new process gets another.
 */
const lasting: ReadonlyMap<number, string> = new Map([
  [4, 'the driver has been shut down'],
  [214, 'the memory has an error that cannot be corrected'],
  [220, 'the link between GPUs has an error that cannot be corrected'],
  [226, 'the GPU contained an error of its hardware, or of an access to another GPU'],
  [700, 'a kernel accessed memory that is not its own'],
  [702, 'a kernel took longer than the system allows'],
  [709, 'the context was destroyed by somebody else in this process'],
  [710, 'an assertion in a kernel failed'],
  [714, 'a kernel overran its call stack'],
  [715, 'a kernel came upon an illegal instruction'],
  [716, 'a kernel accessed memory at an address that is no multiple of the size'],
  [717, 'a kernel used an instruction on memory of another kind than it is for'],
  [718, 'a kernel jumped to where there is no code'],
  [719, 'a kernel failed, which often is an access to shared memory out of bounds'],
  [721, 'a kernel left tensor memory allocated'],
  [810, 'the MPS server ended this client'],
])

/** What lost the device, in words; `undefined` for a code that passes. */
export const causeOfLoss = (code: number): string | undefined => lasting.get(code)

/** A status as the driver names and explains it. Drivers know the codes of their own time only. */
export interface Status {
  readonly code: number
  readonly name: string
  readonly text: string
}

/** Asks the driver what a code means; it never fails, since it serves to say what failed. */
export const statusOf = (ffi: Ffi, functions: DriverFunctions, code: number): Status => {
  const ask = (call: DriverFunctions['cuGetErrorName' | 'cuGetErrorString']): string | undefined => {
    const address = new BigUint64Array(1)
    return call(code, address) === 0 && address[0] ? ffi.textAt(address[0]) : undefined
  }
  return {
    code,
    name: ask(functions.cuGetErrorName) ?? `status ${code}`,
    text: ask(functions.cuGetErrorString) ?? 'the driver does not say what it means',
  }
}
