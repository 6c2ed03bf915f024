/** The words that describe a kernel's arguments: what they mean, and what is said of those that mean nothing. */
import { describe, expect, it } from 'vitest'
import { readGrid, readKernelWords } from '../../cli/flags/kernel-arguments.ts'
import { Problems } from '../../cli/flags/values.ts'

const read = (...words: string[]) => {
  const problems = new Problems()
  const made = readKernelWords(words, problems)
  problems.refuse()
  return made
}

describe('--arg', () => {
  it('reads numbers of every type, to the ends of their ranges', () => {
    expect(read('i32:-2147483648', 'u32:4294967295', 'i64:-9223372036854775808', 'u64:18446744073709551615')).toEqual([
      { kind: 'scalar', type: 'i32', value: -2147483648 },
      { kind: 'scalar', type: 'u32', value: 4294967295 },
      { kind: 'scalar', type: 'i64', value: -9223372036854775808n },
      { kind: 'scalar', type: 'u64', value: 18446744073709551615n },
    ])
    expect(read('f32:0.5', 'f64:-1e-3', 'f32:-inf', 'f64:nan')).toEqual([
      { kind: 'scalar', type: 'f32', value: 0.5 },
      { kind: 'scalar', type: 'f64', value: -0.001 },
      { kind: 'scalar', type: 'f32', value: Number.NEGATIVE_INFINITY },
      { kind: 'scalar', type: 'f64', value: Number.NaN },
    ])
  })

  it('reads tensors with where they come from and go to', () => {
    expect(read('in:x.npy', 'inout:a.npy', 'inout:a.npy=b.npy', 'out:f32:4,5', 'out:f16:3', 'out:i32:7=y=1.npy')).toEqual([
      { kind: 'in', file: 'x.npy' },
      { kind: 'inout', file: 'a.npy', to: undefined },
      { kind: 'inout', file: 'a.npy', to: 'b.npy' },
      { kind: 'out', type: 'f32', shape: [4, 5], to: undefined },
      { kind: 'out', type: 'f16', shape: [3], to: undefined },
      { kind: 'out', type: 'i32', shape: [7], to: 'y=1.npy' },
    ])
  })

  it.each([
    ['i32:2147483648', /an i32 is an integer from -2147483648 to 2147483647/],
    ['u32:-1', /from 0 to 4294967295/],
    ['i32:1.5', /an i32 is an integer/],
    ['f32:one', /'one' is no number/],
    ['in:', /an argument is one of/],
    ['x.npy', /an argument is one of i32:NUMBER/],
    ['f16:1', /an argument is one of/],
    ['out:f32:0', /write out:TYPE:SIZES/],
    ['out:f32:4,', /write out:TYPE:SIZES/],
    ['out:u8:4', /TYPE is i32, f16, f32, f64/],
  ])('refuses %s', (word, message) => {
    expect(() => read(word)).toThrow(message)
  })

  it('tells of all mistakes at once', () => {
    expect(() => read('i32:x', 'f32:y')).toThrow(/i32:x.*\n.*f32:y/)
  })
})

describe('--grid and --block', () => {
  const grid = (text: string | undefined) => {
    const problems = new Problems()
    const made = readGrid('--grid', text, problems)
    problems.refuse()
    return made
  }
  it('fill up to three sizes', () => {
    expect([grid('4'), grid('4,2'), grid('4,2,3')]).toEqual([
      [4, 1, 1],
      [4, 2, 1],
      [4, 2, 3],
    ])
  })
  it.each([undefined, '', '0', '4,-1', '1,2,3,4', 'a', '2.5'])('refuses %s', (text) => {
    expect(() => grid(text)).toThrow(/--grid/)
  })
})
