/**
 * The calls of a kernel, alike on every target that launches one: what is handed in is checked, what is to be written is told
 * by name, shape and type, and the target does the rest. All of it is data, so that a kernel needs no compiler to be called.
 */
import type { Direction, Signed } from '../../codegen/signed.ts'
import { type CheckedArguments, checkArguments, checkCotangents } from '../../dsl/arguments.ts'
import { joinShape } from '../../dsl/layout.ts'
import { type StoredType, storageByName } from '../../dsl/storage.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import type { DeviceKernel, LaunchOptions, Tensors } from '../target.ts'

/** What a call hands in, by name; cotangents by {@link cotangentKey}. */
export type Given = Readonly<Record<string, Tensor | number>>

export const cotangentKey = (result: string): string => `cotangent ${result}`

/** A tensor that a call writes. */
export interface Wanted {
  readonly role: 'result' | 'gradient'
  readonly name: string
  readonly shape: readonly number[]
  readonly stored: StoredType
}

export interface Call {
  readonly direction: Direction
  readonly checked: CheckedArguments
  readonly given: Given
  readonly wanted: readonly Wanted[]
  readonly options: LaunchOptions
}

/** Both calls of a kernel, over what carries one out. */
export const callsOf = (
  { signature, geometry, dtype, results, gradients }: Signed,
  run: (call: Call) => Tensors,
): Pick<DeviceKernel, 'forward' | 'backward'> => {
  const storage = storageByName(signature, dtype)
  return {
    forward: (inputs, options = {}) => {
      const checked = checkArguments(signature, geometry, inputs, options.seed, { dtype })
      const shape = joinShape(geometry, { ...checked, extents: checked.outExtents })
      const wanted = results.map(({ name, type }): Wanted => {
        return { role: 'result', name, shape, stored: type === 'int' ? 'int32' : storage(name) }
      })
      return run({ direction: 'forward', checked, given: inputs, wanted, options })
    },
    backward: (inputs, cotangents, options = {}) => {
      const checked = checkArguments(signature, geometry, inputs, options.seed, { dtype })
      checkCotangents(signature, geometry, cotangents, checked, { dtype })
      const named = Object.entries(cotangents).map(([name, tensor]) => [cotangentKey(name), tensor] as const)
      const wanted = gradients.map((name): Wanted => {
        const value = inputs[name]!
        return { role: 'gradient', name, shape: typeof value === 'number' ? [] : value.shape, stored: storage(name) }
      })
      return run({
        direction: 'backward',
        checked,
        given: { ...inputs, ...Object.fromEntries(named) },
        wanted,
        options,
      })
    },
  }
}
