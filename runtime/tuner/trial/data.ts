/** What kernels are tried on: fresh random tensors of a problem's sizes, and of a small part that the oracle can go through. */
import { outputSize } from '../../../dsl/geometry.ts'
import { joinShape } from '../../../dsl/layout.ts'
import { paramTensorShape } from '../../../dsl/param-shapes.ts'
import { narrow, storageByName } from '../../../dsl/storage.ts'
import { elements, type Tensor } from '../../../dsl/tensor.ts'
import { randomFrom } from '../random.ts'
import type { Problem } from '../subject.ts'

/** Everything that one call is handed. */
export interface TrialData {
  readonly inputs: Readonly<Record<string, Tensor>>
  /** Of every float result that is wanted. */
  readonly cotangents: Readonly<Record<string, Tensor>>
  /** Given to operators that draw random values. */
  readonly seed: bigint | undefined
}

export type Sizes = Pick<Problem, 'samples' | 'channels' | 'extents'>

/** Between these lie the numbers: nothing is denormal, no exponential overflows, and few are equal. */
const [least, greatest] = [-2, 2]

/** @param seed - of the numbers: the same gives the same */
export const dataFor = (problem: Problem, { samples, channels, extents }: Sizes, seed: number): TrialData => {
  const { operator, geometry, dtype } = problem
  const random = randomFrom(seed)
  const storage = storageByName(operator, dtype)
  const outExtents = outputSize(geometry, extents)
  const kernel = geometry.kind === 'sliding' ? geometry.axes.map((axis) => axis.kernel) : undefined
  const context = { samples, channels, extents, outExtents, kernel }
  const make = (name: string, shape: readonly number[]): Tensor => {
    const numbers = Float64Array.from({ length: elements(shape) }, () => least + (greatest - least) * random())
    return { shape, data: narrow(numbers, storage(name)) }
  }
  const inputs = operator.tensors.map((decl) => {
    const shape =
      'shape' in decl ? paramTensorShape(decl.shape, geometry.dims, context) : joinShape(geometry, { samples, channels, extents })
    return [decl.name, make(decl.name, shape)] as const
  })
  const outShape = joinShape(geometry, { samples, channels, extents: outExtents })
  const floats = [...operator.results].filter(([name, { type }]) => type === 'float' && problem.results.includes(name))
  return {
    inputs: Object.fromEntries(inputs),
    cotangents: Object.fromEntries(floats.map(([name]) => [name, make(name, outShape)])),
    seed: operator.seeded ? BigInt(seed) * 0x1_0000_0003n : undefined,
  }
}

/** The most elements along an axis that the oracle is asked about, and the most samples and channels. */
const most = { extent: 24, samples: 2, channels: 8 }

/**
 * Sizes that the oracle can go through in a moment, and that meet what the whole meets: borders, insides, more planes than one.
 * The whole extents where windows fit into no less.
 */
export const sampleOf = ({ geometry, samples, channels, extents }: Problem): Sizes => {
  const cut = extents.map((extent) => Math.min(extent, most.extent))
  const fits = (sizes: readonly number[]): boolean => {
    try {
      return outputSize(geometry, sizes).every((size) => size > 0)
    } catch {
      return false
    }
  }
  return {
    samples: Math.min(samples, most.samples),
    channels: Math.min(channels, most.channels),
    extents: fits(cut) ? cut : extents,
  }
}
