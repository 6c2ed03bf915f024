/**
 * The text of a module of kernels that were built ahead of time. It imports launchers, and no compiler; it has the names that
 * its spec module exports. Nothing in it runs before it is called, so that a bundler leaves out what a page does not use.
 */
import { templates } from '../../templates/compiled.ts'
import { Names } from '../emit/block.ts'
import { capital } from '../emit/capital.ts'
import type { Direction } from '../signed.ts'
import { docOf } from './doc.ts'
import { type BuiltJs, type BuiltModuleKernel, mapBuilt } from './kernel.ts'
import { Code, literal, template } from './literal.ts'

/** Where a module is from, and where it finds launchers. */
export interface ModuleSetting {
  readonly version: string
  /** The spec module's path, as seen from the module. */
  readonly from: string
}

interface BuiltFunction {
  readonly name: string
  /** What stands in its body, and what it returns. */
  readonly body: string
  readonly returns: string
}

const inner = '  '

const jsFunction = (name: string, { source, name: own, arrays, numbers, extents }: BuiltJs): BuiltFunction => ({
  name,
  body: source
    .replace(/^export /m, '')
    .replace(/^(?=.)/gm, inner)
    .trimEnd(),
  returns: literal({ arrays, numbers, extents, call: new Code(own) }, inner),
})

const textFunction = <T extends { readonly source: string }>(name: string, texts: readonly T[]): BuiltFunction => ({
  name,
  body: '',
  returns: literal(
    texts.map((one) => ({ ...one, source: template(one.source) })),
    inner,
  ),
})

/** A target's rows: the launcher that it imports, and how a getter is called. */
const targets = {
  js: { launcher: 'jsKernel', takes: '', hands: '' },
  webgpu: { launcher: 'webGpuKernel', takes: 'gpu', hands: 'gpu, ' },
  cuda: { launcher: 'cudaKernel', takes: 'cuda', hands: 'cuda, ' },
} as const

type Target = keyof typeof targets

const targetNames = Object.keys(targets) as readonly Target[]

/** A target's functions by direction, named. */
const functionsOf = (kernel: BuiltModuleKernel, target: Target, nameFor: (direction: Direction) => string) => {
  const { js, webgpu, cuda } = kernel
  switch (target) {
    case 'js':
      return js && mapBuilt(js, (one, direction) => jsFunction(nameFor(direction), one))
    case 'webgpu':
      return webgpu && mapBuilt(webgpu, (shaders, direction) => textFunction(nameFor(direction), shaders))
    case 'cuda':
      return cuda && mapBuilt(cuda, (sources, direction) => textFunction(nameFor(direction), sources))
    default:
      return target satisfies never
  }
}

/** The module's text. */
export const builtModule = (kernels: readonly BuiltModuleKernel[], { version, from }: ModuleSetting): string => {
  // What is exported keeps its name; all else makes way.
  const names = new Names(kernels.map(({ name }) => name))
  const used = targetNames.filter((target) => kernels.some((one) => one[target]))
  const launchers = new Map(used.map((target) => [target, names.fresh(targets[target].launcher)]))
  const imported = (target: Target): string => {
    const { launcher } = targets[target]
    const as = launchers.get(target)!
    return as === launcher ? launcher : `${launcher} as ${as}`
  }
  return templates['module/kernels']({
    version,
    from,
    imports: used.map((target) => `import { ${imported(target)} } from 'poolwright/launch/${target}'`),
    kernels: kernels.map((kernel) => {
      const { name } = kernel
      const signed = names.fresh(`${name}Signed`)
      const made = targetNames.flatMap((target) => {
        const functions = functionsOf(kernel, target, (direction) =>
          names.fresh(`${name}${capital(target)}${capital(direction)}`),
        )
        return functions ? [{ target, functions }] : []
      })
      return {
        name,
        signedName: signed,
        signed: literal(plainOf(kernel)),
        functions: made.flatMap(({ functions }) => Object.values(functions)),
        doc: docOf(kernel).map((line) => ` * ${line}`.trimEnd()),
        getters: made.map(({ target, functions }) => {
          const parts = Object.entries(functions).map(([direction, one]) => `${direction}: ${one.name}`)
          const { takes, hands } = targets[target]
          return `${target}: async (${takes}) => ${launchers.get(target)}(${hands}${signed}, { ${parts.join(', ')} }),`
        }),
      }
    }),
  })
}

/** What a launch reads, and no more: the formula's graph stays behind. */
const plainOf = ({ signed }: BuiltModuleKernel): object => {
  const { name, formula, tensors, attrs, results, seeded } = signed.signature
  const types = new Map([...results].map(([result, { type }]) => [result, { type }]))
  return { ...signed, signature: { name, formula, tensors, attrs, results: types, seeded } }
}
