/**
 * Branches, and the instructions at which a thread waits for others. Threads run one after the other, so that at a barrier,
 * a shuffle or a vote a thread leaves its function; the launch exchanges values, and later enters it again behind.
 */
import type { Emitter } from '../emit.ts'
import type { Operand } from '../ptx.ts'
import type { ScalarType } from '../types.ts'
import { type Kind, Modifiers, type Rule, type Rules } from './rule.ts'

/** Places in a thread's frame where values are exchanged. Saved registers follow. */
export const exchange = { value: 0, second: 4, third: 8, mask: 12, result: 16, predicate: 20, bytes: 32 } as const

export type WaitKind = 'barrier' | 'warp barrier' | 'shuffle' | 'vote' | 'match' | 'reduce' | 'active'

/** What a thread waits for. */
export interface Wait {
  readonly kind: WaitKind
  /** The mode: `up`, `ballot`, `add`; empty for a plain barrier. */
  readonly mode: string
  readonly signed: boolean
  readonly inputs: readonly { readonly slot: number; readonly operand: Operand; readonly type: ScalarType }[]
  readonly result: { readonly operand: Operand; readonly type: ScalarType } | null
  readonly predicate: Operand | null
}

const waiting = new Set(['bar', 'barrier', 'shfl', 'vote', 'match', 'redux', 'activemask'])
export const isWait = (opcode: string): boolean => waiting.has(opcode)

const readBarrier = (e: Emitter, m: Modifiers): Wait => {
  const none = { signed: false, predicate: null }
  if (m.flag('warp')) {
    m.one(['sync'])
    m.end()
    const inputs = [{ slot: exchange.mask, operand: e.operand(0), type: 'u32' }] as const
    return { ...none, kind: 'warp barrier', mode: '', inputs, result: null }
  }
  m.flag('cta')
  if (m.one(['sync', 'red']) === 'sync') {
    m.flag('aligned')
    m.end()
    if (e.instruction.operands.length > 1) e.fail('barriers of some threads only are not supported')
    return { ...none, kind: 'barrier', mode: '', inputs: [], result: null }
  }
  m.flag('aligned')
  const mode = m.one(['popc', 'and', 'or'])
  const type = m.type(['pred', 'u32'])
  m.end()
  if (e.instruction.operands.length !== 3) e.fail('barriers of some threads only are not supported')
  const inputs = [{ slot: exchange.value, operand: e.operand(2), type: 'pred' }] as const
  return { ...none, kind: 'barrier', mode, inputs, result: { operand: e.operand(0), type } }
}

/** What the current instruction waits for. */
export const readWait = (e: Emitter): Wait => {
  const m = new Modifiers(e)
  const { opcode } = e.instruction
  if (opcode === 'bar' || opcode === 'barrier') return readBarrier(e, m)
  if (opcode === 'activemask') {
    m.type(['b32'])
    m.end()
    const result = { operand: e.operand(0), type: 'u32' } as const
    return { kind: 'active', mode: '', signed: false, inputs: [], result, predicate: null }
  }
  m.one(['sync'])
  const type = m.type(['b32', 'pred', 'u32', 's32'])
  const mode = m.one(['up', 'down', 'bfly', 'idx', 'all', 'any', 'uni', 'ballot', 'add', 'min', 'max', 'and', 'or', 'xor'])
  m.end()
  const target = e.operand(0)
  const pair = target.kind === 'pair' ? target : { first: target, second: null }
  const kind = ({ shfl: 'shuffle', vote: 'vote', match: 'match', redux: 'reduce' } as const)[opcode] ?? e.fail('not known')
  const input = (slot: number, index: number, as: ScalarType) => ({ slot, operand: e.operand(index), type: as })
  const inputs =
    kind === 'shuffle'
      ? [
          input(exchange.value, 1, 'b32'),
          input(exchange.second, 2, 'u32'),
          input(exchange.third, 3, 'u32'),
          input(exchange.mask, 4, 'u32'),
        ]
      : [input(exchange.value, 1, kind === 'vote' ? 'pred' : 'b32'), input(exchange.mask, 2, 'u32')]
  const result = { operand: pair.first, type: kind === 'vote' && mode !== 'ballot' ? 'pred' : 'b32' } as const
  return { kind, mode, signed: type === 's32', inputs, result, predicate: pair.second }
}

const emitTrap = (e: Emitter, m: Modifiers): void => {
  m.end()
  e.code.i32(e.number)
  e.call('trap')
}

const control = (kind: Kind, writes = false): Rule => ({ kind: () => kind, writes, emit: null })

export const controlRules: Rules = {
  bra: control('branch'),
  brx: control('branch'),
  ret: control('branch'),
  exit: control('branch'),
  trap: { kind: () => 'branch', writes: false, emit: emitTrap },
  // `bar.red` alone writes a register; that a plain barrier's number is no register makes the difference harmless.
  bar: control('barrier', true),
  barrier: control('barrier', true),
  shfl: control('warp', true),
  vote: control('warp', true),
  match: control('warp', true),
  redux: control('warp', true),
  activemask: control('warp', true),
}
