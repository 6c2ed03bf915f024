/**
 * Branches, and the instructions at which a thread waits for others. Threads run one after the other, so that at a barrier,
 * a shuffle or a vote a thread leaves its function; the launch exchanges values, and later enters it again behind.
 */
import type { Emitter } from '../emit.ts'
import { record } from '../layout.ts'
import type { Operand } from '../ptx.ts'
import type { ScalarType } from '../types.ts'
import { type Kind, Modifiers, type Rule, type Rules } from './rule.ts'

export type WaitKind = 'barrier' | 'arrival' | 'warp barrier' | 'shuffle' | 'vote' | 'match' | 'reduce' | 'active'

interface Input {
  readonly slot: number
  readonly operand: Operand
  readonly type: ScalarType
}

/**
 * Beside its value, a lane brings up to three numbers: a shuffle's distance, its bounds, and the mask of the lanes that take
 * part; a barrier's number, and for how many threads it is.
 */
export type Brought = 'second' | 'third' | 'mask'
export type Fixed = Readonly<Partial<Record<Brought, number>>>

/** What a thread waits for. */
export interface Wait {
  readonly kind: WaitKind
  /** The mode: `up`, `ballot`, `add`; empty for a plain barrier. */
  readonly mode: string
  readonly signed: boolean
  /** What lanes bring that is no constant, and where in their records. */
  readonly inputs: readonly Input[]
  /** What is the same for all, and known beforehand. */
  readonly fixed: Fixed
  readonly result: { readonly operand: Operand; readonly type: ScalarType } | null
  readonly predicate: Operand | null
}

const waiting = new Set(['bar', 'barrier', 'shfl', 'vote', 'match', 'redux', 'activemask'])
export const isWait = (opcode: string): boolean => waiting.has(opcode)

/** Reads a register that is known to hold a constant. */
export type ConstantOf = (operand: Operand) => number | undefined

/** Sorts what lanes bring into what is known and what is not. */
const bring = (constantOf: ConstantOf, operands: Readonly<Partial<Record<Brought, Operand>>>): Pick<Wait, 'inputs' | 'fixed'> => {
  const inputs: Input[] = []
  const fixed: Partial<Record<Brought, number>> = {}
  for (const [name, operand] of Object.entries(operands) as [Brought, Operand][]) {
    const value = constantOf(operand)
    if (value === undefined) inputs.push({ slot: record[name], operand, type: 'u32' })
    else fixed[name] = value
  }
  return { inputs, fixed }
}

const zero: Operand = { kind: 'integer', value: 0n }

/** The number of a barrier and how many threads it waits for, 0 for all: the operands from `first` to before `end`. */
const readNumbers = (e: Emitter, constantOf: ConstantOf, first: number, end: number): Pick<Wait, 'inputs' | 'fixed'> => {
  if (end - first < 1 || end - first > 2) e.fail('the number of a barrier is expected, and perhaps that of its threads')
  return bring(constantOf, { second: e.operand(first), third: end - first > 1 ? e.operand(first + 1) : zero })
}

const readBarrier = (e: Emitter, m: Modifiers, constantOf: ConstantOf): Wait => {
  const none = { mode: '', signed: false, result: null, predicate: null }
  const { length } = e.instruction.operands
  if (m.flag('warp')) {
    m.one(['sync'])
    m.end()
    return { ...none, kind: 'warp barrier', ...bring(constantOf, { mask: e.operand(0) }) }
  }
  m.flag('cta')
  const does = m.one(['sync', 'arrive', 'red'])
  m.flag('aligned')
  if (does === 'sync') {
    m.end()
    return { ...none, kind: 'barrier', ...readNumbers(e, constantOf, 0, length) }
  }
  if (does === 'arrive') {
    m.end()
    if (length !== 2) e.fail('the number of a barrier and that of its threads are expected')
    return { ...none, kind: 'arrival', ...readNumbers(e, constantOf, 0, length) }
  }
  const mode = m.one(['popc', 'and', 'or'])
  const type = m.type(['pred', 'u32'])
  m.end()
  const { inputs, fixed } = readNumbers(e, constantOf, 1, length - 1)
  const value = { slot: record.value, operand: e.operand(length - 1), type: 'pred' } as const
  return { ...none, kind: 'barrier', mode, inputs: [...inputs, value], fixed, result: { operand: e.operand(0), type } }
}

/** What the current instruction waits for. */
export const readWait = (e: Emitter, constantOf: ConstantOf): Wait => {
  const m = new Modifiers(e)
  const { opcode } = e.instruction
  if (opcode === 'bar' || opcode === 'barrier') return readBarrier(e, m, constantOf)
  if (opcode === 'activemask') {
    m.type(['b32'])
    m.end()
    const result = { operand: e.operand(0), type: 'u32' } as const
    return { kind: 'active', mode: '', signed: false, inputs: [], fixed: {}, result, predicate: null }
  }
  m.one(['sync'])
  const type = m.type(['b32', 'pred', 'u32', 's32'])
  const mode = m.one(['up', 'down', 'bfly', 'idx', 'all', 'any', 'uni', 'ballot', 'add', 'min', 'max', 'and', 'or', 'xor'])
  m.end()
  const target = e.operand(0)
  const pair = target.kind === 'pair' ? target : { first: target, second: null }
  const kind = ({ shfl: 'shuffle', vote: 'vote', match: 'match', redux: 'reduce' } as const)[opcode] ?? e.fail('not known')
  const { inputs, fixed } =
    kind === 'shuffle'
      ? bring(constantOf, { second: e.operand(2), third: e.operand(3), mask: e.operand(4) })
      : bring(constantOf, { mask: e.operand(2) })
  const value = { slot: record.value, operand: e.operand(1), type: kind === 'vote' ? 'pred' : 'b32' } as const
  const result = { operand: pair.first, type: kind === 'vote' && mode !== 'ballot' ? 'pred' : 'b32' } as const
  return { kind, mode, signed: type === 's32', inputs: [value, ...inputs], fixed, result, predicate: pair.second }
}

const emitTrap = (e: Emitter, m: Modifiers): void => {
  m.end()
  e.code.i32(e.number)
  e.call('trap')
}

const control = (kind: Kind, writes: Rule['writes']): Rule => ({ kind: () => kind, writes, emit: null })
const always = (): boolean => true
const never = (): boolean => false
/** A barrier writes a register where it counts or joins predicates. */
const reduces: Rule['writes'] = ({ modifiers }) => modifiers.includes('red')

export const controlRules: Rules = {
  bra: control('branch', never),
  brx: control('branch', never),
  ret: control('branch', never),
  exit: control('branch', never),
  trap: { kind: () => 'branch', writes: never, emit: emitTrap },
  bar: control('barrier', reduces),
  barrier: control('barrier', reduces),
  shfl: control('warp', always),
  vote: control('warp', always),
  match: control('warp', always),
  redux: control('warp', always),
  activemask: control('warp', always),
}
