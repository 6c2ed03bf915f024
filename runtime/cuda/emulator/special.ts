/** PTX's special registers: who the thread is, how large the launch, what the clock says. */
import { record, registers } from './layout.ts'
import type { Code } from './wasm.ts'

/** Locals of every translated kernel, before its registers. */
export const locals = {
  /** Where the thread goes on. */
  entry: 0,
  /** The address of its record. */
  record: 1,
  /** Where the next line of its trace goes. */
  trace: 2,
  /** The carry flag of `add.cc` and its like. */
  carry: 3,
  first: 4,
} as const

type Push = (code: Code) => void

const ofThread =
  (field: number): Push =>
  (code) => {
    code.get(locals.record).memory('i32.load', field)
  }
const ofLaunch =
  (cell: number): Push =>
  (code) => {
    code.i32(0).memory('i32.load', cell)
  }
const constant =
  (value: number): Push =>
  (code) => {
    code.i32(value)
  }

/** The bit of the thread's own lane. */
const lane = (code: Code): Code => code.i32(1).get(locals.record).memory('i32.load', record.laneid).op('i32.shl')

/** Leaves the clock, in 64 bits, and lets it go on. */
export const pushClock = (code: Code): void => {
  const at = registers.clock
  code.i32(0).i32(0).memory('i64.load', at).i64(16n).op('i64.add').memory('i64.store', at)
  code.i32(0).memory('i64.load', at)
}

const axes = ['x', 'y', 'z'] as const

/** Registers of 32 bits, by their names. */
export const specialRegisters: ReadonlyMap<string, Push> = new Map<string, Push>([
  ...axes.map((axis, k) => [`%tid.${axis}`, ofThread(record.tid + 4 * k)] as const),
  ...(['ntid', 'ctaid', 'nctaid'] as const).flatMap((name) =>
    axes.map((axis, k) => [`%${name}.${axis}`, ofLaunch(registers[name] + 4 * k)] as const),
  ),
  ['%laneid', ofThread(record.laneid)],
  ['%warpid', ofThread(record.warpid)],
  ['%shared_base', ofLaunch(registers.shared)],
  ['%total_smem_size', ofLaunch(registers.sharedBytes)],
  ['%dynamic_smem_size', ofLaunch(registers.dynamicBytes)],
  ['%lanemask_eq', (code) => void lane(code)],
  ['%lanemask_lt', (code) => void lane(code).i32(1).op('i32.sub')],
  ['%lanemask_le', (code) => void lane(lane(code).i32(1).op('i32.sub')).op('i32.or')],
  ['%lanemask_ge', (code) => void lane(code.i32(0)).op('i32.sub')],
  // -2 << lane.
  ['%lanemask_gt', (code) => void code.i32(-2).get(locals.record).memory('i32.load', record.laneid).op('i32.shl')],
  // One multiprocessor, one grid.
  ['%nwarpid', constant(32)],
  ['%nsmid', constant(1)],
  ['%smid', constant(0)],
  ['%gridid', constant(0)],
])

/** Registers of the clock: their lower or upper half, or all of it. */
export const clockRegisters: ReadonlyMap<string, 'low' | 'high' | 'whole'> = new Map([
  ['%clock', 'low'],
  ['%clock_hi', 'high'],
  ['%clock64', 'whole'],
  ['%globaltimer', 'whole'],
  ['%globaltimer_lo', 'low'],
  ['%globaltimer_hi', 'high'],
] as const)
