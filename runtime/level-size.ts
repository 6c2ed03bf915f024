/** How many values a level has in one launch. */
import type { CheckedArguments } from '../dsl/arguments.ts'
import { allDims, type Level } from '../dsl/level.ts'
import { elements } from '../dsl/tensor.ts'

export const levelSize = (level: Level, { samples, channels, extents, outExtents, kernel }: CheckedArguments): number => {
  const last = outExtents.length - 1
  const varying = outExtents.filter((_, d) => level.dims === allDims || level.dims & (1 << (last - d)))
  const places = { none: 1, tap: elements(kernel ?? extents), in: elements(extents), out: elements(varying), window: 0 }
  return (level.n ? samples : 1) * (level.c ? channels : 1) * places[level.place]
}
