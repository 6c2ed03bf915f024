/**
 * The memory that one launch reads and writes, by tensor: what lives on the device is taken as it is, what a host hands in is
 * copied there, and what was made for a host is copied back. Whatever was allocated on the way is given back.
 */
import type { Argument } from '../../../codegen/cuda/emit.ts'
import { ArgumentError } from '../../../dsl/errors.ts'
import { arrays, narrow, type StoredType } from '../../../dsl/storage.ts'
import { elements, type Tensor, type TensorData } from '../../../dsl/tensor.ts'
import { outTensor } from '../../out.ts'
import type { Tensors } from '../../target.ts'
import type { CudaDevice, DeviceMemory } from '../device.ts'
import type { Bound } from './launches.ts'
import { CudaTensor } from './tensor.ts'

/** Elements that memory of the device's own begins at a multiple of: allocations are of 256 bytes. */
const wholeAllocation = 16

const keyOf = ({ buffer }: Argument): string => `${buffer.role} ${buffer.name}`

/** How many elements an address is a multiple of, as far as vectors care. */
const alignmentOf = (pointer: bigint, bytes: number): number => [8, 4, 2].find((n) => pointer % BigInt(n * bytes) === 0n) ?? 1

export class Binding {
  private readonly device: CudaDevice
  private readonly held: DeviceMemory[] = []
  private readonly bound = new Map<string, Bound>()
  private readonly made = new Map<string, { readonly name: string; readonly tensor: Tensor; readonly isNew: boolean }>()

  constructor(device: CudaDevice) {
    this.device = device
  }

  private isHere(tensor: Tensor): tensor is CudaTensor {
    return tensor instanceof CudaTensor && tensor.device === this.device
  }

  private allocate(bytes: number, name: string): DeviceMemory {
    const memory = this.device.allocate(Math.max(1, bytes), name)
    this.held.push(memory)
    return memory
  }

  /**
   * A tensor to write into: the caller's own, or a new one, which stays on the device where `resident` says so.
   * @throws ArgumentError where the caller's is of another type or size
   */
  make(
    role: 'result' | 'gradient',
    name: string,
    wanted: { shape: readonly number[]; stored: StoredType; resident: boolean },
    out: Tensors | undefined,
  ): void {
    const { shape, stored, resident } = wanted
    const given = out && Object.hasOwn(out, name) ? out[name] : undefined
    const settled = (): Tensor => {
      if (given && this.isHere(given)) {
        if (given.stored === stored && given.length === elements(shape)) return given
        throw new ArgumentError(
          `out.${name} must be ${stored} of shape [${shape.join(', ')}] in the device's memory, but is ${given.stored} of [${given.shape.join(', ')}]`,
        )
      }
      if (given instanceof CudaTensor)
        throw new ArgumentError(`out.${name} lies in the memory of another device: hand in one of the kernel's own device`)
      if (given || !resident) return outTensor(out, name, shape, arrays[stored])
      return CudaTensor.empty(this.device, shape, stored, name)
    }
    const tensor = settled()
    this.made.set(`${role} ${name}`, { name, tensor, isNew: given === undefined })
  }

  /** The memory of an argument; a tensor whose value is not given is zero. */
  of(argument: Argument, bytes: number, length: number, value: Tensor | number | undefined, stored: StoredType): Bound {
    const key = keyOf(argument)
    const known = this.bound.get(key)
    if (known) return known
    const bind = (): Bound => {
      const target = this.made.get(key)?.tensor
      if (target) {
        if (this.isHere(target)) return { pointer: target.pointer, ...(target.memory && { memory: target.memory }) }
        const memory = this.allocate(length * bytes, argument.name)
        return { pointer: memory.pointer, memory }
      }
      if (typeof value === 'object' && this.isHere(value))
        return { pointer: value.pointer, ...(value.memory && { memory: value.memory }) }
      const memory = this.allocate(length * bytes, argument.name)
      memory.write(this.numbersOf(value, length, stored))
      return { pointer: memory.pointer, memory }
    }
    const made = bind()
    this.bound.set(key, made)
    return made
  }

  private numbersOf(value: Tensor | number | undefined, length: number, stored: StoredType): TensorData {
    if (value === undefined) return new arrays[stored](length)
    if (typeof value === 'object') return value.data
    return stored === 'int32' ? Int32Array.of(value) : narrow([value], stored)
  }

  /** The elements that every tensor of a caller's begins at a multiple of, among these. */
  alignment(given: Iterable<Tensor | number | undefined>): number {
    const tensors = [...given, ...[...this.made.values()].map((x) => x.tensor)]
    return tensors.reduce<number>(
      (least, one) =>
        one instanceof CudaTensor ? Math.min(least, alignmentOf(one.pointer, arrays[one.stored].BYTES_PER_ELEMENT)) : least,
      wholeAllocation,
    )
  }

  /** What was made, by name; copied to where hosts read it. */
  finish(): Record<string, Tensor> {
    const tensors: Record<string, Tensor> = {}
    for (const [key, { name, tensor }] of this.made) {
      tensors[name] = tensor
      if (this.isHere(tensor)) tensor.touched()
      else if (tensor.data.length > 0) this.bound.get(key)?.memory?.read(tensor.data)
    }
    return tensors
  }

  /** Gives back what only the launch needed; after a failure, what was made too. */
  release(failed: boolean): void {
    for (const memory of this.held) memory.free()
    if (!failed) return
    for (const { tensor, isNew } of this.made.values()) if (isNew && this.isHere(tensor)) tensor.dispose()
  }
}
