/** Occupancy: values that NVIDIA publishes, and laws that hold for all. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CudaError } from '../../../runtime/cuda/errors.ts'
import { multiprocessorLimits, occupancy } from '../../../runtime/cuda/occupancy.ts'

const archs = [70, 75, 80, 86, 89, 90, 100, 120]

describe('occupancy', () => {
  it.each([
    // Full with few registers, halved by each doubling of them.
    [80, 256, 32, 0, { blocks: 8, share: 1, bound: 'threads' }],
    [80, 256, 64, 0, { blocks: 4, share: 0.5, bound: 'registers' }],
    [80, 256, 128, 0, { blocks: 2, share: 0.25, bound: 'registers' }],
    [80, 1024, 64, 0, { blocks: 1, share: 0.5, bound: 'registers' }],
    // Registers are given out 256 a warp: 33 cost what 40 do.
    [80, 256, 33, 0, { blocks: 6, share: 0.75, bound: 'registers' }],
    [80, 256, 40, 0, { blocks: 6, share: 0.75, bound: 'registers' }],
    // Small blocks: their number is bounded before their threads are.
    [80, 32, 16, 0, { blocks: 32, share: 0.5, bound: 'threads' }],
    [86, 32, 16, 0, { blocks: 16, share: 16 / 48, bound: 'threads' }],
    [86, 512, 32, 0, { blocks: 3, share: 1, bound: 'threads' }],
    [75, 256, 32, 0, { blocks: 4, share: 1, bound: 'threads' }],
    // 48 KiB and the 1 KiB that the system takes: three fit into 164 KiB, and two into 100; in 96 without the reserve, two.
    [80, 128, 32, 49152, { blocks: 3, share: 12 / 64, bound: 'shared memory' }],
    [86, 128, 32, 49152, { blocks: 2, share: 8 / 48, bound: 'shared memory' }],
    [70, 128, 32, 49152, { blocks: 2, share: 8 / 64, bound: 'shared memory' }],
    [90, 128, 32, 227 * 1024, { blocks: 1, share: 4 / 64, bound: 'shared memory' }],
    [90, 128, 32, 227 * 1024 + 1, { blocks: 0, share: 0, bound: 'shared memory' }],
    [90, 1025, 32, 0, { blocks: 0, share: 0, bound: 'threads' }],
    [90, 128, 256, 0, { blocks: 0, share: 0, bound: 'registers' }],
    [90, 1024, 128, 0, { blocks: 0, share: 0, bound: 'registers' }],
  ])('sm_%i with %i threads, %i registers, %i bytes', (arch, threads, registers, shared, expected) => {
    expect(occupancy(arch, { threads, registers, shared })).toEqual(expected)
  })

  it('is within the multiprocessor, and more demand never gives more', () => {
    const demand = fc.record({
      threads: fc.integer({ min: 1, max: 1100 }),
      registers: fc.integer({ min: 0, max: 260 }),
      shared: fc.integer({ min: 0, max: 240_000 }),
    })
    fc.assert(
      fc.property(fc.constantFrom(...archs), demand, demand, (arch, a, more) => {
        const { blocks, share } = occupancy(arch, a)
        const sm = multiprocessorLimits(arch)!
        expect(Number.isInteger(blocks)).toBe(true)
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(1)
        expect(blocks * (Math.ceil(a.shared / sm.sharedUnit) * sm.sharedUnit + sm.sharedReserved)).toBeLessThanOrEqual(sm.shared)
        expect(blocks * a.threads * a.registers).toBeLessThanOrEqual(65_536)
        const sum = { threads: a.threads + more.threads, registers: a.registers + more.registers, shared: a.shared + more.shared }
        expect(occupancy(arch, sum).blocks).toBeLessThanOrEqual(blocks)
      }),
    )
  })

  it('takes neighbours of a known architecture for it, and refuses the rest', () => {
    expect(multiprocessorLimits(103)).toBe(multiprocessorLimits(100))
    expect(multiprocessorLimits(121)).toBe(multiprocessorLimits(120))
    expect(multiprocessorLimits(61)).toBeUndefined()
    expect(() => occupancy(61, { threads: 32, registers: 1, shared: 0 })).toThrow('sm_61')
    for (const bad of [{ threads: 0 }, { threads: 1.5 }, { registers: -1 }, { shared: Number.NaN }])
      expect(() => occupancy(80, { threads: 32, registers: 1, shared: 0, ...bad })).toThrow(CudaError)
  })
})
