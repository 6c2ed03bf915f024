/** Races on shared memory, against a model that remembers every access: none is found wrongly, and none goes unseen altogether. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Emulator } from '../../../runtime/cuda/emulator/emulator.ts'
import { handwritten, launchOn } from './device.ts'

const device = new Emulator()
const threads = 64
const words = 3

type Kind = 'ld' | 'st' | 'atom'
interface Access {
  readonly step: 'access'
  readonly kind: Kind
  /** Which threads take part, and the word that each touches. */
  readonly from: number
  readonly to: number
  readonly stride: number
}
type Step = Access | { readonly step: 'block' } | { readonly step: 'warp' }

const access: fc.Arbitrary<Step> = fc.record({
  step: fc.constant('access' as const),
  kind: fc.constantFrom<Kind>('ld', 'ld', 'st', 'atom'),
  from: fc.nat(threads - 1),
  to: fc.nat(threads),
  stride: fc.nat(2),
})
const programs = fc.array(
  fc.oneof({ weight: 4, arbitrary: access }, fc.constant({ step: 'block' } as const), fc.constant({ step: 'warp' } as const)),
  { minLength: 1, maxLength: 10 },
)

const instructionOf: Readonly<Record<Kind, string>> = {
  ld: 'ld.shared.u32 %r9, [%r6]',
  st: 'st.shared.u32 [%r6], %r2',
  atom: 'atom.shared.add.u32 %r9, [%r6], 1',
}

/** One line of PTX a step, so that findings name steps. */
const bodyOf = (steps: readonly Step[]): string =>
  steps
    .map((step) => {
      if (step.step === 'block') return 'bar.sync 0;'
      if (step.step === 'warp') return 'bar.warp.sync 0xffffffff;'
      const { kind, from, to, stride } = step
      const taken = `setp.ge.u32 %p1, %r2, ${from}; setp.lt.and.u32 %p2, %r2, ${to}, %p1;`
      return `mul.lo.u32 %r6, %r2, ${stride}; rem.u32 %r6, %r6, ${words}; shl.b32 %r6, %r6, 2; add.u32 %r6, %r5, %r6; ${taken} @%p2 ${instructionOf[kind]};`
    })
    .join('\n')

interface Seen {
  readonly thread: number
  readonly warpBarriers: number
  readonly kind: Kind
}

/** The steps whose accesses race with an earlier one, in the order in which threads run. */
const racing = (steps: readonly Step[]): ReadonlySet<number> => {
  const found = new Set<number>()
  // Parts between barriers of the block; in them each warp runs to its own barriers.
  const parts: number[][] = [[]]
  for (const [k, step] of steps.entries()) step.step === 'block' ? parts.push([]) : parts.at(-1)!.push(k)
  const warpBarriers = [0, 0]
  for (const part of parts) {
    const history = Array.from({ length: words }, (): Seen[] => [])
    for (let warp = 0; warp < 2; warp++) {
      const runs: number[][] = [[]]
      for (const k of part) steps[k]!.step === 'warp' ? runs.push([]) : runs.at(-1)!.push(k)
      runs.forEach((run, n) => {
        if (n > 0) warpBarriers[warp]!++
        for (let thread = 32 * warp; thread < 32 * warp + 32; thread++)
          for (const k of run) {
            const step = steps[k]!
            if (step.step !== 'access' || thread < step.from || thread >= step.to) continue
            const seen = history[(thread * step.stride) % words]!
            const races = (other: Seen): boolean =>
              other.thread !== thread &&
              (other.kind !== 'ld' || step.kind !== 'ld') &&
              !(other.kind === 'atom' && step.kind === 'atom') &&
              (other.thread >> 5 !== warp || other.warpBarriers === warpBarriers[warp])
            if (seen.some(races)) found.add(k)
            seen.push({ thread, warpBarriers: warpBarriers[warp]!, kind: step.kind })
          }
      })
    }
  }
  return found
}

it('finds what races, and nothing else', () => {
  let racy = 0
  fc.assert(
    fc.property(programs, (steps) => {
      const lead = `setp.eq.u32 %p1, %r2, 0; mov.u32 %r5, s; mov.u32 %r7, 0; @%p1 st.shared.u32 [%r5], %r7; @%p1 st.shared.u32 [%r5+4], %r7; @%p1 st.shared.u32 [%r5+8], %r7; bar.sync 0;`
      const ptx = handwritten(`${lead}\n${bodyOf(steps)}`, `.shared .align 4 .b8 s[${4 * words}];`)
      const x = new Uint8Array(4)
      const { findings } = launchOn(device, ptx, 'k', { grid: 1, block: threads }, [{ input: x }, { both: x }])
      const first =
        findings.length > 0 ? ptx.kernels.get('k')!.code.instructions.find(({ opcode }) => opcode === 'bar')!.ptxLine : 0
      const expected = racing(steps)
      if (expected.size > 0) racy++
      for (const { kind, ptxLine } of findings) {
        expect(kind).toBe('shared-race')
        expect(expected).toContain(ptxLine! - first - 1)
      }
      expect(findings.length > 0).toBe(expected.size > 0)
    }),
    { numRuns: 400 },
  )
  expect(racy).toBeGreaterThan(50)
})

it('watches bytes where a kernel writes bytes', () => {
  const body = (bytes: number): string => `mov.u32 %r5, s; mad.lo.u32 %r5, %r2, ${bytes}, %r5; st.shared.u8 [%r5], %r2;`
  const kinds = (ptx: string): string[] => {
    const x = new Uint8Array(4)
    const report = launchOn(device, handwritten(ptx, '.shared .align 4 .b8 s[256];'), 'k', { grid: 1, block: 64 }, [
      { input: x },
      { both: x },
    ])
    return report.findings.map(({ kind }) => kind)
  }
  expect(kinds(body(1))).toEqual([])
  expect(kinds(body(0))).toEqual(['shared-race'])
  // Of a word that is read, each byte was written by somebody else.
  const word =
    'mov.u32 %r5, s; and.b32 %r6, %r2, 3; setp.eq.u32 %p1, %r6, 3; add.u32 %r5, %r5, %r2; @%p1 ld.shared.u32 %r7, [%r5+-3];'
  expect(kinds(`${body(1)} ${word}`)).toEqual(['shared-race'])
})
