/** Logs of both generations, read without a compiler. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NvrtcError, type Refused, readDiagnostics } from '../../../runtime/cuda/nvrtc/diagnostics.ts'
import { readPtxas } from '../../../runtime/cuda/nvrtc/ptxas.ts'

const refused = (log: string, source = ''): Refused => ({
  version: [13, 0],
  name: 'k.cu',
  source,
  flags: ['-arch=sm_80'],
  code: 6,
  codeName: 'NVRTC_ERROR_COMPILATION',
  log,
})

describe('readDiagnostics', () => {
  it('reads lines, columns and severities', () => {
    const log = [
      'my (odd) k.cu(4): error: expected a ";"',
      '  }',
      '  ^',
      '',
      'my (odd) k.cu(2): warning #177-D: variable "unused" was declared but never referenced',
      '    int unused = 3;',
      '        ^',
      '',
      'Remark: The warnings can be suppressed with "-diag-suppress <warning-number>"',
      '',
      'my (odd) k.cu(5): catastrophic error: #error directive: "stop"',
      '',
      '1 error detected in the compilation of "my (odd) k.cu".',
    ].join('\n')
    expect(readDiagnostics(log)).toEqual([
      { line: 4, column: 1, severity: 'error', text: 'expected a ";"' },
      { line: 2, column: 7, severity: 'warning', text: 'variable "unused" was declared but never referenced' },
      { line: 5, severity: 'error', text: '#error directive: "stop"' },
    ])
  })

  it('keeps further lines of a message, and takes no source line for one', () => {
    const log = [
      'k.cu(1): error: no instance of overloaded function "f" matches',
      '            argument types are: (int)',
      '          detected during instantiation of "T g(T)" at line 3',
      '              deep = f(1);',
      '                     ^',
    ].join('\n')
    const text =
      'no instance of overloaded function "f" matches argument types are: (int) detected during instantiation of "T g(T)" at line 3'
    expect(readDiagnostics(log)).toEqual([{ line: 1, column: 20, severity: 'error', text }])
  })

  it('reads what concerns no line of the source', () => {
    const log = [
      'nvrtc: error: unrecognized option --nonsense found',
      "ptxas application ptx input, line 31; error   : Unknown modifier '.bar'",
      'ptxas fatal   : Ptx assembly aborted due to errors',
      'ptxas warning : something',
      'ptxas info    : 0 bytes gmem',
    ].join('\n')
    expect(readDiagnostics(log)).toEqual([
      { severity: 'error', text: 'unrecognized option --nonsense found' },
      { severity: 'error', text: "Unknown modifier '.bar'" },
      { severity: 'error', text: 'Ptx assembly aborted due to errors' },
      { severity: 'warning', text: 'something' },
    ])
  })

  it('takes any text', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'k.cu(',
        '3): error: ',
        '): warning #1-D: ',
        '\n',
        '^',
        '          ',
        'ptxas ',
        '; error : ',
        'nvrtc: error: ',
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.string(), (pieces, source) => {
        expect(new NvrtcError(refused(pieces.join(''), source)).message).toContain('NVRTC 13.0')
      }),
    )
  })
})

describe('the message of an error', () => {
  it('shows the line with a caret beneath, tabs kept', () => {
    const { message } = new NvrtcError(refused('k.cu(2): error: bad\n  \tfoo bar\n  \t    ^\n', 'a\n\tfoo bar\nc'))
    expect(message.split('\n').slice(-3)).toEqual(['  1 | a', '> 2 | \tfoo bar', '    | \t    ^'])
  })

  it('cuts long lines, and lines that are not there', () => {
    expect(new NvrtcError(refused('k.cu(1): error: bad', 'x'.repeat(1000))).message.length).toBeLessThan(400)
    expect(new NvrtcError(refused('k.cu(9): error: bad', 'x')).message).toMatch(/k\.cu:9: bad$/)
  })

  it('shows five errors and counts the rest; the whole log where there is none', () => {
    const many = Array.from({ length: 8 }, (_, i) => `k.cu(${i + 1}): error: bad`).join('\n')
    expect(new NvrtcError(refused(many)).message).toMatch(/k\.cu:5: bad\n\n… and 3 more$/)
    expect(new NvrtcError(refused('no idea')).message).toMatch(/COMPILATION\nno idea$/)
    expect(new NvrtcError(refused('')).message).toMatch(/COMPILATION$/)
  })
})

describe('readPtxas', () => {
  it('reads the lines of kernels and leaves out those of their helpers', () => {
    const log = [
      'ptxas info    : 0 bytes gmem',
      "ptxas info    : Compiling entry function 'a' for 'sm_80'",
      'ptxas info    : Function properties for a',
      'ptxas         .     264 bytes stack frame, 300 bytes spill stores, 280 bytes spill loads',
      'ptxas info    : Used 32 registers, used 1 barriers, 2560 bytes smem, 364 bytes cmem[0]',
      'ptxas info    : Function properties for $a$__cuda_sm20_sqrt_rn_f32_slowpath',
      'ptxas         .     8 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads',
      "ptxas info    : Compiling entry function 'b' for 'sm_80'",
      'ptxas info    : Used 8 registers, 364 bytes cmem[0]',
    ].join('\n')
    expect(Object.fromEntries(readPtxas(log))).toEqual({
      a: { registers: 32, frame: 264, spillStores: 300, spillLoads: 280, shared: 2560 },
      b: { registers: 8, frame: 0, spillStores: 0, spillLoads: 0, shared: 0 },
    })
  })
})
