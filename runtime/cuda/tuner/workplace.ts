/**
 * The workplace of CUDA: tensors in device memory, the GPU's own clock, and what the binary says of registers. On the emulator
 * there is no clock; it watches every access itself, so that tensors stand there alone, each byte to be written once.
 */
import { arrays, type StoredType } from '../../../dsl/storage.ts'
import { elements, type Tensor, type TensorData } from '../../../dsl/tensor.ts'
import { inTurn } from '../../timing.ts'
import type { Takes } from '../../tuner/outcome.ts'
import { harmOf, poison } from '../../tuner/trial/guard.ts'
import type { Guarded, Workplace } from '../../tuner/trial/workplace.ts'
import { readCubin } from '../cubin.ts'
import type { CudaDevice } from '../device.ts'
import { DriverDevice } from '../driver/device.ts'
import { CudaFaultError } from '../driver/errors.ts'
import { CompilerCrashError, KernelFaultError } from '../errors.ts'
import { NvrtcError } from '../nvrtc/diagnostics.ts'
import { readPtxas } from '../nvrtc/ptxas.ts'
import { multiprocessorLimits, occupancy } from '../occupancy.ts'
import { type Cuda, type OpenOptions, openCuda } from '../open.ts'
import { FindingsError } from '../target/launches.ts'
import { CudaTensor } from '../target/tensor.ts'

/** Bytes of a band on either side; vectors need tensors that begin at multiples of 16 bytes. */
const band = 4096

/** An output on the emulator: memory of its own, not yet written. */
const watched = (device: CudaDevice, shape: readonly number[], stored: StoredType): Guarded => {
  let tensor = CudaTensor.empty(device, shape, stored)
  return {
    get tensor() {
      return tensor
    },
    look: () => ({ data: tensor.data.slice(), harm: undefined }),
    poison: () => {
      tensor.dispose()
      tensor = CudaTensor.empty(device, shape, stored)
    },
  }
}

/** An output on a GPU: a part of an allocation, between bands. */
const banded = (device: CudaDevice, shape: readonly number[], stored: StoredType): Guarded => {
  const bytes = elements(shape) * arrays[stored].BYTES_PER_ELEMENT
  const memory = device.allocate(bytes + 2 * band)
  const whole = new Uint8Array(bytes + 2 * band).fill(poison)
  const tensor = CudaTensor.foreign(device, { pointer: memory.pointer + BigInt(band), shape, stored })
  const part = <D extends TensorData | Uint8Array>(into: D, at: number): D => {
    memory.read(into, at)
    return into
  }
  return {
    tensor,
    look: () => ({
      data: part(new arrays[stored](elements(shape)), band),
      harm: harmOf(part(new Uint8Array(band), 0), part(new Uint8Array(band), band + bytes)),
    }),
    poison: () => memory.write(whole),
  }
}

/** What the largest of a text's kernels takes, from its binary. */
const takesOf = async ({ compiler, arch: { arch } }: Cuda, source: string): Promise<Takes> => {
  const { cubin, ptxasLog } = await compiler.compile(source, { arch })
  const usage = readPtxas(ptxasLog)
  const known = multiprocessorLimits(arch) !== undefined
  const all = readCubin(cubin).kernels.map(({ name, registers, shared, maxThreads }): Takes => {
    const { spillStores = 0, spillLoads = 0 } = usage.get(name) ?? {}
    const threads = maxThreads?.[0] ?? 256
    return {
      registers,
      spills: spillStores + spillLoads,
      shared,
      occupancy: known ? occupancy(arch, { threads, registers, shared }).share : 1,
    }
  })
  const most = (of: (one: Takes) => number): number => Math.max(0, ...all.map(of))
  return {
    registers: most((one) => one.registers),
    spills: most((one) => one.spills),
    shared: most((one) => one.shared),
    occupancy: Math.min(1, ...all.map((one) => one.occupancy)),
  }
}

/** Which device, which compiler, and where binaries are kept: as `openCuda` takes them. */
export type DeviceChoice = Pick<OpenOptions, 'device' | 'nvrtc' | 'arch' | 'cache'>

export const open = async (options: DeviceChoice): Promise<Workplace> => workplaceOn(await openCuda(options))

/** A workplace on a device that is open; it closes it. */
export const workplaceOn = (cuda: Cuda): Workplace => {
  const { device, target } = cuda
  const gpu = device instanceof DriverDevice ? device : undefined
  let isBroken = false
  return {
    target,
    given: ({ shape, data }: Tensor, stored) => {
      const tensor = CudaTensor.empty(device, shape, stored)
      tensor.memory?.write(data)
      return tensor
    },
    guarded: (shape, stored) => (gpu ? banded : watched)(device, shape, stored),
    timed: gpu && ((calls) => ({ call: inTurn(calls), time: (work) => gpu.time(work) })),
    takes: (source) => takesOf(cuda, source),
    faultOf: (error, doing) => {
      if (error instanceof NvrtcError || error instanceof CompilerCrashError) return 'compile-failed'
      if (error instanceof FindingsError || error instanceof KernelFaultError) return 'wrong'
      if (error instanceof CudaFaultError) {
        isBroken = true
        return 'launch-failed'
      }
      return doing === 'compiling' ? 'compile-failed' : 'launch-failed'
    },
    isBroken: () => isBroken,
    close: () => cuda[Symbol.dispose](),
  }
}
