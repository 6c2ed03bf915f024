/** All sources of one direction, for where no emitter is: a launch of any kind finds its own among them. */
import type { Variant } from '../../../codegen/cuda/emit.ts'
import type { BuiltCuda } from '../../../codegen/module/kernel.ts'
import type { SourceFor } from './source.ts'

const yesNo = [false, true]

/** Every kind of launch: the usual one first. */
const variants: readonly Variant[] = yesNo.flatMap((wide) =>
  [true, false].flatMap((vectors) => [true, false].map((staged): Variant => ({ wide, vectors, staged }))),
)

/** The sources of all kinds of launches, those that are equal once. */
export const cudaSourcesOf = (sourceFor: SourceFor): readonly BuiltCuda[] => {
  const made = new Map<string, BuiltCuda>()
  for (const variant of variants) {
    const source = sourceFor(variant)
    const known = made.get(source.source)
    made.set(source.source, { ...source, variants: [...(known?.variants ?? []), variant] })
  }
  return [...made.values()]
}

/** What sets a source apart from the usual one, for the name of its file. */
export const kindOf = ({ variants }: Pick<BuiltCuda, 'variants'>): string => {
  const [{ wide, vectors, staged }] = variants as readonly [Variant]
  return [...(wide ? ['wide'] : []), ...(vectors ? [] : ['scalar']), ...(staged ? [] : ['unstaged'])].join('-') || 'usual'
}
