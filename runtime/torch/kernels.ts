/**
 * An operator's CUDA kernels for Python: the texts as the emitter makes them, and a manifest, plain data, of what each is for
 * and how it is launched. What is computed there from it is what `codegen/gpu/launch.ts` computes here.
 */
import type { BuiltCuda } from '../../codegen/module/kernel.ts'
import type { GeometryOptions, Layout, StorageType } from '../../dsl/geometry.ts'
import type { Operator } from '../../dsl/operator.ts'
import { cudaPrograms } from '../cuda/target/target.ts'
import { cudaSourcesOf, kindOf } from '../cuda/target/variants.ts'
import { settled } from '../pool.ts'
import { geometryKey } from './geometry-key.ts'

/** A source without its text, which is in a file. */
export interface TorchSource extends Omit<BuiltCuda, 'source'> {
  readonly file: string
}

/** The kernels for calls of one kind: what a call is looked up by, and both directions. */
export interface TorchKernel {
  readonly geometry: string
  readonly dtype: StorageType
  readonly layout: Layout
  readonly attrs: Readonly<Record<string, number>>
  /** The declared random values that are handed in: all of them, or none. */
  readonly hand_in: readonly string[]
  readonly forward: readonly TorchSource[]
  readonly backward: readonly TorchSource[]
}

export interface TorchManifest {
  readonly operator: string
  readonly kernels: readonly TorchKernel[]
}

export interface TorchKernels {
  readonly manifest: TorchManifest
  readonly files: readonly { readonly name: string; readonly text: string }[]
}

/** Values of attributes by name, beside the defaults. */
export type AttrValues = Readonly<Record<string, readonly number[]>>

export interface TorchKernelOptions {
  readonly dtypes: readonly StorageType[]
  readonly layouts: readonly Layout[]
  /** Of those that the operator has; others are of no account. */
  readonly attrs?: AttrValues
}

/** No random value is handed in, or all that are declared. */
const waysToHandIn = ({ declarations }: Operator): readonly (readonly string[])[] => {
  const random = Object.keys(declarations).filter((name) => declarations[name]!.role === 'random')
  return random.length === 0 ? [[]] : [[], random]
}

/** An attribute is a constant in a kernel: each choice of one value for each, the defaults first. */
const choicesOf = ({ declarations }: Operator, attrs: AttrValues): readonly Readonly<Record<string, number>>[] =>
  Object.entries(declarations).reduce<readonly Readonly<Record<string, number>>[]>(
    (choices, [name, one]) => {
      if (one.role !== 'attr') return choices
      const values = [...new Set([one.value, ...(attrs[name] ?? [])])]
      return values.flatMap((value) => choices.map((chosen) => ({ ...chosen, [name]: value })))
    },
    [{}],
  )

/**
 * Emits an operator's kernels: of each choice of attributes, each geometry, storage type and layout, and of each way to hand in
 * random values, one entry. Equal texts share a file.
 * @param geometries - their layouts are of no account: `layouts` says which there are
 * @throws FormulaError, GeometryError, ArgumentError, StorageError for what cannot be built, as `compile` does
 */
export const torchKernels = (
  operator: Operator,
  geometries: readonly GeometryOptions[],
  { dtypes, layouts, attrs = {} }: TorchKernelOptions,
): TorchKernels => {
  /** The name of the file that holds a text. */
  const names = new Map<string, string>()
  const fileOf = (text: string, wanted: string): string => {
    const name = names.get(text) ?? wanted
    names.set(text, name)
    return name
  }
  const ways = waysToHandIn(operator)
  const choices = choicesOf(operator, attrs)
  const entry = (options: GeometryOptions, dtype: StorageType, layout: Layout, handIn: readonly string[], choice: number) => {
    const { checked, geometry } = settled(operator, { ...options, layout, attrs: choices[choice]!, handIn })
    const key = geometryKey(geometry)
    const { forward, backward } = cudaPrograms(checked, geometry, { dtype })
    // A colon is no character of a file's name everywhere.
    const call = [
      key.replaceAll(':', '_'),
      layout,
      dtype,
      ...(handIn.length > 0 ? ['handed'] : []),
      ...(choice > 0 ? [`attrs${choice}`] : []),
    ].join('.')
    const sources = (direction: 'forward' | 'backward', { sourceFor }: typeof forward): readonly TorchSource[] =>
      cudaSourcesOf(sourceFor).map(({ source, ...told }) => {
        const kind = kindOf(told)
        return { file: fileOf(source, `${call}.${direction}${kind === 'usual' ? '' : `.${kind}`}.cu`), ...told }
      })
    return {
      geometry: key,
      dtype,
      layout,
      attrs: checked.attrs,
      hand_in: handIn,
      forward: sources('forward', forward),
      backward: sources('backward', backward),
    }
  }
  const kernels = geometries.flatMap((options) =>
    dtypes.flatMap((dtype) =>
      layouts.flatMap((layout) =>
        ways.flatMap((handIn) => choices.map((_, choice): TorchKernel => entry(options, dtype, layout, handIn, choice))),
      ),
    ),
  )
  const files = [...names].map(([text, name]) => ({ name, text }))
  return { manifest: { operator: operator.name, kernels }, files }
}
