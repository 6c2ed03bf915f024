/** What a package may be called, by Python that imports it, by pip that installs it, and by PyTorch that keeps its operators. */
import { pythonName } from '../../codegen/torch/names.ts'

/** Names that would be another's, in small letters, as pip and disks take them; each with what has it. */
const taken: ReadonlyMap<string, string> = new Map([
  ...['torch', 'torchvision'].map((name) => [name, 'pip would put the package in its place'] as const),
  ['examples', 'the examples are in a folder of that name'],
  ['build', 'pip builds in a folder of that name'],
  ...['aten', 'prim', 'higher_order', 'import_module', 'load_library', 'loaded_libraries'].map(
    (name) => [name, `torch.ops.${name} is PyTorch's own`] as const,
  ),
])

/** Why a package cannot have a name, and what to do; undefined where it can. */
export const whyNoName = (name: string): string | undefined => {
  if (!/^[A-Za-z]([A-Za-z0-9_]*[A-Za-z0-9])?$/.test(name))
    return 'Python imports it, so write letters, digits and _, a letter first and no _ last'
  if (pythonName(name) !== name) return 'it is a word of Python, which imports none of that name; write another'
  const why = taken.get(name.toLowerCase())
  return why && `${why}; write another`
}
