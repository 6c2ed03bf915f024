/** The sizes of a launch, and the numbers that kernels may be handed. */
import type { Sizes } from '../../codegen/gpu/launch.ts'
import type { CheckedArguments } from '../../dsl/arguments.ts'
import { elements } from '../../dsl/tensor.ts'

export type { Sizes } from '../../codegen/gpu/launch.ts'

export const sizesOf = ({ samples, channels, extents, outExtents, kernel }: CheckedArguments): Sizes => ({
  samples,
  channels,
  extents,
  outExtents,
  taps: elements(kernel ?? extents),
})

/** The numbers that kernels may ask for, by name. */
export const numbersOf = ({ samples, channels, extents, outExtents }: Sizes, seed: bigint): ReadonlyMap<string, number> => {
  const names = ['depth', 'height', 'width'].slice(3 - extents.length)
  return new Map([
    ['samples', samples],
    ['channels', channels],
    ['points', elements(extents)],
    ['seedLow', Number(seed & 0xffffffffn)],
    ['seedHigh', Number((seed >> 32n) & 0xffffffffn)],
    ...names.flatMap((name, d): [string, number][] => [
      [name, extents[d]!],
      [`out${name[0]!.toUpperCase()}${name.slice(1)}`, outExtents[d]!],
    ]),
  ])
}
