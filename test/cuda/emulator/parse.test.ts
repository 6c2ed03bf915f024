/** The parser takes nothing in silence: what it does not know is a PtxError with its line, and no text makes it do anything else. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Emulator, loadPtx, PtxError, WatchdogError } from '../../../runtime/cuda/emulator/emulator.ts'
import { LaunchError } from '../../../runtime/cuda/errors.ts'
import { architectures, handwritten, launchOn, ptxOf } from './device.ts'

it.each([
  ['frobnicate.u32 %r4, %r5;', /PTX line 19: frobnicate\.u32: this instruction is not known/],
  ['add.wonderful.f32 %f1, %f2, %f3;', /add\.wonderful\.f32: modifier \.wonderful is not known here/],
  ['ld.global.nc.L9::sideways.f32 %f1, [%rd1];', /modifier \.L9::sideways/],
  ['add.u32 %r4, %r5;', /operand 3 is missing/],
  ['add.u64 %rd4, %rd5, %r6;', /%r6 is a \.b32: its width does not fit/],
  ['add.u32 %r4, %r5, %unheard;', /%unheard is neither a register/],
  ['mov.u64 %rd4, nowhere;', /'nowhere' is declared nowhere/],
  ['bra nowhere;', /the label 'nowhere' is declared nowhere/],
  ['@%r4 bra L; L:', /%r4 guards an instruction, but is no predicate/],
  ['.wild 3;', /'\.wild' begins no statement/],
  ['call.uni (retval0), helper, (param0);', /a call of 'helper': this PTX does not define it/],
  ['bar.sync 1, 64, 3;', /the number of a barrier is expected, and perhaps that of its threads/],
  ['bar.arrive 1;', /the number of a barrier and that of its threads are expected/],
  ['barrier.cluster.arrive.aligned;', /modifier \.cluster is not known here|one of \.sync \.arrive \.red/],
  ['add.u32 %r4, %r5, %r6, %r7;', /operand 4 is one too many/],
  ['ld.global.f32 %f1, [%rd1], %rd2;', /operand 3 is one too many/],
  ['ret %r4;', /ret: operand 1 is one too many/],
  ['cp.async.cg.shared.global [%r4], [%rd1], 8;', /8 bytes at once: \.cg copies 16/],
  ['cp.async.bulk.shared::cluster.global [%r4], [%rd1], 16, [%r5];', /PTX line 19: cp\.async\.bulk/],
  ['cp.async.mbarrier.arrive.shared.b64 [%r4];', /PTX line 19: cp\.async\.mbarrier/],
  ['lop3.b32 %r4, %r5, %r6, %r7, %r8;', /a truth table is a number/],
  ['add.u32 %r4, %r5, 1.5;', /a fraction, 1\.5, where a \.u32 is expected/],
  ['fma.rn.relu.f32 %f1, %f2, %f3, %f4;', /\.relu is for halves/],
  ['max.f32 %f1, %f2, %f3, %f4, %f5;', /two or three values/],
  ['atom.global.min.f32 %f1, [%rd1], %f2;', /\.min of floats is not known/],
  ['st.param.b32 [x], %r4;', /'x' is no parameter of a call/],
  ['.reg .b32 %r<3>;', /%r0 is declared twice/],
  ['.reg .b32 %many<900000>;', /number of registers is 900000/],
  ['add.f32 %f1, %f2, 0f3F80;', /PTX line 19/],
  ['mov.u32 %r4, ~7;', /'~' begins nothing/],
  ['tex.2d.v4.f32.f32 {%f1,%f2,%f3,%f4}, [%rd1, {%f1,%f2}];', /PTX line 19/],
] as const)('%s', (text, message) => {
  expect(() => handwritten(text)).toThrow(PtxError)
  expect(() => handwritten(text)).toThrow(message)
})

it('takes bits as bits: newer compilers keep floats in registers of type .b32', () => {
  expect(() => handwritten('add.f32 %r4, %r5, %f1; mov.b32 %f2, %r4;')).not.toThrow()
})

it('takes scopes with registers of one name, and tables of branches', () => {
  const body = `{ .reg .b16 t; mov.b32 {t, %rs1}, %r3; } { .reg .f32 t; mov.f32 t, 0f3F800000; add.f32 %f1, t, t; }
and.b32 %r4, %r3, 3;
T: .branchtargets A, B, C, A;
brx.idx %r4, T;
A: mov.u32 %r5, 10; bra.uni D;
B: mov.u32 %r5, 20; bra.uni D;
C: mov.u32 %r5, 30;
D: mul.wide.u32 %rd3, %r3, 4; add.s64 %rd3, %rd2, %rd3; st.global.u32 [%rd3], %r5;`
  const y = new Uint32Array(5)
  launchOn(new Emulator(), handwritten(body), 'k', { grid: 1, block: 5 }, [{ input: y }, { output: y }])
  expect(Array.from(y)).toEqual([10, 20, 30, 10, 10])
})

it('is not PTX', () => {
  for (const text of ['', 'hello', '\0', '.version 8.0', '.target sm_80\n.entry k(', '{', '/*', '"'])
    expect(() => loadPtx(text)).toThrow(PtxError)
})

const device = new Emulator()
const words = [
  '.b32',
  '%r1',
  '%rd1',
  '@',
  '{',
  '}',
  ';',
  ',',
  '[',
  '.global',
  'bra',
  '0',
  '-1',
  '0f7F800000',
  '.v4',
  '%p1',
  'shfl',
  '$L',
]

/** Runs what loads: an error is of one of our kinds, or there is none. */
const survives = (text: string): void => {
  let loaded: ReturnType<typeof loadPtx>
  try {
    loaded = loadPtx(text)
  } catch (error) {
    if (error instanceof PtxError) return
    throw error
  }
  for (const kernel of loaded.kernels.values()) {
    const pointer = device.allocate(1 << 16)
    device.write(pointer, new Uint8Array(1 << 16))
    const args = kernel.parameters.map(({ type }) => {
      if (type === 'f32') return { type: 'f32', value: 1 } as const
      if (type === 'f64') return { type: 'f64', value: 1 } as const
      return type.endsWith('64') ? ({ type: 'u64', value: pointer } as const) : ({ type: 'u32', value: 9 } as const)
    })
    try {
      device.launch(kernel, { grid: [1, 1, 1], block: [32, 1, 1], args, timeLimit: 50, outputs: [pointer] })
    } catch (error) {
      if (!(error instanceof LaunchError || error instanceof WatchdogError)) throw error
    } finally {
      device.free(pointer)
    }
  }
}

it.each(architectures)(
  'survives any change of one token, sm_%i',
  (arch) => {
    const text = ptxOf('faults', arch)
    const tokens = text.match(/[\w%$.:]+|\s+|[^\s\w]/g)!
    fc.assert(
      fc.property(
        fc.nat(tokens.length - 1),
        fc.oneof(
          fc.constantFrom(...words).map((word) => ({ kind: 'replace', word }) as const),
          fc.constantFrom(...words).map((word) => ({ kind: 'insert', word }) as const),
          fc.constant({ kind: 'delete' } as const),
          fc.nat(tokens.length - 1).map((other) => ({ kind: 'swap', other }) as const),
          fc.constant({ kind: 'cut' } as const),
        ),
        (at, change) => {
          const changed = [...tokens]
          if (change.kind === 'replace') changed[at] = change.word
          else if (change.kind === 'insert') changed.splice(at, 0, change.word)
          else if (change.kind === 'delete') changed.splice(at, 1)
          else if (change.kind === 'swap') changed[at] = tokens[change.other]!
          else changed.length = at
          survives(changed.join(''))
        },
      ),
      { numRuns: 150 },
    )
  },
  120_000,
)

it('survives any text', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 30 }), (parts) => {
      survives(`.version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k()\n{\n${parts.join(' ')}\nret;\n}\n`)
      survives(parts.join(' '))
    }),
    { numRuns: 500 },
  )
})
