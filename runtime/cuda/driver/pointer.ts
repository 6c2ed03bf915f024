/**
 * Whose memory a pointer points into, as the driver knows it. A pointer of a caller's is a number among a kernel's arguments;
 * one into the host's memory, or another GPU's, would fault there and cost the device.
 */
import { LaunchError } from '../errors.ts'
import type { Context } from './context.ts'
import { status } from './status.ts'

export type PointerOwner =
  /** Memory of a GPU. */
  | { readonly kind: 'device'; readonly ordinal: number }
  /** Memory that moves between host and GPUs as it is used. */
  | { readonly kind: 'managed'; readonly ordinal: number }
  /** The host's memory, pinned. */
  | { readonly kind: 'host' }
  /** The host's memory as the system gives it, or no memory at all: the driver does not know it. */
  | { readonly kind: 'unknown' }

/** The attributes that we read, by their numbers. */
const attributes = { memoryType: 2, managed: 8, ordinal: 9 } as const
const hostMemory = 1

const hex = (pointer: bigint): string => `0x${pointer.toString(16)}`

/** @throws DisposedError, CudaFaultError, DriverError */
export const describePointer = (context: Context, pointer: bigint): PointerOwner =>
  context.within(() => {
    const out = new Int32Array(1)
    const ask = (attribute: keyof typeof attributes): boolean => {
      out[0] = 0
      const code = context.functions.cuPointerGetAttribute(out, attributes[attribute], pointer)
      if (code === status.invalidValue) return false
      context.must(code, 'cuPointerGetAttribute', `looking at pointer ${hex(pointer)}`)
      return true
    }
    if (!ask('memoryType')) return { kind: 'unknown' }
    const type = out[0]
    const managed = ask('managed') && out[0] !== 0
    if (type === hostMemory && !managed) return { kind: 'host' }
    ask('ordinal')
    return { kind: managed ? 'managed' : 'device', ordinal: out[0]! }
  })

/**
 * Refuses a pointer that kernels on this device cannot follow.
 * @param what - what the pointer is to be, for the message: 'x'
 * @throws LaunchError for memory of the host or another GPU; DisposedError, CudaFaultError, DriverError
 */
export const requirePointer = (context: Context, pointer: bigint, what: string): void => {
  const owner = describePointer(context, pointer)
  switch (owner.kind) {
    case 'managed':
      return
    case 'device':
      if (owner.ordinal === context.facts.ordinal) return
      throw new LaunchError(
        `${what} is at ${hex(pointer)}, which is memory of GPU ${owner.ordinal}: copy it to ${context.name}, or open that device`,
      )
    case 'host':
    case 'unknown':
      throw new LaunchError(
        `${what} is at ${hex(pointer)}, which is no device memory (${owner.kind === 'host' ? "pinned, but the host's" : 'nothing that the driver knows'}): ` +
          'pass what allocate gives, or a pointer of a CUDA tensor',
      )
    default:
      throw owner satisfies never
  }
}
