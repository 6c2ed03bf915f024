/**
 * `cp.async`: copies from global to shared memory that go on while the thread does. They are made when their group is waited
 * for; until then their destination counts as not written, so that who reads it too early is found.
 */
import { emitAccess, pushAddress, writeTrace } from '../access.ts'
import type { Emitter } from '../emit.ts'
import type { Modifiers, Rules } from './rule.ts'
import { accessBytes, isCopy, takeHints } from './spaces.ts'

const start = (e: Emitter, m: Modifiers): void => {
  const cached = m.one(['ca', 'cg'])
  m.one(['shared', 'shared::cta'])
  m.one(['global'])
  const { operands } = e.instruction
  takeHints(e, m, operands.length - 1)
  m.end()
  const bytes = accessBytes(e.instruction)
  e.operand(2)
  if (cached === 'cg' ? bytes !== 16 : ![4, 8, 16].includes(bytes))
    e.fail(`${bytes} bytes at once: ${cached === 'cg' ? '.cg copies 16' : '.ca copies 4, 8 or 16'}`)
  const { code } = e
  const hinted = e.instruction.modifiers.includes('L2::cache_hint')
  const isPart = operands.length - (hinted ? 1 : 0) > 3
  const to = emitAccess(e, e.operand(0), bytes, 'store', 'shared')
  const whole = (): void => {
    const from = emitAccess(e, e.operand(1), bytes, 'load', 'global')
    code.i32(e.number).get(to).get(from).i32(bytes)
    e.call('copyLater')
  }
  if (!isPart) {
    whole()
    return
  }
  const read = e.temporary('i32')
  e.push(e.operand(3), 'u32')
  code.tee(read).i32(bytes).op('i32.eq').if()
  whole()
  code.op('else')
  const address = e.temporary('i64')
  const from = e.temporary('i32')
  code.i32(e.number).get(to)
  pushAddress(e, e.operand(1))
  code.tee(address).i32(bytes).get(read).get(e.trace)
  e.call('copyPart')
  code.get(read).if().get(address).op('i32.wrap_i64').set(from)
  writeTrace(e, from)
  code.op('end', 'end')
}

const emitCopy = (e: Emitter, m: Modifiers): void => {
  m.one(['async'])
  switch (m.maybe(['commit_group', 'wait_group', 'wait_all'])) {
    case 'commit_group':
      m.end()
      e.call('closeCopies')
      return
    case 'wait_group':
      m.end()
      e.push(e.operand(0), 'u32')
      e.call('awaitCopies')
      return
    case 'wait_all':
      m.end()
      e.call('closeCopies')
      e.code.i32(0)
      e.call('awaitCopies')
      return
    default:
      start(e, m)
  }
}

export const copyRules: Rules = {
  cp: { kind: (instruction) => (isCopy(instruction) ? 'load' : 'move'), writes: () => false, emit: emitCopy },
}
