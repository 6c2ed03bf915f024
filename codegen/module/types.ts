/** The declarations of a module of built kernels: each argument, result and gradient by its name, and what it is. */
import type { TensorDecl } from '../../dsl/expression.ts'
import { describeShape } from '../../dsl/param-shapes.ts'
import { storageOf } from '../../dsl/storage.ts'
import { templates } from '../../templates/compiled.ts'
import { Names } from '../emit/block.ts'
import { capital } from '../emit/capital.ts'
import { docOf } from './doc.ts'
import type { BuiltModuleKernel } from './kernel.ts'
import type { ModuleSetting } from './module.ts'

interface Member {
  readonly doc: string
  readonly line: string
}

const memberName = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))

const axesOf = ({ dims, layout }: BuiltModuleKernel['signed']['geometry']): string => {
  const spatial = ['depth', 'height', 'width'].slice(3 - dims)
  return ['samples', ...(layout === 'channels-last' ? [...spatial, 'channels'] : ['channels', ...spatial])].join(', ')
}

const argumentOf = (decl: TensorDecl, { signed: { geometry, dtype } }: BuiltModuleKernel): Member => {
  const stored = storageOf(dtype, decl.role)
  const name = memberName(decl.name)
  switch (decl.role) {
    case 'input':
      return { doc: `The input, ${stored}: ${axesOf(geometry)}.`, line: `readonly ${name}: Tensor` }
    case 'tensor':
      return { doc: `Of the input's shape, ${stored}.`, line: `readonly ${name}: Tensor` }
    case 'param':
    case 'noise': {
      const what = decl.role === 'param' ? 'A parameter' : 'Random values that are handed in'
      const isScalar = describeShape(decl.shape) === 'one number'
      return {
        doc: `${what}, ${describeShape(decl.shape)}, ${stored}.`,
        line: `readonly ${name}: Tensor${isScalar ? ' | number' : ''}`,
      }
    }
    default:
      return decl satisfies never
  }
}

/** @param type - what its types' names begin with */
const kernelTypes = (kernel: BuiltModuleKernel, type: string) => {
  const { name, signed } = kernel
  const { signature, gradients, results, dtype } = signed
  const seed: Member[] = signature.seeded
    ? [{ doc: 'The key of the random values: equal seeds, equal values.', line: 'readonly seed: bigint | number' }]
    : []
  const floats = results.filter((one) => one.type === 'float').map((one) => `'${one.name}'`)
  const hasGradient = [kernel.js, kernel.webgpu, kernel.cuda].some((one) => one?.backward !== undefined)
  const [args, made] = [`${type}Arguments`, `${type}Results`]
  return {
    type,
    doc: docOf(kernel).map((line) => ` * ${line}`.trimEnd()),
    name,
    arguments: [...signature.tensors.map((decl) => argumentOf(decl, kernel)), ...seed],
    results: results.map(({ name: result, type: of }): Member => {
      const what = of === 'int' ? 'int32; flat indices count the elements of a plane' : storageOf(dtype, 'result')
      return { doc: `Of the output's shape, ${what}.`, line: `readonly ${memberName(result)}: Tensor` }
    }),
    gradients: hasGradient
      ? [
          {
            type: `${type}Gradients`,
            members: gradients.map((of) => ({
              doc: `Of the shape of \`${of}\`.`,
              line: `readonly ${memberName(of)}: Tensor`,
            })),
          },
        ]
      : [],
    kernel: hasGradient
      ? `BuiltKernel<${args}, ${made}, ${args} & Cotangents<${floats.join(' | ')}>, ${type}Gradients>`
      : `ForwardKernel<${args}, ${made}>`,
    getters: [
      ...(kernel.js ? [{ doc: 'In JavaScript.', line: `js(): Promise<${type}Kernel>` }] : []),
      ...(kernel.webgpu
        ? [
            {
              doc: 'As shaders, on a device that `openWebGpuDevice` gives.',
              line: `webgpu(gpu: WebGpuHandle): Promise<${type}Kernel>`,
            },
          ]
        : []),
      ...(kernel.cuda
        ? [
            {
              doc: 'On a GPU that `openCuda` gives; NVRTC compiles the source there.',
              line: `cuda(cuda: Cuda): Promise<${type}Kernel>`,
            },
          ]
        : []),
    ],
  }
}

/** The declarations' text. */
export const builtTypes = (kernels: readonly BuiltModuleKernel[], { version, from }: ModuleSetting): string => {
  // `halve` and `Halve` are two kernels.
  const names = new Names([])
  const made = kernels.map((kernel) => kernelTypes(kernel, names.fresh(capital(kernel.name))))
  const imported = ['BuiltKernel', 'Cotangents', 'ForwardKernel', 'Tensor'].filter((name) =>
    made.some((one) => name === 'Tensor' || one.kernel.includes(`${name}<`)),
  )
  return templates['module/types']({
    version,
    from,
    imports: [
      `import type { ${imported.join(', ')} } from 'poolwright/launch/js'`,
      ...(kernels.some((one) => one.webgpu) ? ["import type { WebGpuHandle } from 'poolwright/launch/webgpu'"] : []),
      ...(kernels.some((one) => one.cuda) ? ["import type { Cuda } from 'poolwright/cuda'"] : []),
    ],
    kernels: made,
  })
}
