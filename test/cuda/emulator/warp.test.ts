/** What lanes exchange, in each mode and in segments of a warp, against the rules of CUDA's guide. */
import { expect, it } from 'vitest'
import { Emulator } from '../../../runtime/cuda/emulator/emulator.ts'
import { LaunchError } from '../../../runtime/cuda/errors.ts'
import { handwritten, launchOn } from './device.ts'

const device = new Emulator()

/** An instruction on a value of each lane, %r4; its result is %r5. */
const lanes = (instruction: string, values: readonly number[]): { readonly result: number[]; readonly findings: string[] } => {
  const y = new Uint32Array(values.length)
  const body = `mul.wide.u32 %rd3, %r3, 4; add.s64 %rd4, %rd2, %rd3; add.s64 %rd3, %rd1, %rd3; ld.global.u32 %r4, [%rd3];
mov.u32 %r5, 0; ${instruction} st.global.u32 [%rd4], %r5;`
  const x = Uint32Array.from(values)
  const { findings } = launchOn(device, handwritten(body), 'k', { grid: 1, block: values.length }, [{ input: x }, { output: y }])
  return { result: Array.from(y), findings: findings.map(({ kind }) => kind) }
}

const count = Array.from({ length: 32 }, (_, lane) => lane)
const hundreds = count.map((lane) => 100 + lane)
const full = '0xffffffff'

it.each([32, 8])('shuffles in segments of %i lanes', (width) => {
  // What the compiler makes of __shfl_*_sync(mask, value, 3, width).
  const segment = (32 - width) << 8
  const start = (lane: number): number => lane - (lane % width)
  const shuffled = (mode: string, clamp: number): number[] => {
    const { result, findings } = lanes(`shfl.sync.${mode}.b32 %r5|%p1, %r4, 3, ${segment | clamp}, ${full};`, hundreds)
    expect(findings).toEqual([])
    return result
  }
  expect(shuffled('up', 0)).toEqual(count.map((lane) => 100 + (lane - 3 >= start(lane) ? lane - 3 : lane)))
  expect(shuffled('down', 31)).toEqual(count.map((lane) => 100 + (lane + 3 < start(lane) + width ? lane + 3 : lane)))
  expect(shuffled('bfly', 31)).toEqual(count.map((lane) => 100 + (lane ^ 3)))
  expect(shuffled('idx', 31)).toEqual(count.map((lane) => 100 + start(lane) + 3))
})

it('says which lanes read from within their segment', () => {
  const inside = (mode: string, clamp: number): number[] =>
    lanes(`shfl.sync.${mode}.b32 %r6|%p1, %r4, 30, ${clamp}, ${full}; selp.u32 %r5, 1, 0, %p1;`, hundreds).result
  expect(inside('up', 0)).toEqual(count.map((lane) => (lane >= 30 ? 1 : 0)))
  expect(inside('down', 31)).toEqual(count.map((lane) => (lane < 2 ? 1 : 0)))
})

it('reduces, matches, votes', () => {
  const values = count.map((lane) => (lane * 0x9e3779b9) >>> 0)
  const all = (value: number): number[] => count.map(() => value >>> 0)
  const reduced = (how: string): number[] => lanes(`redux.sync.${how} %r5, %r4, ${full};`, values).result
  expect(reduced('add.u32')).toEqual(all(values.reduce((a, b) => (a + b) | 0)))
  expect(reduced('min.s32')).toEqual(all(Math.min(...values.map((v) => v | 0))))
  expect(reduced('max.u32')).toEqual(all(Math.max(...values)))
  expect(reduced('xor.b32')).toEqual(all(values.reduce((a, b) => a ^ b)))
  const thirds = count.map((lane) => lane % 3)
  const alike = (of: number): number =>
    count.filter((lane) => lane % 3 === of).reduce((mask, lane) => (mask | (1 << lane)) >>> 0, 0)
  expect(lanes(`match.any.sync.b32 %r5, %r4, ${full};`, thirds).result).toEqual(thirds.map(alike))
  expect(lanes(`match.all.sync.b32 %r5|%p1, %r4, ${full};`, thirds).result).toEqual(all(0))
  expect(lanes(`match.all.sync.b32 %r5|%p1, %r4, ${full};`, all(7)).result).toEqual(all(0xffffffff))
  const voted = `setp.eq.u32 %p1, %r4, 1; vote.sync.uni.pred %p2, %p1, ${full}; selp.u32 %r5, 1, 0, %p2;`
  expect(lanes(voted, thirds).result).toEqual(all(0))
  expect(lanes(voted, all(0)).result).toEqual(all(1))
  expect(lanes('mov.u32 %r5, %lanemask_le;', count).result).toEqual(count.map((lane) => 2 ** (lane + 1) - 1))
  expect(lanes('mov.u32 %r5, %lanemask_gt;', count).result).toEqual(count.map((lane) => 2 ** 32 - 2 ** (lane + 1)))
})

it('lets parts of a warp exchange by themselves, each by its mask', () => {
  const split = `setp.lt.u32 %p1, %r2, 16; @%p1 bra LOW;
shfl.sync.bfly.b32 %r5, %r4, 1, 31, 0xffff0000; bra.uni DONE;
LOW: shfl.sync.bfly.b32 %r5, %r4, 2, 31, 0x0000ffff;
DONE:`
  const { result, findings } = lanes(split, hundreds)
  expect(findings).toEqual([])
  expect(result).toEqual(count.map((lane) => 100 + (lane < 16 ? lane ^ 2 : lane ^ 1)))
})

it('waits for lanes that exchange something among themselves before', () => {
  const late = `setp.lt.u32 %p1, %r2, 16; mov.u32 %r6, %r4; @%p1 bra ALL;
shfl.sync.bfly.b32 %r6, %r4, 1, 31, 0xffff0000;
ALL: shfl.sync.bfly.b32 %r5, %r6, 16, 31, ${full};`
  const { result, findings } = lanes(late, hundreds)
  expect(findings).toEqual([])
  expect(result).toEqual(count.map((lane) => 100 + (lane < 16 ? (lane + 16) ^ 1 : lane - 16)))
})

it('finds a lane that reads from one outside its mask, and a guard that some lanes fail', () => {
  expect(lanes('setp.lt.u32 %p1, %r2, 4; @%p1 shfl.sync.bfly.b32 %r5, %r4, 4, 31, 0xf;', hundreds).findings).toEqual([
    'shuffle-mask',
  ])
  expect(lanes(`setp.lt.u32 %p1, %r2, 4; @%p1 shfl.sync.bfly.b32 %r5, %r4, 1, 31, ${full};`, hundreds).findings).toEqual([
    'shuffle-mask',
  ])
  const guarded = lanes('setp.lt.u32 %p1, %r2, 4; @%p1 shfl.sync.bfly.b32 %r5, %r4, 1, 31, 0xf;', hundreds)
  expect(guarded.findings).toEqual([])
  expect(guarded.result).toEqual(count.map((lane) => (lane < 4 ? 100 + (lane ^ 1) : 0)))
})

it('waits at barriers with numbers for as many threads as they say, in whole warps', () => {
  const name = (number: number, count: string): string => `bar.sync ${number}${count};`
  const split = (low: string, high: string): { readonly result: number[]; readonly findings: string[] } =>
    lanes(`setp.lt.u32 %p1, %r2, 32; @%p1 bra LOW;\n${high} mov.u32 %r5, 2; bra.uni DONE;\nLOW: ${low} mov.u32 %r5, 1;\nDONE:`, [
      ...count,
      ...count,
    ])
  const halves = [...count.map(() => 1), ...count.map(() => 2)]
  expect(split(name(1, ', 32'), name(2, ', 32'))).toEqual({ result: halves, findings: [] })
  expect(split(name(3, ', 64'), name(3, ', 64'))).toEqual({ result: halves, findings: [] })
  expect(split('bar.arrive 4, 64;', name(4, ', 64'))).toEqual({ result: halves, findings: [] })
  // Live threads at different barriers wait for each other for ever; so does one warp for a second one that has ended.
  expect(split(name(1, ''), name(2, ''))).toEqual({ result: halves, findings: ['barrier-divergence', 'barrier-divergence'] })
  expect(split(name(5, ', 64'), '').findings).toEqual(['barrier-divergence'])
  expect(split(name(6, ', 32'), name(6, ', 64')).findings).toContain('barrier-divergence')
  expect(() => split(name(16, ', 64'), name(16, ', 64'))).toThrow(LaunchError)
  expect(() => split(name(1, ', 40'), name(1, ', 40'))).toThrow(/whole warps of 32/)
})

it('reads fractions, and the carry of sums', () => {
  const bits = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]!
  expect(
    lanes('cvt.rn.f32.u32 %f1, %r4; mul.f32 %f1, %f1, 0.25; add.f32 %f1, %f1, -1.5; mov.b32 %r5, %f1;', [4, 9]).result,
  ).toEqual([-0.5, 0.75].map(bits))
  const carry =
    'add.cc.u32 %r6, %r4, -1; addc.cc.u32 %r5, %r4, -1; addc.u32 %r7, 0, 0; shl.b32 %r7, %r7, 31; or.b32 %r5, %r5, %r7;'
  expect(lanes(carry, [0, 1, 2]).result).toEqual([0xffffffff, 0x80000001, 0x80000002])
})

it('takes the lesser or greater of three', () => {
  const read = 'mov.b32 %f1, %r4; neg.f32 %f2, %f1; max.f32 %f3, %f1, %f2, 0f40400000; mov.b32 %r5, %f3;'
  const bits = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]!
  expect(lanes(read, [1, -7, Number.NaN].map(bits)).result).toEqual([3, 7, 3].map(bits))
  const kept = lanes(read.replace('max.f32', 'min.NaN.f32'), [1, Number.NaN].map(bits)).result
  expect(kept[0]).toBe(bits(-1))
  expect(new Float32Array(Uint32Array.of(kept[1]!).buffer)[0]).toBeNaN()
})
