/**
 * What kernels take, read from the heads of their PTX. The driver takes addresses of arguments and believes them: a wrong
 * count reads beyond them, and a number in place of a pointer is a fault that costs the device. The binary tells offsets and
 * sizes only, so types come from the PTX, and the two must agree.
 */
import { parameterBytes, type Signature } from '../arguments.ts'
import type { KernelResources } from '../cubin.ts'
import { readCubin } from '../cubin.ts'
import type { Parameter } from '../emulator/ptx.ts'
import { bytesOf, isScalarType } from '../emulator/types.ts'
import { CudaError } from '../errors.ts'
import type { Compiled } from '../nvrtc/options.ts'

const head = /\.entry\s+([\w$]+)\s*(?:\(([^)]*)\))?/g
const parameter =
  /^\.param\s+(?:\.align\s+(\d+)\s+)?\.(\w+)\s+(?:\.ptr\s+(?:\.(?:global|const|shared|local)\s+)?(?:\.align\s+\d+\s+)?)?([\w$]+)(?:\[(\d+)\])?$/

const readParameters = (kernel: string, text: string): readonly Parameter[] => {
  let end = 0
  const declarations = text.replace(/\/\/.*$/gm, '').split(',')
  const given = declarations.length === 1 && declarations[0]!.trim() === '' ? [] : declarations
  return given.map((declaration): Parameter => {
    const [, align, type = '', name = '', count = '1'] = parameter.exec(declaration.trim()) ?? []
    if (!isScalarType(type))
      throw new CudaError(`kernel ${kernel} has a parameter that is not understood, '${declaration.trim()}': pass scalars`)
    const unit = align === undefined ? bytesOf(type) : Number(align)
    const offset = Math.ceil(end / unit) * unit
    end = offset + bytesOf(type) * Number(count)
    return { name, type, offset, count: Number(count) }
  })
}

const agree = ({ parameters }: Signature, kernel: KernelResources): boolean =>
  kernel.parameterBytes === parameterBytes({ parameters }) &&
  kernel.parameters.length === parameters.length &&
  kernel.parameters.every(({ offset, size }, k) => {
    const { type, offset: written, count } = parameters[k]!
    return offset === written && size === bytesOf(type) * count
  })

/**
 * The parameters of each kernel, by its name.
 * @throws CudaError where the PTX is not understood, or binary and PTX are not of one text; CubinError for a torn binary
 */
export const readSignatures = ({ ptx, cubin }: Pick<Compiled, 'ptx' | 'cubin'>): ReadonlyMap<string, Signature> => {
  const signatures = new Map<string, Signature>()
  for (const [, name = '', text = ''] of ptx.matchAll(head))
    signatures.set(name, { name, parameters: readParameters(name, text) })
  if (cubin.length === 0) return signatures
  const kernels = new Map(readCubin(cubin).kernels.map((kernel) => [kernel.name, kernel]))
  for (const [name, signature] of signatures) {
    const kernel = kernels.get(name)
    if (kernel === undefined || !agree(signature, kernel))
      throw new CudaError(`PTX and binary differ in what kernel ${name} takes: they are of two texts. Compile it anew.`)
  }
  return signatures
}
