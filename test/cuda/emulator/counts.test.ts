/** What is counted, against a model that knows nothing of traces: each access of a warp from lists of what each lane does. */
import { expect, it } from 'vitest'
import { Emulator } from '../../../runtime/cuda/emulator/emulator.ts'
import { handwritten, launchOn } from './device.ts'

const device = new Emulator()

/** Offsets of an access in elements, by step and thread; -1 where a thread leaves the step out. */
type Plan = readonly (readonly number[])[]

interface Cost {
  accesses: number
  bytes: number
  sectors: number
  conflicts: number
}

/** The k-th accesses of a warp's lanes are one; each costs the sectors and the passes over banks that it needs. */
const costOf = (plan: Plan, bytes: number, threads: number): Cost => {
  const cost = { accesses: 0, bytes: 0, sectors: 0, conflicts: 0 }
  for (let warp = 0; warp < threads; warp += 32) {
    const lanes = Array.from({ length: Math.min(32, threads - warp) }, (_, lane) =>
      plan.map((step) => step[warp + lane]!).filter((offset) => offset >= 0),
    )
    for (let k = 0; lanes.some(({ length }) => length > k); k++) {
      const addresses = lanes.flatMap((own) => (own.length > k ? [own[k]! * bytes] : []))
      cost.accesses++
      cost.bytes += addresses.length * bytes
      cost.sectors += new Set(addresses.map((address) => Math.floor(address / 32))).size
      const words = Math.max(1, bytes / 4)
      const together = 32 / words
      for (let from = 0; from < addresses.length; from += together) {
        const banks = Array.from({ length: 32 }, () => new Set<number>())
        for (const address of addresses.slice(from, from + together))
          for (let word = 0; word < words; word++) {
            const at = Math.floor(address / 4) + word
            banks[at % 32]!.add(at)
          }
        cost.conflicts += Math.max(...banks.map(({ size }) => size)) - 1
      }
    }
  }
  return cost
}

let state = 0x9e3779b9
const random = (below: number): number => {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % below
}

const size = 512
const plans: Readonly<Record<string, (step: number, thread: number) => number>> = {
  'one after the other': (step, thread) => step + thread,
  'a stride of two': (_, thread) => 2 * thread,
  'a stride of nine': (_, thread) => (9 * thread) % size,
  'a stride of 32': (_, thread) => (32 * thread) % size,
  'one for all': (step) => 5 * step,
  'against the order': (_, thread) => size - 1 - thread,
  'pairs change places': (_, thread) => thread ^ 1,
  'at random': () => random(size),
  'half of the lanes, at random': () => (random(2) ? random(size) : -1),
  'fewer with each step': (step, thread) => (thread % 8 > step ? thread : -1),
  'one lane alone': (step, thread) => (thread === 17 ? step : -1),
}

// Registers of the element, and the space's and the width's instruction.
const accesses = {
  4: { type: 'f32', values: '%f1' },
  8: { type: 'v2.f32', values: '{%f1, %f2}' },
  16: { type: 'v4.f32', values: '{%f1, %f2, %f3, %f4}' },
} as const
const widths = [4, 8, 16] as const

/** Runs through a plan, which lies in x: each thread loops over the steps, and makes an access where it has one. */
const run = (plan: Plan, threads: number, access: string, shared: boolean) => {
  const words = Int32Array.from(plan.flat())
  const body = `mov.u32 %r10, 0;
LOOP: mad.lo.u32 %r11, %r10, ${threads}, %r2; mul.wide.u32 %rd5, %r11, 4; add.s64 %rd5, %rd1, %rd5;
ld.global.s32 %r12, [%rd5];
setp.lt.s32 %p1, %r12, 0; @%p1 bra NEXT;
${access}
NEXT: add.u32 %r10, %r10, 1; setp.lt.u32 %p2, %r10, ${plan.length}; @%p2 bra LOOP;`
  const registers = shared ? `.shared .align 16 .b8 s[${16 * size}];` : ''
  const memory = new Uint8Array(16 * size)
  const ptx = handwritten(`mov.f32 %f1, 0f00000000; mov.f32 %f2, %f1; mov.f32 %f3, %f1; mov.f32 %f4, %f1; ${body}`, registers)
  const { counts, faulted } = launchOn(device, ptx, 'k', { grid: 1, block: threads }, [{ input: words }, { both: memory }])
  expect(faulted).toBe(false)
  return counts
}

/** What reading the plan itself takes. */
const planCost = (plan: Plan, threads: number): Cost =>
  costOf(
    plan.map((step, k) => step.map((_, thread) => k * threads + thread)),
    4,
    threads,
  )

const cases = Object.keys(plans).flatMap((name) =>
  widths.flatMap((bytes) => [32, 48, 96].map((threads) => ({ name, bytes, threads }))),
)

it.each(cases)('$name, $bytes bytes, $threads threads', ({ name, bytes, threads }) => {
  const plan: Plan = Array.from({ length: 5 }, (_, step) =>
    Array.from({ length: threads }, (_, thread) => plans[name]!(step, thread)),
  )
  const expected = costOf(plan, bytes, threads)
  const read = planCost(plan, threads)
  const { type, values } = accesses[bytes]
  const sumOf = (a: Cost, b: Cost) => ({
    accesses: a.accesses + b.accesses,
    bytes: a.bytes + b.bytes,
    sectors: a.sectors + b.sectors,
  })
  const none = { accesses: 0, bytes: 0, sectors: 0, conflicts: 0 }
  const address = `mul.wide.u32 %rd6, %r12, ${bytes}; add.s64 %rd6, %rd2, %rd6;`
  const loads = run(plan, threads, `${address} ld.global.${type} ${values}, [%rd6];`, false)
  expect([loads.globalLoads, loads.globalStores]).toEqual([sumOf(read, expected), sumOf(none, none)])
  const stores = run(plan, threads, `${address} st.global.${type} [%rd6], ${values};`, false)
  expect([stores.globalLoads, stores.globalStores]).toEqual([sumOf(read, none), sumOf(expected, none)])
  const inShared = `mov.u32 %r13, s; mad.lo.u32 %r13, %r12, ${bytes}, %r13; st.shared.${type} [%r13], ${values};`
  const shared = run(plan, threads, inShared, true)
  expect(shared.shared).toEqual({ accesses: expected.accesses, conflicts: expected.conflicts })
  expect([shared.globalLoads, shared.untraced]).toEqual([sumOf(read, none), 0])
})

it('counts instructions by how often each block runs, guarded ones too', () => {
  const body = `mov.u32 %r10, 0; setp.gt.u32 %p1, %r2, 9;
LOOP: add.u32 %r10, %r10, 1; @%p1 add.u32 %r11, %r10, 1; setp.lt.u32 %p2, %r10, %r2; @%p2 bra LOOP;`
  const report = launchOn(device, handwritten(body), 'k', { grid: 3, block: 40 }, [
    { input: new Uint8Array(4) },
    { both: new Uint8Array(4) },
  ])
  const rounds = 3 * Array.from({ length: 40 }, (_, tid) => Math.max(1, tid)).reduce((a, b) => a + b)
  const { integer, branch, move, load } = report.counts.instructions
  // The frame of handwritten kernels: two loads of parameters, three moves, a product and a return.
  expect({ integer, branch, move, load }).toEqual({ integer: 240 + 3 * rounds, branch: rounds + 120, move: 480, load: 240 })
  expect(report.counts.threads).toBe(120)
})

it.each([
  [8192, 0],
  [8193, 1],
  [30_000, 21_808],
])('compares 8192 accesses of a lane: of %i, %i are left', (steps, left) => {
  const body = `mov.u32 %r10, 0; mul.wide.u32 %rd5, %r2, 4; add.s64 %rd5, %rd1, %rd5;
LOOP: ld.global.f32 %f1, [%rd5]; add.u32 %r10, %r10, 1; setp.lt.u32 %p2, %r10, ${steps}; @%p2 bra LOOP;`
  const x = new Float32Array(64)
  const { counts } = launchOn(device, handwritten(body), 'k', { grid: 1, block: 64 }, [{ input: x }, { both: x }])
  const accesses = 2 * Math.min(steps, 8192)
  expect(counts.globalLoads).toEqual({ accesses, bytes: 128 * accesses, sectors: 4 * accesses })
  expect(counts.untraced).toBe(64 * left)
})

it('has room for blocks of thousands of accesses, and finds races in all of them', () => {
  const lines = Array.from({ length: 3000 }, (_, k) => `ld.global.f32 %f1, [%rd1+${4 * (k % 16)}];`).join('\n')
  const body = `mov.u32 %r10, 0;\nLOOP: ${lines} add.u32 %r10, %r10, 1; setp.lt.u32 %p2, %r10, 5; @%p2 bra LOOP;`
  const x = new Float32Array(16)
  const { counts } = launchOn(device, handwritten(body), 'k', { grid: 1, block: 32 }, [{ input: x }, { both: x }])
  expect([counts.globalLoads.accesses, counts.untraced]).toEqual([8192, 32 * (15_000 - 8192)])
})
