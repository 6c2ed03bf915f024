/** The emulator behind the interface that all CUDA devices have. */
import { afterEach, describe, expect, it } from 'vitest'
import type { CudaDevice } from '../../../runtime/cuda/device.ts'
import { EmulatedDevice } from '../../../runtime/cuda/emulated-device.ts'
import { PtxError } from '../../../runtime/cuda/emulator/emulator.ts'
import { CudaError, KernelFaultError, LaunchError } from '../../../runtime/cuda/errors.ts'
import { f32, i32, ptxOf } from './device.ts'

const shapes = { ptx: ptxOf('shapes', 80), cubin: new Uint8Array() }
const faults = { ptx: ptxOf('faults', 80), cubin: new Uint8Array() }
const mebibyte = 2 ** 20

let device: CudaDevice = new EmulatedDevice()
afterEach(() => {
  device[Symbol.dispose]()
  device = new EmulatedDevice()
})
const u64 = (value: bigint) => ({ type: 'u64', value }) as const
const one = [1, 1, 1] as const

/** Launches `repeating`, which copies 32 floats, and the first of them twice where `again` is one of them. */
const copy = (again: number) => {
  const [x, y] = [device.allocate(128, 'x'), device.allocate(128, 'y')]
  x.write(Float32Array.from({ length: 32 }, (_, k) => k))
  const observed = device
    .load(faults)
    .kernel('repeating')
    .launch({ grid: one, block: [32, 1, 1], args: [u64(x.pointer), u64(y.pointer), i32(again)], outputs: [y] })
  return { observed, y }
}

describe('launches', () => {
  it('tells what it is', () => {
    const { description, arch, multiprocessors, sharedPerBlock } = device
    expect({ description, arch, multiprocessors, sharedPerBlock }).toEqual({
      description: 'emulator',
      arch: undefined,
      multiprocessors: 1,
      sharedPerBlock: 232_448,
    })
  })
  it('gives what it saw', () => {
    const { observed, y } = copy(-1)
    expect(observed).toMatchObject({ kernel: 'repeating', findings: [], counts: { threads: 32, globalStores: { bytes: 128 } } })
    const got = new Float32Array(32)
    device.synchronize()
    y.read(got)
    expect(Array.from(got)).toEqual(Array.from({ length: 32 }, (_, k) => k))
    expect(copy(4).observed?.findings).toMatchObject([{ kind: 'double-write' }])
  })
  it('throws for a fault, with what was found, and goes on afterwards', () => {
    const x = device.allocate(128, 'the input')
    x.write(new Float32Array(32))
    const kernel = device.load(faults).kernel('beyond')
    const launch = () => kernel.launch({ grid: one, block: [32, 1, 1], args: [u64(x.pointer), u64(x.pointer), i32(8)] })
    expect(launch).toThrow(KernelFaultError)
    expect(launch).toThrow(/kernel beyond faulted: a load of 4 bytes at \S+ 0 bytes behind the end of 'the input'/)
    try {
      launch()
    } catch (error) {
      expect(error).toMatchObject({ kernel: 'beyond', findings: [{ kind: 'out-of-bounds', thread: [24, 0, 0] }] })
    }
    expect(copy(-1).observed?.findings).toEqual([])
  })
  it('refuses what does not fit the kernel', () => {
    const kernel = device.load(shapes).kernel('scale4')
    expect(() => kernel.launch({ grid: one, block: one, args: [f32(1)] })).toThrow(LaunchError)
    expect(() => kernel.launch({ grid: one, block: one, sharedBytes: 2 ** 20, args: [] })).toThrow(LaunchError)
  })
})

describe('modules', () => {
  it('names what there is', () => {
    expect(() => device.load(faults).kernel('nobody')).toThrow(CudaError)
    expect(() => device.load(faults).kernel('nobody')).toThrow(/no kernel 'nobody' in the module: it has beyond, crooked/)
    expect(() => device.load({ ptx: 'hello', cubin: new Uint8Array() })).toThrow(PtxError)
    const module = device.load(faults)
    module[Symbol.dispose]()
    module[Symbol.dispose]()
    expect(() => module.kernel('beyond')).toThrow(/disposed of/)
  })
  it('translates a text once, and gives each module variables of its own', () => {
    const total = device.allocate(4)
    const totalOf = (module: ReturnType<CudaDevice['load']>): number => {
      const got = new Uint32Array(1)
      module.kernel('read_total').launch({ grid: one, block: one, args: [u64(total.pointer)], outputs: [total] })
      total.read(got)
      return got[0]!
    }
    const [first, second] = [device.load(shapes), device.load(shapes)]
    const [x, bins, sums] = [device.allocate(40), device.allocate(68), device.allocate(4)]
    x.write(new Int32Array(10))
    bins.write(new Int32Array(17))
    sums.write(new Float32Array(1))
    const args = [u64(x.pointer), u64(bins.pointer), u64(sums.pointer), i32(10)]
    first.kernel('histogram').launch({ grid: one, block: [32, 1, 1], args })
    expect([totalOf(first), totalOf(second)]).toEqual([10, 0])
    const start = performance.now()
    for (let k = 0; k < 1000; k++) {
      const again = device.load(shapes)
      if (k === 999) expect(totalOf(again)).toBe(0)
      again[Symbol.dispose]()
    }
    // A thousand translations would take ten seconds.
    expect(performance.now() - start).toBeLessThan(3000)
    expect(totalOf(first)).toBe(10)
  })
  it('keeps the text that was used last', () => {
    const small = (k: number) => ({
      ptx: `.version 8.0\n.target sm_80\n.address_size 64\n.entry k${k}() { ret; }`,
      cubin: new Uint8Array(),
    })
    for (let k = 0; k < 200; k++)
      expect(device.load(small(k)).kernel(`k${k}`).launch({ grid: one, block: one, args: [] })).toBeDefined()
  })
})

describe('memory', () => {
  it('is written and read in parts, and within its bounds', () => {
    const memory = device.allocate(16, 'four floats')
    memory.write(Float32Array.of(1, 2, 3, 4))
    memory.write(Float32Array.of(9), 8)
    const got = new Float32Array(2)
    memory.read(got, 4)
    expect(Array.from(got)).toEqual([2, 9])
    expect(() => memory.write(new Float32Array(5))).toThrow(/20 bytes are written at byte 0 of 'four floats', which has 16/)
    expect(() => memory.read(got, 12)).toThrow(LaunchError)
    expect(() => memory.read(got, -4)).toThrow(LaunchError)
    expect(() => memory.read(got, 0.5)).toThrow(LaunchError)
  })
  it('may be freed twice, but not used', () => {
    const memory = device.allocate(16, 'freed')
    memory.free()
    memory.free()
    memory[Symbol.dispose]()
    expect(() => memory.write(new Float32Array(1))).toThrow(/'freed' is written after it was freed/)
    expect(() => memory.read(new Float32Array(1))).toThrow(CudaError)
    // What lies there now is somebody else's.
    const next = device.allocate(16)
    expect(next.pointer).toBe(memory.pointer)
    memory.free()
    expect(() => next.write(new Float32Array(4))).not.toThrow()
  })
  it('has 256 MiB', () => {
    expect(() => device.allocate(257 * mebibyte, 'too much')).toThrow(LaunchError)
    expect(() => device.allocate(257 * mebibyte, 'too much')).toThrow(/out of memory: 'too much' needs/)
    const half = device.allocate(128 * mebibyte)
    expect(() => device.allocate(128 * mebibyte, 'a half too much')).toThrow(/'a half too much'/)
    half.free()
    expect(() => device.allocate(200 * mebibyte)).not.toThrow()
  })
  it('does not grow over ten thousand launches', { timeout: 60_000 }, () => {
    const kernel = device.load(shapes).kernel('tile')
    const pointers = new Set<bigint>()
    const x = new Float32Array(128)
    let heap = 0
    for (let k = 0; k < 10_000; k++) {
      const [from, to] = [device.allocate(512, 'from'), device.allocate(512, 'to')]
      from.write(x)
      const args = [u64(from.pointer), u64(to.pointer), i32(128)]
      kernel.launch({ grid: one, block: [128, 1, 1], args, outputs: [to] })
      pointers.add(from.pointer).add(to.pointer)
      from.free()
      to.free()
      if (k === 1000) heap = process.memoryUsage().arrayBuffers
    }
    expect(pointers.size).toBe(2)
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(heap + 32 * mebibyte)
  })
  it('is gone with its device', () => {
    const memory = device.allocate(16, 'orphan')
    const kernel = device.load(faults).kernel('beyond')
    device[Symbol.dispose]()
    device[Symbol.dispose]()
    memory.free()
    expect(() => memory.write(new Float32Array(1))).toThrow(CudaError)
    expect(() => device.allocate(16)).toThrow(/disposed of/)
    expect(() => device.load(faults)).toThrow(/disposed of/)
    expect(() => device.synchronize()).toThrow(CudaError)
    expect(() => kernel.launch({ grid: one, block: one, args: [] })).toThrow(CudaError)
  })
})
