/**
 * Waiting changes nothing: a thread leaves its function at each wait and comes back into it, with the registers that it needs
 * and no others. Programs of all shapes, with waits strewn in, do what they do without.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Emulator } from '../../../runtime/cuda/emulator/emulator.ts'
import { handwritten, launchOn } from './device.ts'

const device = new Emulator()
const blocks = 8
const registers = 7

/** Waits of a thread that is alone in its block. */
const waits = [
  'bar.sync 0;',
  'bar.warp.sync 1;',
  '@%p1 bar.warp.sync 1;',
  'bar.red.popc.u32 %r20, 0, %p2;',
  'activemask.b32 %r20;',
] as const
/** These give the thread's own value back: what they write is what they were given. */
const identities = [
  'shfl.sync.idx.b32 R, R, 0, 0, 1;',
  'shfl.sync.idx.b32 R|%p3, R, 0, 0, 1;',
  'redux.sync.add.s32 R, R, 1;',
] as const

type Piece =
  | {
      readonly kind: 'compute'
      readonly to: number
      readonly a: number
      readonly b: number
      readonly op: string
      readonly guard: number
    }
  | { readonly kind: 'test'; readonly predicate: number; readonly a: number; readonly b: number }
  | { readonly kind: 'wait'; readonly which: number }
  | { readonly kind: 'identity'; readonly which: number; readonly register: number }
  | { readonly kind: 'if'; readonly predicate: number; readonly holds: readonly Piece[]; readonly otherwise: readonly Piece[] }
  | { readonly kind: 'loop'; readonly times: number; readonly body: readonly Piece[] }

const register = fc.nat(registers - 1)
const { pieces } = fc.letrec<{ pieces: readonly Piece[]; piece: Piece }>((tie) => ({
  piece: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      kind: fc.constant('compute' as const),
      to: register,
      a: register,
      b: register,
      op: fc.constantFrom('add.u32', 'xor.b32', 'mul.lo.u32', 'sub.u32'),
      guard: fc.integer({ min: -2, max: 2 }),
    }),
    fc.record({ kind: fc.constant('test' as const), predicate: fc.integer({ min: 1, max: 2 }), a: register, b: register }),
    fc.record({ kind: fc.constant('wait' as const), which: fc.nat(waits.length - 1) }),
    fc.record({ kind: fc.constant('identity' as const), which: fc.nat(identities.length - 1), register }),
    fc.record({
      kind: fc.constant('if' as const),
      predicate: fc.integer({ min: 1, max: 2 }),
      holds: tie('pieces'),
      otherwise: tie('pieces'),
    }),
    fc.record({ kind: fc.constant('loop' as const), times: fc.integer({ min: 1, max: 3 }), body: tie('pieces') }),
  ),
  pieces: fc.array(tie('piece'), { minLength: 1, maxLength: 6 }),
}))

/** Registers of the program begin at %r4; loops count in their own, from %r30 on. */
const name = (index: number): string => `%r${4 + index}`

const textOf = (program: readonly Piece[], waiting: boolean): string => {
  let labels = 0
  let loops = 0
  const write = (part: readonly Piece[]): string =>
    part
      .map((piece): string => {
        switch (piece.kind) {
          case 'compute': {
            const guard = piece.guard === 0 ? '' : `@${piece.guard < 0 ? '!' : ''}%p${Math.abs(piece.guard)} `
            return `${guard}${piece.op} ${name(piece.to)}, ${name(piece.a)}, ${name(piece.b)};`
          }
          case 'test':
            return `setp.lt.u32 %p${piece.predicate}, ${name(piece.a)}, ${name(piece.b)};`
          case 'wait':
            return waiting ? waits[piece.which]! : ''
          case 'identity':
            return waiting ? identities[piece.which]!.replaceAll('R', name(piece.register)) : ''
          case 'if': {
            const label = `L${labels++}`
            const [holds, otherwise] = [write(piece.holds), write(piece.otherwise)]
            return `@%p${piece.predicate} bra ${label}T;\n${otherwise}\nbra.uni ${label}E;\n${label}T: ${holds}\n${label}E:`
          }
          case 'loop': {
            const [label, counter] = [`L${labels++}`, `%r${30 + loops++}`]
            const again = `add.u32 ${counter}, ${counter}, 1; setp.lt.u32 %p4, ${counter}, ${piece.times}; @%p4 bra ${label};`
            return `mov.u32 ${counter}, 0;\n${label}: ${write(piece.body)}\n${again}`
          }
          default:
            return piece satisfies never
        }
      })
      .join('\n')
  const first = Array.from({ length: registers }, (_, k) => `mul.lo.u32 ${name(k)}, %r3, ${2 * k + 0x9e3779b1};`).join(' ')
  const sum = Array.from({ length: registers }, (_, k) => `mad.lo.u32 %r20, ${name(k)}, ${2 * k + 1}, %r21; mov.u32 %r21, %r20;`)
  const body = write(program)
  return `.reg .b32 %more<200>; setp.lt.u32 %p1, %r3, 3; setp.gt.u32 %p2, %r3, 5; ${first}
${body}
mov.u32 %r21, 0; ${sum.join(' ')} mul.wide.u32 %rd4, %r3, 4; add.s64 %rd4, %rd2, %rd4; st.global.u32 [%rd4], %r20;`.replaceAll(
    /%r(3\d|[4-9]\d|1\d\d)\b/g,
    '%more$1',
  )
}

const run = (text: string): { readonly result: Uint32Array; readonly findings: readonly string[] } => {
  const y = new Uint32Array(blocks)
  const { findings } = launchOn(device, handwritten(text), 'k', { grid: blocks, block: 1 }, [
    { input: new Uint8Array(4) },
    { output: y },
  ])
  return { result: y, findings: findings.map(({ message }) => message) }
}

it('does with waits what it does without', () => {
  fc.assert(
    fc.property(pieces, (program) => {
      const without = run(textOf(program, false))
      expect(run(textOf(program, true))).toEqual({ result: without.result, findings: [] })
    }),
    { numRuns: 400 },
  )
}, 120_000)
