/**
 * Carriers that a forward launch leaves in the device's memory for a backward one: in the caller's record, by name. They go
 * with the record: a training loop that hands in one over and over keeps its buffers.
 */
import type { Direction } from '../../codegen/signed.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import type { Kept } from '../target.ts'
import type { GpuBuffer } from './api.ts'
import type { WebGpuDevice } from './device.ts'

/** A record's buffers of one device. */
interface Saved {
  readonly device: WebGpuDevice
  readonly buffers: Map<string, { readonly buffer: GpuBuffer; readonly bytes: number }>
}

const savedBy = new WeakMap<Kept, Saved>()

const forgotten = new FinalizationRegistry(({ device, buffers }: Saved) => {
  for (const { buffer } of buffers.values()) device.pool.give(buffer)
})

/**
 * The buffer of a saved carrier; `undefined` where nobody will read what the forward kernels leave.
 * @throws ArgumentError where the backward kernels find none
 */
export const savedIn = (
  device: WebGpuDevice,
  kept: Kept | undefined,
  name: string,
  bytes: number,
  direction: Direction,
): GpuBuffer | undefined => {
  const known = kept && savedBy.get(kept)
  const mine = known?.device === device ? known : undefined
  const there = mine?.buffers.get(name)
  if (there?.bytes === bytes) return there.buffer
  if (direction === 'backward')
    throw new ArgumentError(
      `the schedule saves ${name}: hand to backward, as kept, the record that forward filled from the same arguments`,
    )
  if (!kept) return undefined
  const own = mine ?? { device, buffers: new Map() }
  if (!mine) {
    savedBy.set(kept, own)
    forgotten.register(kept, own)
  }
  if (there) device.pool.give(there.buffer)
  const buffer = device.pool.take(bytes, 'storage', name)
  own.buffers.set(name, { buffer, bytes })
  return buffer
}
