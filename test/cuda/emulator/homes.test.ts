/** Registers' homes: what is needed at once lies apart, and kernels of tens of thousands of registers run like any other. */
import { describe, expect, it } from 'vitest'
import { aliveAt } from '../../../runtime/cuda/emulator/alive.ts'
import { Emulator } from '../../../runtime/cuda/emulator/emulator.ts'
import { entriesOf } from '../../../runtime/cuda/emulator/entries.ts'
import { blocksOf, flowOf } from '../../../runtime/cuda/emulator/flow.ts'
import { homesOf, mostLocals } from '../../../runtime/cuda/emulator/homes.ts'
import { parsePtx } from '../../../runtime/cuda/emulator/parse.ts'
import { valueTypeOf } from '../../../runtime/cuda/emulator/types.ts'
import { handwritten, launchOn, ptxOf } from './device.ts'

describe.each([0, 1, 5, 40, Number.POSITIVE_INFINITY])('with at most %d locals', (most) => {
  it.each(parsePtx(ptxOf('shapes', 80)).kernels)('$name keeps apart what is alive at once', (kernel) => {
    const blocks = blocksOf(kernel)
    const flow = flowOf(kernel, blocks)
    const alive = aliveAt(flow, kernel.registers.length)
    const homes = homesOf(kernel, blocks, flow, alive, most)
    expect(homes.locals.length).toBeLessThanOrEqual(most)
    if (most === Number.POSITIVE_INFINITY) expect(homes.slots).toBe(0)
    homes.of.forEach((home, register) => {
      if (home?.kind === 'local') expect(homes.locals[home.index]).toBe(valueTypeOf(kernel.registers[register]!.type))
    })
    for (const together of alive) {
      const taken = together
        .filter(() => true)
        .map((register) => homes.of[register])
        .map((home) => home && `${home.kind} ${home.index}`)
      expect(taken).not.toContain(undefined)
      expect(new Set(taken).size).toBe(taken.length)
    }
  })
})

/** So many registers, all alive to the end, each changed in a branch of its own, before and behind a barrier, twice around. */
const wide = (count: number): string => {
  const each = (line: (k: number) => string): string => Array.from({ length: count }, (_, k) => line(k)).join('\n')
  return `
mul.wide.u32 %rd3, %r2, 4;
add.s64 %rd4, %rd1, %rd3;
add.s64 %rd5, %rd2, %rd3;
ld.global.u32 %r4, [%rd4];
mov.u32 %r5, 0;
${each((k) => `add.u32 %w${k}, %r4, ${k};`)}
AROUND:
${each((k) => `and.b32 %v${k}, %w${k}, ${1 + (k % 7)};\nsetp.eq.u32 %q${k}, %v${k}, 0;\n@%q${k} bra SKIP${k};\nadd.u32 %w${k}, %w${k}, 3;\nSKIP${k}:`)}
bar.sync 0;
add.u32 %r5, %r5, 1;
setp.lt.u32 %p1, %r5, 2;
@%p1 bra AROUND;
mov.u32 %r6, 0;
${each((k) => `mad.lo.u32 %r6, %r6, 31, %w${k};`)}
st.global.u32 [%rd5], %r6;`
}

/** What `wide` computes. */
const wideOf = (x: number, count: number): number => {
  let hash = 0
  for (let k = 0; k < count; k++) {
    let value = x + k
    for (let round = 0; round < 2; round++) if ((value & (1 + (k % 7))) !== 0) value += 3
    hash = (Math.imul(hash, 31) + value) >>> 0
  }
  return hash
}

it('registers that are too many for locals lie in memory', () => {
  const count = 5000
  // Entries are about as many as branches, so that most registers cannot have a local.
  const named = `.reg .b32 %w<${count}>;\n.reg .b32 %v<${count}>;\n.reg .pred %q<${count}>;`
  const ptx = handwritten(wide(count), named)
  const { code } = ptx.kernels.get('k')!
  expect(mostLocals(entriesOf(code, blocksOf(code)).all.length, code.instructions.length)).toBeLessThan(count / 2)
  const x = Uint32Array.from({ length: 64 }, (_, k) => k * 977)
  const y = new Uint32Array(64)
  const { findings } = launchOn(new Emulator(), ptx, 'k', { grid: 1, block: 64 }, [{ input: x }, { output: y }])
  expect(findings).toEqual([])
  expect([...y]).toEqual([...x].map((value) => wideOf(value, count)))
})
