/** The launches of one direction: memory for what kernels hand to one another, arguments in order, and what a device saw. */
import type { Argument, CudaKernel } from '../../../codegen/cuda/emit.ts'
import { blocksOf, itemsOf, type Sizes, sharedBytesOf, sizeOfArray } from '../../../codegen/gpu/launch.ts'
import { formulaPartAt } from '../../formula-part.ts'
import { numbersOf } from '../../launch/sizes.ts'
import type { KernelArgument } from '../arguments.ts'
import type { CudaDevice, DeviceMemory, Observation } from '../device.ts'
import { CudaError, KernelFaultError } from '../errors.ts'
import type { Loaded } from './source.ts'

/** Memory that a launch reads or writes; that of a caller has no `memory`. */
export interface Bound {
  readonly pointer: bigint
  readonly memory?: DeviceMemory
}

export interface LaunchContext {
  readonly device: CudaDevice
  readonly sizes: Sizes
  readonly seed: bigint
  readonly stream?: bigint
  /** The memory of a tensor, or of a saved carrier. */
  readonly bind: (argument: Argument) => Bound
  /** Bytes of an element. */
  readonly bytesOf: (argument: Argument) => number
  readonly observe?: (observation: Observation) => void
}

/** What an emitted kernel did wrong, as a device that watches saw it: the compiler is to blame, never the caller. */
export class FindingsError extends CudaError {
  override name = 'FindingsError'
  readonly findings: Observation['findings']

  constructor({ kernel, findings }: Pick<Observation, 'kernel' | 'findings'>, source: string) {
    const shown = findings.map(({ message, sourceLine }) => {
      const part = sourceLine === null ? undefined : formulaPartAt(source, sourceLine)
      const line = sourceLine === null ? '' : `\n  ${sourceLine} | ${source.split('\n')[sourceLine - 1]?.trim() ?? ''}`
      return `${message}${line}${part ? `\n  which computes ${part}` : ''}`
    })
    super(`kernel ${kernel} is wrong:\n${shown.join('\n')}`)
    this.findings = findings
  }
}

/** A fault that the device tells of, as a finding like any other: with the line, and what it computes. */
const watched = <T>(source: string, launch: () => T): T => {
  try {
    return launch()
  } catch (error) {
    throw error instanceof KernelFaultError ? new FindingsError(error, source) : error
  }
}

/** Runs every kernel of a source, in order. Scratch memory is given back when all are enqueued: the device keeps the order. */
export const launchAll = ({ source, kernels, module }: Loaded, context: LaunchContext): void => {
  const { device, sizes, seed, stream, observe } = context
  const numbers = numbersOf(sizes, seed)
  const scratch = new Map<string, DeviceMemory>()
  const boundOf = (argument: Argument): Bound => {
    if (argument.holds === 'tensor' || argument.holds === 'saved') return context.bind(argument)
    const key = `${argument.holds} ${argument.buffer.name}`
    let memory = scratch.get(key)
    if (!memory) {
      const bytes = sizeOfArray({ ...argument, level: argument.buffer.level }, sizes) * context.bytesOf(argument)
      memory = device.allocate(Math.max(bytes, 1), argument.name)
      scratch.set(key, memory)
    }
    return { pointer: memory.pointer, memory }
  }
  const launch = ({ name, arrays, numbers: wanted, launch: shape }: CudaKernel): void => {
    // With no window, or no element, there is nothing to do; a grid of no block would be refused.
    if (itemsOf(shape, sizes) === 0) return
    const bound = arrays.map((argument) => ({ argument, ...boundOf(argument) }))
    const args: KernelArgument[] = [
      ...bound.map(({ pointer }): KernelArgument => ({ type: 'u64', value: pointer })),
      ...wanted.map(({ name: of, type }): KernelArgument => ({ type: type === 'int' ? 'i32' : 'u32', value: numbers.get(of)! })),
    ]
    const outputs = bound.flatMap(({ argument, memory }) => (argument.written && memory ? [memory] : []))
    const observation = watched(source, () =>
      module.kernel(name).launch({
        grid: [blocksOf(shape, sizes), 1, 1],
        block: [shape.threads, 1, 1],
        sharedBytes: sharedBytesOf(shape, sizes),
        args,
        outputs,
        ...(stream !== undefined && { stream }),
      }),
    )
    if (!observation) return
    observe?.(observation)
    if (observation.findings.length > 0) throw new FindingsError(observation, source)
  }
  try {
    for (const kernel of kernels) launch(kernel)
  } finally {
    for (const memory of scratch.values()) memory.free()
  }
}
