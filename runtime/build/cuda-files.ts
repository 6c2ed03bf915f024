/**
 * CUDA kernels as files of their own, for programs that are not ours: the sources, and beside them, as JSON, what each kernel
 * is handed and with how many threads it is launched. The JSON explains itself.
 */
import { type BuiltCuda, type BuiltModuleKernel, mapBuilt } from '../../codegen/module/kernel.ts'
import type { ModuleSetting } from '../../codegen/module/module.ts'
import { kindOf } from '../cuda/target/variants.ts'
import { launchText } from './launch-text.ts'

interface NamedText {
  readonly name: string
  readonly text: string
}

const kinds: Readonly<Record<string, string>> = {
  usual: 'tensors of less than 2^31 elements, sizes that are multiples of these, pointers aligned to as many elements',
  scalar: 'sizes that are no such multiples, or pointers that are not so aligned',
  unstaged: 'planes that do not fit the shared memory of a block',
  wide: 'tensors of 2^31 elements or more',
}

/** The files of a kernel; none where CUDA was not asked for. */
export const cudaFiles = (kernel: BuiltModuleKernel, { version, from }: ModuleSetting): readonly NamedText[] => {
  const { name, cuda, signed } = kernel
  if (!cuda) return []
  const header = `// Built by Poolwright ${version} from ${from}. Do not edit: \`poolwright build\` writes it again.\n`
  const fileOf = (direction: string, source: BuiltCuda): string => {
    const kind = kindOf(source)
    return `${name}.${direction}${kind === 'usual' ? '' : `.${kind}`}.cu`
  }
  const told = mapBuilt(cuda, (sources, direction) =>
    sources.map((source) => ({
      file: fileOf(direction, source),
      for: kindOf(source)
        .split('-')
        .map((kind) => kinds[kind])
        .join('; '),
      multiples: source.multiples,
      kernels: source.kernels.map(({ name: of, arrays, numbers, launch }) => ({
        name: of,
        parameters: [
          ...arrays.map(({ name: array, holds, buffer, element, written }) => ({
            name: array,
            is: holds === 'tensor' ? `the ${buffer.role} ${buffer.of ?? buffer.name}` : `${holds}, kept between kernels`,
            type: element === 'int' ? 'int32' : element === 'storage' ? signed.dtype : 'float32',
            access: written ? 'write' : 'read',
          })),
          ...numbers.map(({ name: number, type }) => ({ name: number, type: type === 'int' ? 'int32' : 'uint32' })),
        ],
        ...launchText(launch, signed.geometry.dims),
      })),
    })),
  )
  const { signature, geometry, dtype } = signed
  const json = {
    built: `by Poolwright ${version} from ${from}; do not edit: poolwright build writes it again`,
    operator: signature.name,
    formula: signature.formula,
    attrs: signature.attrs,
    geometry,
    dtype,
    launches: 'kernels of a direction are launched in their order; arrays that are kept between kernels are scratch memory',
    ...told,
  }
  return [
    ...Object.entries(cuda).flatMap(([direction, sources]) =>
      sources.map((source): NamedText => ({ name: fileOf(direction, source), text: `${header}${source.source}` })),
    ),
    { name: `${name}.cuda.json`, text: `${JSON.stringify(json, null, 2)}\n` },
  ]
}
