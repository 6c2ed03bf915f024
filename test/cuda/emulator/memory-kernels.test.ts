/** Loads, stores, atomics and asynchronous copies as NVRTC translates them, for all architectures. */
import { describe, expect, it } from 'vitest'
import { Emulator } from '../../../runtime/cuda/emulator/emulator.ts'
import { compiledVariants } from './compiled.ts'
import { i32, launchOn, lineOf, sourceOf } from './device.ts'

const device = new Emulator()
const noise = (n: number): Float32Array => Float32Array.from({ length: n }, (_, k) => Math.sin(k * 12.9898) * 4)
const f = Math.fround

describe.each(compiledVariants)('$title', ({ arch, load }) => {
  it('vectors of each width', async (context) => {
    const n = 70
    const a = noise(4 * n)
    const b = noise(2 * n)
    const c = Float64Array.from(noise(2 * n))
    const d = Uint16Array.from({ length: 4 * n }, (_, k) => k * 977)
    const e = Uint32Array.from({ length: 4 * n }, (_, k) => k * 0x9e3779b9)
    const [ya, yb, yc] = [new Float32Array(4 * n), new Float32Array(2 * n), new Float64Array(2 * n)]
    const [yd, ye] = [new Uint16Array(4 * n), new Uint32Array(4 * n)]
    const inputs = [a, b, c, d, e].map((input) => ({ input }))
    const outputs = [ya, yb, yc, yd, ye].map((output) => ({ output }))
    const args = [...inputs, ...outputs, i32(n)]
    const report = launchOn(device, await load('vectors', context), 'vectors', { grid: 3, block: 32 }, args)
    expect(report.findings).toEqual([])
    for (let k = 0; k < n; k++) {
      expect(ya[4 * k]).toBe(f(a[4 * k]! + a[4 * k + 3]!))
      expect(ya.subarray(4 * k + 1, 4 * k + 4)).toEqual(a.subarray(4 * k + 1, 4 * k + 4))
      expect(yb[2 * k + 1]).toBe(f(b[2 * k]! * b[2 * k + 1]!))
      expect(yc[2 * k]).toBe(c[2 * k]! - c[2 * k + 1]!)
      expect(Array.from(yd.subarray(4 * k, 4 * k + 3))).toEqual([
        d[4 * k]! ^ d[4 * k + 1]!,
        d[4 * k + 1],
        (d[4 * k + 2]! + 7) & 0xffff,
      ])
      expect(ye[4 * k + 3]).toBe((e[4 * k + 3]! + Math.imul(e[4 * k]!, e[4 * k + 1]!)) >>> 0)
    }
    // 70 threads are three warps; each vector of 16 bytes takes half a sector.
    const { loads, stores } = { loads: report.counts.globalLoads, stores: report.counts.globalStores }
    expect([loads.accesses, stores.accesses]).toEqual([15, 15])
    expect([loads.bytes, stores.bytes]).toEqual([n * 64, n * 64])
    expect(loads.sectors).toBe(stores.sectors)
  })

  it('hints to caches change nothing', async (context) => {
    const n = 50
    const [x, z] = [noise(n + 2), Uint32Array.from({ length: 2 * n }, (_, k) => k * k)]
    const [y, w] = [new Float32Array(n), new Uint32Array(n)]
    const args = [{ input: x }, { input: z }, { output: y }, { output: w }, i32(n)]
    const ptx = await load('vectors', context)
    expect(launchOn(device, ptx, 'cached', { grid: 1, block: 64 }, args).findings).toEqual([])
    for (let k = 0; k < n; k++) {
      expect(y[k]).toBeCloseTo(4 * x[k]! + 2 * x[k + 1]! + 4 * x[k + 2]!, 4)
      expect(w[k]).toBe((z[2 * k]! - z[2 * k + 1]!) >>> 0)
    }
  })

  it('structs by value, bytes, a grid that strides', async (context) => {
    const ptx = await load('vectors', context)
    const struct = new DataView(new ArrayBuffer(32))
    struct.setInt32(0, 5, true)
    struct.setInt32(4, -3, true)
    struct.setFloat32(8, 0.5, true)
    struct.setInt16(12, -2, true)
    for (let k = 0; k < 6; k++) struct.setUint8(14 + k, 250 - k)
    struct.setFloat64(24, 0.125, true)
    const [x, u] = [Int8Array.from({ length: 32 }, (_, k) => 20 - 8 * k), Uint8Array.from({ length: 32 }, (_, k) => 255 - k)]
    const y = new Float64Array(32)
    const args = [{ input: x }, { input: u }, { output: y }, { type: 'struct', bytes: struct } as const, i32(3)]
    expect(launchOn(device, ptx, 'geometry', { grid: 1, block: 32 }, args).findings).toEqual([])
    const z = new Int32Array(32)
    const read = launchOn(device, ptx, 'by_address', { grid: 1, block: 32 }, [{ type: 'struct', bytes: struct }, { output: z }])
    expect(read.findings).toEqual([])
    expect(z).toEqual(z.map((_, k) => 250 - (k % 6) - 3))
    expect(y).toEqual(y.map((_, k) => x[k]! * 0.5 - 2 * u[k]! + 250 - ((k + 3) % 6) + 0.125 - 15))

    const n = 333
    const [bytes, shorts, longs] = [new Uint8Array(n), new Int16Array(n), new BigInt64Array(n)]
    const filled = [{ output: bytes }, { output: shorts }, { output: longs }, i32(n)]
    expect(launchOn(device, ptx, 'fill', { grid: 3, block: 32 }, filled).findings).toEqual([])
    for (let k = 0; k < n; k++) expect([bytes[k], shorts[k], longs[k]]).toEqual([(3 * k) & 255, 0 - k, BigInt(k) << 33n])
  })

  it('atomics of each type', async (context) => {
    const n = 300
    const x = Int32Array.from({ length: n }, (_, k) => ((k * 7919) % 1000) + 3)
    const [i, l] = [new Int32Array(11), new BigUint64Array(2)]
    i[1] = 10_000
    i[4] = -1
    const [floats, doubles] = [new Float32Array(3), new Float64Array(1)]
    const args = [{ input: x }, { both: i }, { both: l }, { both: floats }, { both: doubles }, i32(n)]
    expect(launchOn(device, await load('atomics', context), 'sums', { grid: 2, block: 64 }, args).findings).toEqual([])
    const sum = x.reduce((a, b) => a + b)
    const [least, most] = [Math.min(...x), Math.max(...x)]
    const [and, or, xor] = [x.reduce((a, b) => a & (b | 0xff), -1), x.reduce((a, b) => a | b), x.reduce((a, b) => a ^ b, 0)]
    const ofBlock = (block: number): number[] => Array.from(x).filter((_, k) => Math.floor(k / 64) % 2 === block)
    const extremes = [0, 1].map(ofBlock).map((all) => [Math.max(...all), Math.min(...all)])
    expect(Array.from(i)).toEqual([
      ...[sum, least, most, -sum, and, or, xor, sum],
      ...[extremes[0]![0]! + extremes[1]![0]!, extremes[0]![1]! + extremes[1]![1]!, n],
    ])
    expect(Array.from(l)).toEqual([BigInt(sum), BigInt(most) << 20n])
    expect([...floats, ...doubles]).toEqual([sum / 2, sum / 2, 6, sum / 4])
  })

  it('compare and swap, counters that wrap, and the last of several blocks', async (context) => {
    const ptx = await load('atomics', context)
    const n = 100
    const x = noise(n)
    const [y, count, half] = [new Float32Array([-100]), new Uint32Array(2), new Uint16Array(1)]
    const args = [{ input: x }, { both: y }, { both: count }, { both: half }, i32(n)]
    expect(launchOn(device, ptx, 'maxima', { grid: 2, block: 32 }, args).findings).toEqual([])
    expect(y[0]).toBe(Math.max(...x))
    // From 0 up to 9 and round; from 20 down to 0 and round.
    expect([...count, ...half]).toEqual([n % 10, (21 - (n % 21)) % 21, n])
    for (let again = 0; again < 2; again++) {
      const [parts, total] = [new Float32Array(5), new Float32Array(1)]
      const reduced = [{ input: x }, { output: parts }, { output: total }, i32(n)]
      expect(launchOn(device, ptx, 'last_block', { grid: 5, block: 64 }, reduced).findings).toEqual([])
      expect(total[0]).toBeCloseTo(
        x.reduce((a, b) => a + b),
        4,
      )
    }
  })

  if (arch >= 80)
    describe('cp.async', () => {
      const source = sourceOf('copies')
      it('copies tiles ahead, and parts with zeros behind', async (context) => {
        const ptx = await load('copies', context)
        const tiles = 5
        const [x, y] = [noise(tiles * 128), new Float32Array(32)]
        const report = launchOn(device, ptx, 'pipeline', { grid: 1, block: 32 }, [{ input: x }, { output: y }, i32(tiles)])
        expect(report.findings).toEqual([])
        y.forEach((value, k) => {
          const all = Array.from({ length: tiles }, (_, t) => x.slice(t * 128 + 4 * (31 - k), t * 128 + 4 * (31 - k) + 4))
          expect(value).toBeCloseTo(
            all.flatMap((four) => Array.from(four)).reduce((a, b) => a + b),
            4,
          )
        })
        expect(report.counts.globalLoads).toEqual({ accesses: tiles, bytes: tiles * 512, sectors: tiles * 16 })
        const [a, b, z] = [noise(32), noise(64).subarray(0, 20), new Float32Array(32)]
        const args = [{ input: a }, { input: b }, { output: z }, i32(10)]
        expect(launchOn(device, ptx, 'narrow', { grid: 1, block: 32 }, args).findings).toEqual([])
        for (let k = 0; k < 32; k++) expect(z[k]).toBeCloseTo(a[k ^ 1]! + (k < 10 ? b[2 * k]! + b[2 * k + 1]! : 0), 5)
      })
      it('finds what is read too early: before the wait, before the barrier', async (context) => {
        const ptx = await load('copies', context)
        const kinds = (kernel: string): unknown[] =>
          launchOn(device, ptx, kernel, { grid: 1, block: 32 }, [
            { input: noise(32) },
            { both: new Float32Array(32) },
          ]).findings.map(({ kind, sourceLine }) => [kind, sourceLine])
        expect(kinds('early')).toEqual([['uninitialised', lineOf(source, '// uninitialised')]])
        expect(kinds('unmet')).toContainEqual(['shared-race', lineOf(source, '// shared-race')])
      })
    })
})
