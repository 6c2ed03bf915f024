/**
 * What results are remembered by: everything that decides how long a kernel takes but the schedule. It stands in clear in each
 * entry, so that a look-up that missed can be explained field by field.
 */
import { printIr } from '../../codegen/print.ts'
import { hashOf } from '../store/hash.ts'
import type { Fields, Json } from '../store/store.ts'
import type { Subject } from './subject.ts'
import type { Tuning } from './tuning.ts'

/** Sizes of which one result serves for all: up to the next power of two. */
const bucketOf = (size: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, size)))

/** Plain data as JSON has it: what a clone keeps and JSON does not, like `undefined`, is gone. */
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

/** The fields of a key. */
export const keyFor = async (
  { problem, program }: Subject,
  { target, device }: Pick<Tuning, 'target' | 'device'>,
): Promise<Fields> => {
  const { operator, geometry, direction, dtype, results, samples, channels, extents, pinned, deterministic } = problem
  return {
    target,
    device,
    operator: operator.name,
    // The graph as it is compiled: names of the formula and all that passes make of it.
    ir: await hashOf(printIr(program)),
    direction,
    results: [...results],
    dtype,
    layout: geometry.layout,
    geometry: plain(geometry),
    size: { planes: bucketOf(samples * channels), extents: extents.map(bucketOf) },
    deterministic,
    pinned: plain(pinned),
  }
}
