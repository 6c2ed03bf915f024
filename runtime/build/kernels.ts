/** What a definition is built into, by target: the emitters' texts, with all that a launcher needs. */
import { type BuiltModuleKernel, mapBuilt } from '../../codegen/module/kernel.ts'
import type { ByDirection, Direction, Signed } from '../../codegen/signed.ts'
import { cudaPrograms } from '../cuda/target/target.ts'
import { cudaSourcesOf } from '../cuda/target/variants.ts'
import type { Definition } from '../define.ts'
import { jsPrograms } from '../js.ts'
import { settled } from '../pool.ts'
import { wgslSources } from '../webgpu/target.ts'

/** @throws FormulaError, GeometryError, ArgumentError, StorageError for what cannot be built, as `compile` does */
export const buildKernel = (name: string, words: string, { operator, options }: Definition): BuiltModuleKernel => {
  const { targets, backward = true, dtype = 'float32', ...asked } = options
  const { checked, geometry } = settled(operator, asked)
  const { results, schedule } = asked
  const how = { dtype, ...(results && { results }), ...(schedule && { schedule }) }
  const wanted = <T>({ forward, backward: gradient }: Readonly<Record<Direction, T>>): ByDirection<T> =>
    backward ? { forward, backward: gradient } : { forward }
  let signed: Signed | undefined
  const of = <T extends { readonly signed: Signed }>(programs: T): T => {
    signed = programs.signed
    return programs
  }
  const made = {
    ...(targets.includes('js') && {
      js: mapBuilt(wanted(of(jsPrograms(checked, geometry, how))), ({ text, fixed }) => ({ ...text(), ...fixed })),
    }),
    ...(targets.includes('webgpu') && {
      webgpu: mapBuilt(wanted(of(wgslSources(checked, geometry, how))), ({ kernels }) => kernels),
    }),
    ...(targets.includes('cuda') && {
      cuda: mapBuilt(wanted(of(cudaPrograms(checked, geometry, how))), ({ sourceFor }) => cudaSourcesOf(sourceFor)),
    }),
  }
  return { name, words, signed: signed!, ...made }
}
