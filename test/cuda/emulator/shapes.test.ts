/** A correct kernel of each shape that pooling takes: right results, and not one finding, on PTX of all architectures. */
import { beforeEach, describe, expect, it } from 'vitest'
import { Emulator, type LoadedPtx } from '../../../runtime/cuda/emulator/emulator.ts'
import { allVariants } from './compiled.ts'
import { f32, i32, launchOn } from './device.ts'

const noise = (n: number): Float32Array => Float32Array.from({ length: n }, (_, k) => Math.sin(k * 12.9898) * 4)

const device = new Emulator()

describe.each(allVariants)('$title', ({ load }) => {
  let ptx: LoadedPtx
  beforeEach(async (context) => {
    ptx = await load('shapes', context)
  })
  const run = (name: string, size: Parameters<typeof launchOn>[3], args: Parameters<typeof launchOn>[4]) => {
    const report = launchOn(device, ptx, name, size, args)
    expect(report.findings).toEqual([])
    expect(report.faulted).toBe(false)
    return report
  }

  it('gathers: maximum of 3x3 windows with its place', () => {
    const [planes, H, W] = [3, 17, 22]
    const [Ho, Wo] = [9, 11]
    const x = noise(planes * H * W)
    x[40] = Number.NaN
    const y = new Float32Array(planes * Ho * Wo)
    const at = new Int32Array(y.length)
    run('max3x3', { grid: 3, block: 128 }, [{ input: x }, { output: y }, { output: at }, i32(planes), i32(H), i32(W)])
    for (let n = 0; n < y.length; n++) {
      const [ow, oh, p] = [n % Wo, Math.floor(n / Wo) % Ho, Math.floor(n / (Wo * Ho))]
      let best = Number.NEGATIVE_INFINITY
      let where = -1
      for (let ih = oh * 2 - 1; ih < oh * 2 + 2; ih++)
        for (let iw = ow * 2 - 1; iw < ow * 2 + 2; iw++) {
          if (ih < 0 || ih >= H || iw < 0 || iw >= W) continue
          const v = x[(p * H + ih) * W + iw]!
          if (v > best || Number.isNaN(v) || where < 0) [best, where] = [v, ih * W + iw]
        }
      expect([y[n], at[n]]).toEqual([best, where])
    }
  })

  it('vectors, division, square root, exponential; 64-bit indices', () => {
    const x = noise(256).map(Math.abs)
    const y = new Float32Array(256)
    const report = run('scale4', { grid: 1, block: 64 }, [{ input: x }, { output: y }, f32(0.3), { type: 'i64', value: 64n }])
    const a = Math.fround(0.3)
    for (let k = 0; k < 256; k += 4) {
      expect(y[k]).toBe(Math.fround(x[k]! * a + 1))
      expect(y[k + 1]).toBe(Math.fround(x[k + 1]! / a))
      expect(y[k + 2]).toBe(Math.fround(Math.sqrt(x[k + 2]!)))
      expect(y[k + 3]! / Math.exp(x[k + 3]!)).toBeCloseTo(1, 5)
    }
    // 64 threads with 16 bytes each: two accesses of a warp, 16 sectors each.
    expect(report.counts.globalLoads).toEqual({ accesses: 2, bytes: 1024, sectors: 32 })
    expect(report.counts.threads).toBe(64)
  })

  it('a tile in shared memory behind a barrier', () => {
    const n = 300
    const x = noise(n)
    const y = new Float32Array(n)
    const report = run('tile', { grid: 3, block: 128 }, [{ input: x }, { output: y }, i32(n)])
    y.forEach((value, k) => {
      expect(value).toBe(Math.fround(Math.fround((x[k - 1] ?? 0) + x[k]!) + (x[k + 1] ?? 0)))
    })
    expect(report.counts.instructions.barrier).toBe(384)
    expect(report.counts.shared.conflicts).toBe(0)
  })

  it('a mean by shuffles and dynamic shared memory', () => {
    const [planes, n] = [4, 1000]
    const x = noise(planes * n)
    const y = new Float32Array(planes)
    run('plane_mean', { grid: planes, block: 128, sharedBytes: 16 }, [{ input: x }, { output: y }, i32(n)])
    y.forEach((value, p) => {
      const mean = x.subarray(p * n, (p + 1) * n).reduce((sum, v) => sum + v, 0) / n
      expect(value).toBeCloseTo(mean, 5)
    })
  })

  it('half storage', () => {
    const x = Uint16Array.of(0x3c00, 0x4000, 0xc200, 0x7bff, 0x0001, 0x3555)
    const y = new Uint16Array(6)
    run('half_square', { grid: 1, block: 32 }, [{ input: x }, { output: y }, i32(6)])
    expect(Array.from(y)).toEqual([0x3c00, 0x4400, 0x4880, 0x7c00, 0x0000, 0x2f1c])
  })

  it('atomics on shared and global memory, constant tables, variables that last', () => {
    const n = 500
    const x = Int32Array.from({ length: n }, (_, k) => (k * 7919) % 1000)
    const bins = new Int32Array(17)
    const sums = new Float32Array(1)
    const total = new Uint32Array(1)
    run('read_total', { grid: 1, block: 1 }, [{ output: total }])
    const before = total[0]!
    run('histogram', { grid: 4, block: 128 }, [{ input: x }, { both: bins }, { both: sums }, i32(n)])
    const weights = [1, -2, 3, -4, 5]
    const expected = new Int32Array(17)
    x.forEach((value, k) => {
      expected[value & 15]! += weights[k % 5]!
      expected[16] = Math.max(expected[16]!, value)
    })
    expect(bins).toEqual(expected)
    expect(sums[0]).toBe(250)
    run('read_total', { grid: 1, block: 1 }, [{ output: total }])
    expect(total[0]! - before).toBe(n)
  })

  it('votes', () => {
    const x = Int32Array.from({ length: 64 }, (_, k) => (k < 32 ? 2 * k : k * 3))
    const y = new Uint32Array(64)
    run('ballots', { grid: 1, block: 64 }, [{ input: x }, { output: y }])
    const even = (k: number): boolean => x[k]! % 2 === 0
    const count = x.filter((_, k) => even(k)).length
    for (let thread = 0; thread < 64; thread++) {
      const warp = Array.from({ length: 32 }, (_, lane) => (thread & 32) + lane)
      const all = warp.reduce((mask, k, lane) => mask | (even(k) ? 1 << lane : 0), 0)
      const any = warp.some((k) => x[k] === 7) ? 0x10000 : 0
      expect(y[thread]).toBe((all ^ any ^ (warp.every(even) ? 0x20000 : 0) ^ (count << 20)) >>> 0)
    }
  })

  it('local memory', () => {
    const x = noise(9 * 32)
    const y = new Float32Array(32)
    run('local_sort', { grid: 1, block: 32 }, [{ input: x }, { output: y }, i32(4)])
    y.forEach((value, k) => {
      expect(value).toBe(x.slice(9 * k, 9 * k + 9).sort()[4])
    })
  })

  it('float64', () => {
    const x = Float64Array.from({ length: 40 }, (_, k) => Math.sin(k) * 3)
    const y = new Float64Array(40)
    run('doubles', { grid: 1, block: 64 }, [{ input: x }, { output: y }, { type: 'u64', value: 40n }])
    y.forEach((value, k) => {
      const want = (x[k]! * x[(k + 1) % 40]! + Math.sqrt(Math.abs(x[k]!))) / (1 + Math.exp(-x[k]!))
      expect(Math.abs(value - want)).toBeLessThan(1e-14 * (1 + Math.abs(want)))
    })
  })

  it('random numbers: integers of 64-bit products, logarithm, cosine', () => {
    const n = 100
    const x = noise(n)
    const y = new Float32Array(n)
    run('noise', { grid: 1, block: 128 }, [{ input: x }, { output: y }, { type: 'u32', value: 0x8000_0001 }, i32(n)])
    y.forEach((value, i) => {
      let [a, b, k] = [i, 0x8000_0001, 0x8000_0001]
      for (let r = 0; r < 10; r++) {
        const product = 0xd2511f53n * BigInt(a)
        ;[a, b] = [(Number(product >> 32n) ^ b ^ k) >>> 0, Number(product & 0xffff_ffffn)]
        k = (k + 0x9e3779b9) >>> 0
      }
      const [u1, u2] = [((a >>> 8) + 1) * 2 ** -24, (b >>> 8) * 2 ** -24]
      expect(value).toBeCloseTo(x[i]! + Math.sqrt(-2 * Math.log(u1)) * Math.cos(6.2831853 * u2), 4)
    })
  })
})
