/** Loads and stores, and what orders them. Each address is checked, and what others see of an access goes into the trace. */
import { emitAccess } from '../access.ts'
import type { Emitter } from '../emit.ts'
import type { Operand } from '../ptx.ts'
import { bytesOf, type ScalarType } from '../types.ts'
import { effect, type Modifiers, type Rule, type Rules, rule } from './rule.ts'
import { elementsOf, loadOf, storeOf, takeAll, takeHints, takeSpace } from './spaces.ts'

// biome-ignore format: a list
const accessed = [
  'b8', 'u8', 's8', 'b16', 'u16', 's16', 'f16', 'bf16', 'b32', 'u32', 's32', 'f32', 'f16x2', 'bf16x2', 'b64', 'u64', 's64', 'f64',
] as const

/** A kernel's parameters are read at their place, without a check beyond their own extent. */
const loadParameter = (e: Emitter, place: number, elements: readonly Operand[], type: ScalarType, offset: bigint): void => {
  elements.forEach((element, k) => {
    const at = Number(offset) + k * bytesOf(type)
    if (!(at >= 0 && at < 4096 * 8)) e.fail(`an offset of ${at} leads out of the parameters`)
    e.code.i32(0).memory(loadOf(type), place + at)
    e.pop(element, type)
  })
}

const load = (e: Emitter, m: Modifiers): void => {
  const type = m.type(accessed)
  const vector = m.maybe(['v2', 'v4', 'v8'])
  const space = takeSpace(e, m)
  takeHints(e, m, 2)
  m.end()
  const elements = elementsOf(e, e.operand(0), vector)
  const source = e.operand(1)
  if (space === 'param' && source.kind === 'address' && source.base.kind === 'name') {
    const place = e.place(source.base.name) ?? e.fail(`'${source.base.name}' is no parameter`)
    if (place.base === 'parameter') {
      loadParameter(e, place.offset, elements, type, source.offset)
      return
    }
  }
  const at = emitAccess(e, source, bytesOf(type) * elements.length, 'load', space)
  elements.forEach((element, k) => {
    e.code.get(at).memory(loadOf(type), k * bytesOf(type))
    e.pop(element, type)
  })
}

const store = (e: Emitter, m: Modifiers): void => {
  const type = m.type(accessed)
  const vector = m.maybe(['v2', 'v4', 'v8'])
  const space = takeSpace(e, m)
  takeHints(e, m, 2)
  m.end()
  if (space === 'const') e.fail('constant memory is not written')
  const target = e.operand(0)
  // What a call passes lies in local memory; a kernel's own parameters are not written.
  const name = target.kind === 'address' && target.base.kind === 'name' ? target.base.name : ''
  if (space === 'param' && e.place(name)?.base !== 'local') e.fail(`'${name}' is no parameter of a call`)
  const elements = elementsOf(e, e.operand(1), vector)
  const at = emitAccess(e, target, bytesOf(type) * elements.length, 'store', space)
  elements.forEach((element, k) => {
    e.code.get(at)
    e.push(element, type)
    e.code.memory(storeOf(type), k * bytesOf(type))
  })
}

const nothing = (known: RegExp, operands = 0): Rule =>
  effect('move', (e, m) => {
    takeAll(e, m, known)
    m.end()
    for (let k = 0; k < operands; k++) e.operand(k)
  })

export const memoryRules: Rules = {
  ld: rule('load', load),
  ldu: rule('load', load),
  st: effect('store', store),
  // Orders between threads, and hints: threads run one after the other, in memory that all see.
  membar: nothing(/^(?:cta|gl|sys)$/),
  fence: nothing(/^(?:acq_rel|sc|cta|cluster|gpu|sys)$/),
  prefetch: nothing(/^(?:global|local|L1|L2|L2::evict_\w+)$/, 1),
  nanosleep: nothing(/^u32$/, 1),
  createpolicy: rule('move', (e, m) => {
    // Only hints take a policy, and hints change nothing.
    m.type(['b64'])
    m.one(['fractional'])
    takeAll(e, m, /^L2::evict_\w+$/)
    m.end()
    if (e.instruction.operands.length > 1) e.operand(1)
    e.code.i64(0n)
    e.pop(e.operand(0), 'b64')
  }),
  isspacep: rule('integer', (e, m) => {
    const space = m.one(['global', 'shared', 'local', 'const'])
    m.end()
    if (space !== 'global' && space !== 'shared') e.fail(`.${space} is not supported`)
    // Whether the address lies in the shared window.
    e.push(e.operand(1), 'u64')
    e.push({ kind: 'special', name: '%shared_base' }, 'u64')
    e.code.op('i64.sub')
    e.push({ kind: 'special', name: '%total_smem_size' }, 'u64')
    e.code.op('i64.lt_u')
    if (space === 'global') e.code.op('i32.eqz')
    e.pop(e.operand(0), 'pred')
  }),
}
