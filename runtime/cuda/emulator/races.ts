/**
 * Races on shared memory. Threads run one after the other, so a race shows nothing wrong by itself; instead each unit of
 * memory remembers who wrote and who read it last, and since which barrier. Two threads that touch one unit, one of them
 * writing, without a barrier between them, race: of the block, or of their warp where both are of one. A barrier for a part
 * of the block counts as one for all of it, so that what such a barrier does not order is missed rather than wrongly found.
 *
 * An access is remembered as a stamp of 64 bits: barriers that the block has passed, in the upper half; below, barriers that
 * its warp has passed by itself (19 bits), and who it was (12 bits).
 */
import { signature } from './helpers/imports.ts'
import { record, registers } from './layout.ts'
import { Code, type FunctionBody } from './wasm.ts'

/** What an access is to a race. */
export const modes = { read: 0, write: 1, atomic: 2 } as const
export type Mode = keyof typeof modes

/**
 * A unit's stamps: of the last read, or of several; of the last write; and of the last atomic, apart from it, since an atomic
 * after a write of its own warp does not undo what that write is to other warps.
 */
const unitBytes = 24
const lastRead = 0
const lastWrite = 8
const lastAtomic = 16

/** Who reads, or adds: a thread; several of one warp, as `severalInWarp + warp`; or threads of several warps. */
const severalInWarp = 1024
const several = 2048

const whoMask = 0xfff
const epochShift = 32n
const warpEpochShift = 12n
const warpEpochMask = 0x7_ffff

/** What the memory of races takes for shared memory of so many bytes. */
export const raceBytes = (sharedBytes: number, unit: number): number => Math.ceil(sharedBytes / unit) * unitBytes

/** A thread, or several, in words. */
export const nameOf = (who: number): string => {
  if (who < severalInWarp) return `thread ${who}`
  return who < several ? `several threads of warp ${who - severalInWarp}` : 'several threads'
}

/** Leaves the stamp of the thread whose record lies in a local. */
export const pushStamp = (code: Code, thread: number): void => {
  code.i32(0).memory('i64.load32_u', registers.epoch).i64(epochShift).op('i64.shl')
  code.get(thread).memory('i32.load', record.warpid).i32(4).op('i32.mul').memory('i32.load', registers.warpEpochs)
  code.i32(warpEpochMask).op('i32.and', 'i64.extend_i32_u').i64(warpEpochShift).op('i64.shl', 'i64.or')
  code.get(thread).memory('i64.load32_u', record.thread).op('i64.or')
}

/**
 * `watch(address, line, units, mode)`: notes an access, and calls `raced` where it races. Addresses outside of shared memory
 * are nobody's business here.
 * @param unit - bytes of a unit: the narrowest access of the kernel, at most 4
 * @param raced - the index of what takes the line, the address, with whom, and whether that one wrote
 */
export const watch = (unit: number, raced: number): FunctionBody => {
  const code = new Code()
  const [address, line, units, mode, at, end, mine, other, who, noted] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

  const whoOf = (stamp: number): Code => code.get(stamp).op('i32.wrap_i64').i32(whoMask).op('i32.and')
  /** Whether two stamps have the same barriers of the block behind them; of the warp. */
  const sameEpoch = (): Code => code.get(other).get(mine).op('i64.xor').i64(epochShift).op('i64.shr_u', 'i64.eqz')
  const sameWarpEpoch = (): Code =>
    code
      .get(other)
      .get(mine)
      .op('i64.xor')
      .i64(warpEpochShift)
      .op('i64.shr_u')
      .i64(BigInt(warpEpochMask))
      .op('i64.and', 'i64.eqz')
  /** Whether `who` is of the running thread's warp. */
  const sameWarp = (): Code => {
    code.get(who).i32(5).op('i32.shr_u').get(who).i32(severalInWarp).op('i32.sub')
    code.get(who).i32(severalInWarp).op('i32.lt_u', 'select')
    return whoOf(mine).i32(5).op('i32.shr_u', 'i32.eq')
  }
  const load = (stamp: number): void => {
    code.get(at).memory('i64.load', stamp).set(other)
    whoOf(other).set(who)
  }
  /** Where the access of `other` races with this one: another thread's, with no barrier of the block or the warp between. */
  const conflict = (wrote: number): void => {
    sameEpoch().if()
    whoOf(mine).get(who).op('i32.ne')
    sameWarp().op('i32.eqz')
    sameWarpEpoch().op('i32.or', 'i32.and')
    code.if()
    code.get(line).get(address).get(who).i32(wrote).call(raced).op('end', 'end')
  }

  /** Notes a read, or an atomic: beside another thread's, with the same barriers behind it, it is one of several. */
  const note = (stamp: number): void => {
    const joins = (): void => {
      code.op('i64.extend_i32_u').get(mine).i64(~BigInt(whoMask)).op('i64.and', 'i64.or').set(noted)
    }
    code.get(mine).set(noted)
    sameEpoch()
    whoOf(mine).get(who).op('i32.ne', 'i32.and').if()
    sameWarp().if()
    sameWarpEpoch().if()
    whoOf(mine).i32(5).op('i32.shr_u').i32(severalInWarp).op('i32.add')
    joins()
    code.op('end', 'else').i32(several)
    joins()
    code.op('end', 'end').get(at).get(noted).memory('i64.store', stamp)
  }

  code.get(address).i32(0).memory('i32.load', registers.shared).op('i32.sub').tee(at)
  code.i32(0).memory('i32.load', registers.sharedBytes).op('i32.ge_u').if().op('return', 'end')
  code.get(at).i32(Math.log2(unit)).op('i32.shr_u').i32(unitBytes).op('i32.mul')
  code.i32(0).memory('i32.load', registers.races).op('i32.add').tee(at)
  code.get(units).i32(unitBytes).op('i32.mul', 'i32.add').set(end)
  code.i32(0).memory('i32.load', registers.current).memory('i64.load', record.stamp).set(mine)
  code.loop()
  load(lastWrite)
  conflict(1)
  // Two atomics do not race.
  code.get(mode).i32(modes.atomic).op('i32.ne').if()
  load(lastAtomic)
  conflict(1)
  code.op('end')
  load(lastRead)
  code.get(mode).op('i32.eqz').if()
  note(lastRead)
  code.op('else')
  conflict(0)
  code.get(mode).i32(modes.atomic).op('i32.eq').if()
  load(lastAtomic)
  note(lastAtomic)
  code.op('else').get(at).get(mine).memory('i64.store', lastWrite).op('end', 'end')
  code.get(at).i32(unitBytes).op('i32.add').tee(at).get(end).op('i32.lt_u').brIf(0).op('end')
  return {
    ...signature('i32 i32 i32 i32', ''),
    locals: ['i32', 'i32', 'i64', 'i64', 'i32', 'i64'],
    code,
    exported: 'watch',
  }
}
