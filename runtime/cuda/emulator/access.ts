/**
 * What is written around each access to memory: that its address is one of the device's, aligned, and known as the access
 * wants it; and its line in the trace. All of it stands in place: a call would cost more than the checks. What is not as it
 * should be goes to the launch's `fault`, which throws where a GPU would fault, and else notes a finding and lets it happen.
 */
import type { Emitter } from './emit.ts'
import { known, shadow, trace } from './layout.ts'
import type { AddressSpace, Operand } from './ptx.ts'
import { type Mode, modes } from './races.ts'
import { valueTypeOf } from './types.ts'
import type { Code } from './wasm.ts'

export type AccessKind = 'load' | 'store' | 'atomic'
const accessKinds: readonly AccessKind[] = ['load', 'store', 'atomic']

const widths = [1, 2, 4, 8, 16, 32] as const
type Width = (typeof widths)[number]
const isWidth = (bytes: number): bytes is Width => (widths as readonly number[]).includes(bytes)

/** An access in one number, as `fault` takes it. */
const packed = (bytes: Width, kind: AccessKind): number => accessKinds.indexOf(kind) * 64 + bytes
export const unpackAccess = (access: number): { readonly bytes: number; readonly kind: AccessKind } => ({
  bytes: access & 63,
  kind: accessKinds[access >> 6] ?? 'load',
})

const shadowAccesses = {
  1: ['i32.load8_u', 'i32.store8'],
  2: ['i32.load16_u', 'i32.store16'],
  4: ['i32.load', 'i32.store'],
  8: ['i64.load', 'i64.store'],
} as const

/** A state for each of up to eight bytes at once. */
const pushStates = (code: Code, bytes: 1 | 2 | 4 | 8, state: number): void => {
  const all = BigInt.asUintN(8 * bytes, BigInt(state) * 0x0101_0101_0101_0101n)
  code.int(bytes === 8 ? 'i64' : 'i32', bytes === 4 ? BigInt.asIntN(32, all) : all)
}

/** Where the shadow of an access has another state than the access wants. An aligned access of eight bytes is one look. */
const checkStates = (e: Emitter, at: number, bytes: Width, kind: AccessKind, report: () => void): void => {
  const { code } = e
  const part = bytes === 16 || bytes === 32 ? 8 : bytes
  const type = part === 8 ? 'i64' : 'i32'
  const [look, keep] = shadowAccesses[part]
  // A load wants its bytes initialised; a store wants none of an output to be written already; an atomic does both.
  const wanted = kind === 'store' ? known.accessible : known.accessible | known.initialised
  const looked = kind === 'store' ? known.accessible | known.written : wanted
  const states = Array.from({ length: bytes / part }, (_, k) => {
    const state = e.temporary(type)
    code
      .get(at)
      .memory(look, shadow + k * part)
      .tee(state)
    pushStates(code, part, looked)
    code.op(`${type}.and`)
    pushStates(code, part, wanted)
    code.op(`${type}.ne`)
    if (k > 0) code.op('i32.or')
    return state
  })
  code.if()
  report()
  code.op('end')
  if (kind === 'load') return
  states.forEach((state, k) => {
    // Initialised; and what is awaited is now written, one bit further up.
    code.get(at).get(state)
    pushStates(code, part, known.initialised)
    code.op(`${type}.or`).get(state)
    pushStates(code, part, known.awaited)
    code
      .op(`${type}.and`)
      .int(type, 1n)
      .op(`${type}.shl`, `${type}.or`)
      .memory(keep, shadow + k * part)
  })
}

/** Writes the current instruction's line into the trace. */
export const writeTrace = ({ code, trace: line, number }: Emitter, at: number): void => {
  code.get(line).i32(number).memory('i32.store', 0)
  code.get(line).get(at).memory('i32.store', trace.address)
  code.get(line).i32(trace.step).op('i32.add').set(line)
}

const modeOf = { load: 'read', store: 'write', atomic: 'atomic' } as const satisfies Record<AccessKind, Mode>

/** Watches an access for races. */
const emitWatch = (e: Emitter, at: number, bytes: Width, kind: AccessKind): void => {
  if (e.watchUnit === null) return
  e.code
    .get(at)
    .i32(e.number)
    .i32(bytes / e.watchUnit)
    .i32(modes[modeOf[kind]])
  e.call('watch')
}

/** Checks the access at the 64-bit address on the stack, and notes it. Returns a local with the address in 32 bits. */
const emitCheck = (e: Emitter, bytes: Width, kind: AccessKind, space: AddressSpace): number => {
  const { code } = e
  const address = e.temporary('i64')
  const at = e.temporary('i32')
  const report = (): void => {
    code.i32(e.number).get(address).i32(packed(bytes, kind)).get(e.trace)
    e.call('fault')
  }
  code.tee(address)
  // Turned to the right, what a misaligned address leaves over is at the top: one comparison sees both.
  const shift = Math.log2(bytes)
  if (shift > 0) code.i64(BigInt(64 - shift)).op('i64.rotl')
  code
    .i64(BigInt(shadow / bytes))
    .op('i64.ge_u')
    .if()
  report()
  code.op('end').get(address).op('i32.wrap_i64').set(at)
  checkStates(e, at, bytes, kind, report)
  if (space === 'shared' || space === 'generic') emitWatch(e, at, bytes, kind)
  // Local memory and what calls pass make no traffic.
  if (space !== 'local' && space !== 'param') writeTrace(e, at)
  return at
}

/** The address of an operand in brackets, in 64 bits. */
export const pushAddress = (e: Emitter, operand: Operand): void => {
  if (operand.kind !== 'address') e.fail('an address in brackets is expected')
  const { base, offset } = operand
  // Addresses of shared memory may be of 32 bits.
  const narrow = base.kind === 'register' && valueTypeOf(e.registers[base.register]!.type) === 'i32'
  e.push(base, narrow ? 'u32' : 'u64')
  if (narrow) e.code.op('i64.extend_i32_u')
  if (offset !== 0n) e.code.i64(offset).op('i64.add')
}

/** The checked address of an operand in brackets, in a local. */
export const emitAccess = (e: Emitter, operand: Operand, bytes: number, kind: AccessKind, space: AddressSpace): number => {
  if (!isWidth(bytes)) return e.fail(`an access of ${bytes} bytes is not known`)
  pushAddress(e, operand)
  return emitCheck(e, bytes, kind, space)
}
