/** What is read from binaries agrees with what the assembler reports, and no byte of a binary is trusted. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCubin } from '../../../runtime/cuda/cubin.ts'
import { CubinError } from '../../../runtime/cuda/errors.ts'
import { readPtxas } from '../../../runtime/cuda/nvrtc/ptxas.ts'
import { loadOrSkip, nvrtcs } from '../nvrtc.ts'
import { mixed } from './kernels.ts'

/** Reads, or refuses with the one error that a reader throws. */
const readOrRefuse = (bytes: Uint8Array): 'read' | 'refused' => {
  try {
    readCubin(bytes)
    return 'read'
  } catch (error) {
    if (error instanceof CubinError) return 'refused'
    throw error
  }
}

describe.each(nvrtcs)('a binary of $name', (one) => {
  it('agrees with the assembler on every architecture', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    let kernels = 0
    for (const arch of nvrtc.supportedArchs().filter((x) => x >= 70)) {
      const { cubin, ptxasLog } = await nvrtc.compile(mixed, { arch })
      const read = readCubin(cubin)
      expect(read.arch).toBe(arch)
      const reported = readPtxas(ptxasLog)
      expect(read.kernels.map(({ name }) => name).sort()).toEqual([...reported.keys()].sort())
      for (const { name, registers, frame, shared } of read.kernels) {
        const { registers: r, frame: f, shared: s } = reported.get(name)!
        expect({ arch, name, registers, frame, shared }).toEqual({ arch, name, registers: r, frame: f, shared: s })
        kernels++
      }
    }
    console.log(`${one.name}: ${kernels} kernels agree with the assembler's report`)
  })

  it('tells parameters and launch bounds', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    for (const arch of [80, 90]) {
      const { kernels } = readCubin((await nvrtc.compile(mixed, { arch })).cubin)
      const parameters = kernels.find(({ name }) => name === 'parameters')
      expect(parameters?.maxThreads).toEqual([128, 1, 1])
      expect(parameters?.parameterBytes).toBe(32)
      // char, short, double, float, pointer: laid out as C lays out a structure of them.
      expect(parameters?.parameters).toEqual([
        { ordinal: 0, offset: 0, size: 1 },
        { ordinal: 1, offset: 2, size: 2 },
        { ordinal: 2, offset: 8, size: 8 },
        { ordinal: 3, offset: 16, size: 4 },
        { ordinal: 4, offset: 24, size: 8 },
      ])
      expect(parameters?.codeBytes).toBeGreaterThan(0)
      expect(kernels.find(({ name }) => name === 'staged')?.maxThreads).toBeUndefined()
    }
  })

  it('is refused where it is torn, and never harms where it is changed', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    const { cubin } = await nvrtc.compile(mixed, { arch: 90 })
    // The table of sections ends the file, or segments after it do: what lacks half is torn in any case.
    for (const part of [0, 3, 63, 64, cubin.length >> 1]) expect(readOrRefuse(cubin.subarray(0, part))).toBe('refused')
    const ends = { read: 0, refused: 0 }
    const places = fc.array(fc.tuple(fc.nat(cubin.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    const headers = fc.array(fc.tuple(fc.nat(63), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.oneof(places, headers), fc.nat(cubin.length), (changes, length) => {
        const bytes = cubin.slice(0, changes.length % 3 === 0 ? length : cubin.length)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        ends[readOrRefuse(bytes)]++
      }),
      { numRuns: 3000 },
    )
    // Every byte of the table of sections in turn, at both extremes.
    const table = Number(new DataView(cubin.buffer, cubin.byteOffset).getBigUint64(40, true))
    for (let at = table; at < cubin.length; at++)
      for (const value of [0, 255]) {
        const bytes = cubin.slice()
        bytes[at] = value
        ends[readOrRefuse(bytes)]++
      }
    expect(ends.read).toBeGreaterThan(0)
    expect(ends.refused).toBeGreaterThan(0)
  })
})

describe('what is no binary', () => {
  it('is refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => readOrRefuse(bytes) === 'refused'))
    const elf = new Uint8Array(64)
    elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1])
    expect(() => readCubin(elf)).toThrow('machine 0')
    elf[4] = 1
    expect(() => readCubin(elf)).toThrow('64 bits')
  })
})
