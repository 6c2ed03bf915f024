/** What lanes exchange and how threads of a block meet, as NVRTC translates it, for all architectures. */
import { describe, expect, it } from 'vitest'
import { Emulator } from '../../../runtime/cuda/emulator/emulator.ts'
import { compiledVariants } from './compiled.ts'
import { i32, launchOn } from './device.ts'

const device = new Emulator()

describe.each(compiledVariants)('$title', ({ arch, load }) => {
  it('shuffles: each mode, segments, wide values, part of a warp', async (context) => {
    const x = Int32Array.from({ length: 64 }, (_, k) => k * 31 + 5)
    const y = new Int32Array(8 * 64)
    const ptx = await load('warps', context)
    expect(launchOn(device, ptx, 'shuffles', { grid: 1, block: 64 }, [{ input: x }, { output: y }]).findings).toEqual([])
    for (let i = 0; i < 64; i++) {
      const of = (lane: number): number => x[(i & 32) + lane]!
      const lane = i & 31
      expect(Array.from(y.subarray(8 * i, 8 * i + 8))).toEqual([
        of((i * 7) & 31),
        of(lane % 8 >= 3 ? lane - 3 : lane),
        of((lane % 16) + 5 < 16 ? lane + 5 : lane),
        of(lane ^ 9),
        2 * of(lane ^ 1),
        of(Math.min(lane + 1, 31)),
        lane < 8 ? of(lane ^ 1) : -1,
        of((lane & ~3) + 2),
      ])
    }
  })

  it('votes, matches, reductions', async (context) => {
    const x = Int32Array.from({ length: 64 }, (_, k) => (k < 32 ? k : 3 * k))
    const y = new Uint32Array(8 * 64)
    const ptx = await load('warps', context)
    expect(launchOn(device, ptx, 'votes', { grid: 1, block: 64 }, [{ input: x }, { output: y }]).findings).toEqual([])
    for (let i = 0; i < 64; i++) {
      const warp = Array.from(x.subarray(i & 32, (i & 32) + 32))
      const maskOf = (holds: (v: number) => boolean): number =>
        warp.reduce((mask, v, k) => (holds(v) ? mask | (1 << k) : mask), 0) >>> 0
      const v = x[i]!
      const odd = maskOf((one) => (one & 1) === 1)
      const added = warp.reduce((a, b) => a + b) ^ Math.max(...warp) ^ warp.reduce((a, b) => a ^ b)
      expect(Array.from(y.subarray(8 * i, 8 * i + 8))).toEqual([
        odd,
        (warp.includes(7) ? 1 : 0) | (warp.every((one) => one < 100) ? 2 : 0) | (warp.every((one) => one > 3) ? 4 : 0),
        maskOf((one) => (one & 3) === (v & 3)),
        0xffffffff,
        1,
        0xffffffff,
        v & 1 ? maskOf((one) => (one & 3) === 3) : 0,
        arch >= 80 ? added >>> 0 : 0,
      ])
    }
  })

  it('barriers wait for nobody who has returned, and say so', async (context) => {
    const ptx = await load('warps', context)
    for (const n of [256, 160, 100, 33, 1]) {
      const x = Int32Array.from({ length: 256 }, (_, k) => (k * 7) % 90)
      const y = new Int32Array(n)
      const args = [{ input: x }, { output: y }, i32(n)]
      const { findings } = launchOn(device, ptx, 'barriers', { grid: 1, block: 256 }, args)
      // The values are what devices since Volta give; the barriers are skipped all the same.
      expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(n < 256 ? ['barrier-divergence'] : []))
      const there = Array.from(x.subarray(0, n))
      const even = there.filter((v) => v % 2 === 0).length
      const more = 1000 * even + 100_000 + (there.includes(77) ? 200_000 : 0)
      expect(Array.from(y)).toEqual(there.map((_, k) => x[(k + 1) % n]! + more))
    }
  })

  it('barriers with numbers, for some of the threads', async (context) => {
    const x = Int32Array.from({ length: 64 }, (_, k) => k * k)
    const y = new Int32Array(64)
    const ptx = await load('warps', context)
    expect(launchOn(device, ptx, 'named', { grid: 2, block: 128 }, [{ input: x }, { both: y }]).findings).toEqual([])
    expect(y).toEqual(y.map((_, k) => 2 * x[63 - k]! + 1))
  })

  it('a scan with barriers of the warp; dynamic shared memory in two parts', async (context) => {
    const ptx = await load('warps', context)
    const x = Float32Array.from({ length: 64 }, (_, k) => k % 7)
    const y = new Float32Array(64)
    expect(launchOn(device, ptx, 'segmented', { grid: 1, block: 64 }, [{ input: x }, { output: y }]).findings).toEqual([])
    expect(y).toEqual(y.map((_, k) => x.subarray(k & 32, k + 1).reduce((a, b) => a + b)))
    const [n, m] = [40, 24]
    const args = [{ input: x }, { output: y }, i32(n), i32(m)]
    expect(launchOn(device, ptx, 'several', { grid: 1, block: 64, sharedBytes: 4 * (n + m) }, args).findings).toEqual([])
    expect(y).toEqual(y.map((_, k) => x[k % n]! + 3 * (k % m)))
  })

  it('clocks go on, and special registers tell who is who', async (context) => {
    const [y, z] = [new Uint32Array(6 * 40), new BigInt64Array(40)]
    const ptx = await load('times', context)
    expect(launchOn(device, ptx, 'times', { grid: 1, block: 40 }, [{ output: y }, { output: z }]).findings).toEqual([])
    for (let i = 0; i < 40; i++) {
      const lane = i % 32
      expect(Array.from(y.subarray(6 * i, 6 * i + 6))).toEqual([lane, Math.floor(i / 32), 2 ** lane - 1, 32, 1, 40])
      expect(z[i]! > 1n).toBe(true)
    }
  })
})
