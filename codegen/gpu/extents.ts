/** The spatial sizes of a source, where its schedule fixes them. */
import { dimensionName, outputSize } from '../../dsl/geometry.ts'
import { capital } from '../emit/capital.ts'
import type { Program } from '../program.ts'
import type { GpuSchedule } from './schedule.ts'

/** Constants for the spatial sizes, input and output; none where they are arguments. @param declare - in the source's language */
export const fixedExtents = (
  { geometry }: Program,
  { extents }: Pick<GpuSchedule, 'extents'>,
  declare: (name: string, value: number) => string,
): string[] => {
  if (extents === 'dynamic') return []
  const out = outputSize(geometry, extents)
  return extents.flatMap((extent, d) => {
    const name = dimensionName(geometry.dims, d)
    return [declare(name, extent), declare(`out${capital(name)}`, out[d]!)]
  })
}
