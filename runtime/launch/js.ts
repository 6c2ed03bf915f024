/** Calls JavaScript kernels: binds tensors and scratch memory to their parameters. Where they come from is another's business. */
import { sizeOfLevel } from '../../codegen/gpu/launch.ts'
import type { Argument } from '../../codegen/js/context.ts'
import type { Direction, Signed } from '../../codegen/signed.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import { arrays, narrow, storageByName } from '../../dsl/storage.ts'
import type { Tensor, TensorData } from '../../dsl/tensor.ts'
import { outTensor } from '../out.ts'
import type { DeviceKernel, Kept, Tensors } from '../target.ts'
import { type Call, callsOf, cotangentKey } from './calls.ts'
import { numbersOf, type Sizes, sizesOf } from './sizes.ts'

export type JsFunction = (...args: (TensorData | number)[]) => void

/** A direction's function, and what its parameters are: arrays, then numbers. */
export interface JsLaunch {
  readonly arrays: readonly Argument[]
  readonly numbers: readonly string[]
  /** The spatial sizes that it was made for, where these are constants in it. */
  readonly extents?: readonly number[]
  readonly call: JsFunction
}

/** One direction's scratch memory, kept from launch to launch. */
class Scratch {
  private readonly kept = new Map<string, Float64Array>()

  of(name: string, length: number): Float64Array {
    const known = this.kept.get(name)
    if (known?.length === length) return known.fill(0)
    const made = new Float64Array(length)
    this.kept.set(name, made)
    return made
  }
}

/** The array of a saved carrier: written by the forward kernel, read by the backward one. */
const saved = ({ buffer }: Argument, direction: Direction, sizes: Sizes, kept: Kept | undefined): TensorData => {
  const Data = buffer.type === 'int' ? Int32Array : Float64Array
  const length = sizeOfLevel(buffer.level, sizes)
  const known = kept?.[buffer.name]
  if (known instanceof Data && known.length === length) return known
  if (direction === 'backward')
    throw new ArgumentError(
      `the schedule saves ${buffer.name}: hand to backward, as kept, the record that forward filled from the same arguments`,
    )
  const made = new Data(length)
  if (kept) kept[buffer.name] = made
  return made
}

/** The calls of a kernel whose directions are made when they are first needed. */
export const launchJs = (
  signed: Signed,
  directions: Readonly<Record<Direction, () => JsLaunch>>,
): Pick<DeviceKernel, 'forward' | 'backward'> => {
  const storage = storageByName(signed.signature, signed.dtype)
  const scratch = { forward: new Scratch(), backward: new Scratch() }
  return callsOf(signed, ({ direction, checked, given, wanted, options: { seed = 0n, kept, out } }: Call): Tensors => {
    const made = new Map(wanted.map((one) => [one.name, outTensor(out, one.name, one.shape, arrays[one.stored])]))
    const { arrays: parameters, numbers, extents: fixed, call } = directions[direction]()
    const sizes = sizesOf(checked)
    const { extents } = sizes
    if (fixed && !extents.every((x, d) => x === fixed[d]))
      throw new ArgumentError(
        `the kernel was made for spatial sizes [${fixed.join(', ')}], but the input has [${extents.join(', ')}]`,
      )
    const zeros = new Map<string, TensorData>()
    const read = (value: Tensor | number | undefined, name: string, length: number): TensorData => {
      if (typeof value === 'number') return narrow([value], storage(name))
      if (value) return value.data
      const absent = zeros.get(name) ?? new arrays[storage(name)](length)
      zeros.set(name, absent)
      return absent
    }
    const bind = ({ buffer: { role, name, level } }: Argument): TensorData => {
      if (role === 'result' || role === 'gradient') return made.get(name)!.data
      return read(given[role === 'cotangent' ? cotangentKey(name) : name], name, sizeOfLevel(level, sizes))
    }
    const bound = parameters.map((argument) => {
      const { holds, name, buffer } = argument
      if (holds === 'sum' || holds === 'scratch') return scratch[direction].of(name, sizeOfLevel(buffer.level, sizes))
      if (holds === 'saved') return saved(argument, direction, sizes, kept)
      const data = bind(argument)
      return holds === 'bits' ? new Int32Array(data.buffer, data.byteOffset, data.length) : data
    })
    const values = numbersOf(sizes, seed)
    call(...bound, ...numbers.map((name) => values.get(name)!))
    return Object.fromEntries(made)
  })
}
