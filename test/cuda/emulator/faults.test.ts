/** Planted faults: each is found, once, with its line in the CUDA source; where it is a fault on a GPU, the launch ends. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { KernelArgument } from '../../../runtime/cuda/arguments.ts'
import { Emulator, type LaunchReport, type LoadedPtx, WatchdogError } from '../../../runtime/cuda/emulator/emulator.ts'
import { LaunchError } from '../../../runtime/cuda/errors.ts'
import { allVariants } from './compiled.ts'
import { handwritten, i32, kernelsOf, launchOn, lineOf, sourceOf } from './device.ts'

const source = sourceOf('faults')
const ones = (n: number): Float32Array => new Float32Array(n).fill(1)
const u32 = (value: number): KernelArgument => ({ type: 'u32', value })

const expectOne = (report: LaunchReport, kind: string, marked = true): void => {
  expect(report.findings.map((one) => [one.kind, one.sourceLine])).toEqual([[kind, marked ? lineOf(source, `// ${kind}`) : null]])
  expect(report.faulted).toBe(kind === 'out-of-bounds' || kind === 'misaligned')
}

describe.each(allVariants)('$title', ({ load }) => {
  const device = new Emulator()
  let ptx: LoadedPtx
  beforeEach(async (context) => {
    ptx = await load('faults', context)
  })
  const run = (name: string, block: number, ...args: Parameters<typeof launchOn>[4]) =>
    launchOn(device, ptx, name, { grid: 1, block }, args)

  it('a load out of bounds, and where it lies', () => {
    const report = run('beyond', 32, { input: ones(32) }, { both: ones(32) }, i32(8))
    expectOne(report, 'out-of-bounds')
    const [finding] = report.findings
    expect(finding!.message).toContain("a load of 4 bytes at 0x100080, 0 bytes behind the end of 'input' (128 bytes)")
    expect([finding!.block, finding!.thread]).toEqual([
      [0, 0, 0],
      [24, 0, 0],
    ])
    expect(run('beyond', 32, { input: ones(40) }, { output: ones(32) }, i32(8)).findings).toEqual([])
  })
  it('far out of bounds, before the beginning, through null', () => {
    for (const offset of [2 ** 28, -(2 ** 30), -8])
      expectOne(run('beyond', 1, { input: ones(1) }, { both: ones(1) }, i32(offset)), 'out-of-bounds')
    const none: KernelArgument = { type: 'u64', value: 0n }
    const report = run('beyond', 1, none, { both: ones(1) }, i32(0))
    expectOne(report, 'out-of-bounds')
    expect(report.findings[0]!.message).toContain('a null pointer')
  })
  it('memory that is freed', () => {
    const pointer = device.allocate(64)
    device.free(pointer)
    expectOne(run('beyond', 1, { type: 'u64', value: pointer + 2 ** 20 }, { both: ones(1) }, i32(0)), 'out-of-bounds')
    expect(() => device.free(pointer)).toThrow(LaunchError)
  })
  it('a misaligned vector', () => expectOne(run('crooked', 4, { input: ones(32) }, { both: ones(16) }), 'misaligned'))
  it('memory that nothing has written', () => {
    const pointer = device.allocate(128)
    device.write(pointer, ones(16))
    const report = run('unread', 32, { type: 'u64', value: pointer }, { output: ones(32) })
    expectOne(report, 'uninitialised')
    expect(report.findings[0]!.thread).toEqual([16, 0, 0])
    device.free(pointer)
  })
  it('a race in shared memory between warps', () => {
    const line = lineOf(source, '// shared-race')
    for (const block of [64, 48]) {
      const { findings } = run('racing', block, { input: ones(64) }, { both: ones(64) })
      // Threads run in turn: the first read what is not written yet, and both ends of the race are named.
      expect(findings.map((one) => [one.kind, one.sourceLine])).toEqual([
        ['uninitialised', line],
        ['shared-race', line - 1],
        ['shared-race', line],
      ])
    }
  })
  it('a race within one warp, which a barrier of the warp ends', () => {
    const body = (
      between: string,
    ): string => `mov.u32 %r5, s; shl.b32 %r6, %r2, 2; add.u32 %r6, %r5, %r6; st.shared.u32 [%r6], %r2;
${between} xor.b32 %r7, %r2, 1; shl.b32 %r7, %r7, 2; add.u32 %r7, %r5, %r7; ld.shared.u32 %r8, [%r7];`
    const kinds = (between: string): string[] => {
      const ptx = handwritten(body(between), '.shared .align 4 .b8 s[128];')
      const report = launchOn(device, ptx, 'k', { grid: 1, block: 32 }, [{ input: ones(1) }, { both: ones(1) }])
      return [...new Set(report.findings.map(({ kind }) => kind))].sort()
    }
    expect(kinds('')).toEqual(['shared-race', 'uninitialised'])
    expect(kinds('bar.warp.sync 0xffffffff;')).toEqual([])
    expect(kinds('bar.sync 0;')).toEqual([])
  })
  it('a barrier that some threads skip, and others wait at', () => {
    expectOne(run('skipping', 64, { input: ones(64) }, { both: ones(64) }, i32(40)), 'barrier-divergence')
    expect(run('skipping', 64, { input: ones(64) }, { output: ones(64) }, i32(0)).findings).toEqual([])
    expect(run('skipping', 64, { input: ones(64) }, { output: ones(64) }, i32(64)).findings).toEqual([])
  })
  it('a shuffle whose mask names lanes that are not there', () => {
    expectOne(run('shuffling', 32, { input: ones(32) }, { both: ones(32) }, i32(16), u32(0xffffffff)), 'shuffle-mask')
    expectOne(run('shuffling', 32, { input: ones(32) }, { both: ones(32) }, i32(32), u32(0xffff)), 'shuffle-mask')
    expect(run('shuffling', 32, { input: ones(32) }, { output: ones(32) }, i32(32), u32(0xffffffff)).findings).toEqual([])
  })
  it('an output that is not written in full', () => {
    const report = run('forgetting', 32, { input: ones(32) }, { output: ones(32) }, i32(20))
    expectOne(report, 'unwritten', false)
    expect(report.findings[0]!.message).toBe("48 of 128 bytes of 'output' were not written, the first being byte 80")
  })
  it('an output that is written twice', () => {
    expectOne(run('repeating', 32, { input: ones(32) }, { output: ones(32) }, i32(5)), 'double-write')
    expect(run('repeating', 32, { input: ones(32) }, { both: ones(32) }, i32(5)).findings).toEqual([])
  })
  it('an endless kernel', () => {
    const both = new Int32Array(1)
    expect(() => launchOn(device, ptx, 'endless', { grid: 1, block: 1, timeLimit: 100 }, [{ both }])).toThrow(WatchdogError)
    // The device is as good as before.
    expect(run('repeating', 32, { input: ones(32) }, { output: ones(32) }, i32(99)).findings).toEqual([])
  })
  it('counts what is fetched: a stride of 32 bytes needs a sector for each lane', () => {
    const body = 'mul.wide.u32 %rd3, %r3, 32; add.s64 %rd3, %rd1, %rd3; ld.global.f32 %f1, [%rd3];'
    const report = launchOn(device, handwritten(body), 'k', { grid: 1, block: 32 }, [{ input: ones(256) }, { both: ones(1) }])
    expect(report.counts.globalLoads).toEqual({ accesses: 1, bytes: 128, sectors: 32 })
  })
  it('counts conflicts of banks', () => {
    const conflicts = (stride: number): number => {
      const body = `mul.lo.u32 %r4, %r2, ${stride}; mov.u32 %r5, s; add.u32 %r5, %r5, %r4; st.shared.u32 [%r5], %r4;`
      const ptx = handwritten(body, '.shared .align 4 .b8 s[4096];')
      return launchOn(device, ptx, 'k', { grid: 1, block: 32 }, [{ input: ones(1) }, { both: ones(1) }]).counts.shared.conflicts
    }
    expect([4, 8, 12, 128].map(conflicts)).toEqual([0, 1, 0, 31])
  })
})

it('finds a kernel that writes to its parameters', () => {
  const ptx = handwritten('mov.b64 %rd3, x; st.global.u32 [%rd3+4], %r2;')
  const report = launchOn(new Emulator(), ptx, 'k', { grid: 1, block: 1 }, [{ input: ones(1) }, { both: ones(1) }])
  expect(report.findings[0]!.message).toContain('a store of 4 bytes at 0x1004, byte 4 of the parameters, which can only be read')
  expect([report.findings[0]!.kind, report.faulted]).toEqual(['out-of-bounds', true])
})

it('gives back what a launch took that did not get all it needs', () => {
  const device = new Emulator()
  const ptx = handwritten('bar.sync 0;', '.local .align 4 .b8 large[300000]; .reg .b64 %l; mov.u64 %l, large;')
  for (let k = 0; k < 3; k++)
    expect(() => launchOn(device, ptx, 'k', { grid: 1, block: 1024 }, [{ input: ones(1) }, { both: ones(1) }])).toThrow(
      /out of memory: no 307\d+ bytes in one piece are left for 'local memory'/,
    )
  expect(launchOn(device, ptx, 'k', { grid: 1, block: 512 }, [{ input: ones(1) }, { both: ones(1) }]).findings).toEqual([])
})

describe('what no device would launch', () => {
  const device = new Emulator({ memoryLimit: 4096 })
  const { kernels } = kernelsOf('faults', 80)
  const kernel = kernels.get('forgetting')!
  const pointer: KernelArgument = { type: 'u64', value: device.allocate(16) }
  const args = [pointer, pointer, i32(0)]
  it.each([
    ['a grid of 0 blocks', { grid: [0, 1, 1], block: [1, 1, 1], args }, /grid of 0 x 1 x 1/],
    ['2048 threads', { grid: [1, 1, 1], block: [1024, 2, 1], args }, /2048 threads/],
    ['half a thread', { grid: [1, 1, 1], block: [0.5, 1, 1], args }, /0.5 x 1 x 1/],
    ['a missing argument', { grid: [1, 1, 1], block: [1, 1, 1], args: [pointer] }, /takes 3 arguments, but 1/],
    [
      'a float for an integer',
      { grid: [1, 1, 1], block: [1, 1, 1], args: [pointer, pointer, { type: 'f32', value: 1 }] },
      /argument 3.*f32/,
    ],
    ['half an integer', { grid: [1, 1, 1], block: [1, 1, 1], args: [pointer, pointer, i32(0.5)] }, /0.5 is none/],
    ['too much shared memory', { grid: [1, 1, 1], block: [1, 1, 1], args, sharedBytes: 2 ** 20 }, /1048576 bytes of dynamic/],
    ['an output that is none', { grid: [1, 1, 1], block: [1, 1, 1], args, outputs: [12] }, /0xc is no allocation/],
  ] as const)('%s', (_, request, message) => {
    expect(() => device.launch(kernel, request as Parameters<Emulator['launch']>[1])).toThrow(LaunchError)
    expect(() => device.launch(kernel, request as Parameters<Emulator['launch']>[1])).toThrow(message)
  })
  it('memory has an end, and is given back', () => {
    expect(() => device.allocate(8192)).toThrow(/out of memory/)
    const all = device.allocate(4080)
    expect(all % 256).toBe(0)
    expect(() => device.allocate(1)).toThrow(/0 of 4096 are left/)
    device.free(all)
    expect(() => device.write(device.allocate(8), new Float32Array(3))).toThrow(/lie in no allocation/)
  })
})
