/** Safetensors: what Python wrote is read, what is written is read again, and files that lie are refused, whatever they say. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ArgumentError, FileError } from '../../dsl/errors.ts'
import { fromSafetensors, toSafetensors } from '../../layers/index.ts'
import type { StateDict } from '../../layers/safetensors.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A file of a header, as text or as bytes, and what follows it. */
const file = (header: string | Uint8Array, data: Uint8Array = new Uint8Array(), length?: bigint): Uint8Array => {
  const text = typeof header === 'string' ? encode(header) : header
  const made = new Uint8Array(8 + text.length + data.length)
  new DataView(made.buffer).setBigUint64(0, length ?? BigInt(text.length), true)
  made.set(text, 8)
  made.set(data, 8 + text.length)
  return made
}

const one = (name: string, dtype: string, shape: unknown, begin: unknown, end: unknown): string =>
  `"${name}":${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`

/** Made by Python's safetensors 0.8 of tensors of PyTorch, a type each, with metadata. */
const byPython = Buffer.from(
  '6AEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJwb29sLm51bV9iYXRjaGVzX3RyYWNrZWQiOnsiZHR5cGUiOiJJNjQiLCJzaGFw' +
    'ZSI6W10sImRhdGFfb2Zmc2V0cyI6WzAsOF19LCJwb29sLmQiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzgsMTZdfSwi' +
    'cG9vbC5Ub01lYW4uMC53ZWlnaHQiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzEsMl0sImRhdGFfb2Zmc2V0cyI6WzE2LDI0XX0sInBvb2wuZW1wdHki' +
    'OnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsM10sImRhdGFfb2Zmc2V0cyI6WzI0LDI0XX0sInBvb2wuYiI6eyJkdHlwZSI6IkJGMTYiLCJzaGFwZSI6' +
    'WzNdLCJkYXRhX29mZnNldHMiOlsyNCwzMF19LCJwb29sLmgiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlszMCwzNF19' +
    'LCJmYy5xIjp7ImR0eXBlIjoiQk9PTCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzM0LDM2XX19IAUAAAAAAAAAmpmZmZmZuT8AAMA/AAAAwMA/' +
    'AMBifwA+ALQBAA==',
  'base64',
)

describe('a file of Python', () => {
  it('is read, each number as it is, by a prefix', () => {
    expect(fromSafetensors(byPython, { prefix: 'pool.' })).toEqual({
      'ToMean.0.weight': { shape: [1, 2], data: Float32Array.of(1.5, -2) },
      h: { shape: [2], data: Float32Array.of(1.5, -0.25) },
      b: { shape: [3], data: Float32Array.of(1.5, -2, 1.765625 * 2 ** 127) },
      d: { shape: [], data: Float64Array.of(0.1) },
      num_batches_tracked: { shape: [], data: BigInt64Array.of(5n) },
      empty: { shape: [0, 3], data: new Float32Array() },
    })
    expect(fromSafetensors(byPython, { prefix: 'conv.' })).toEqual({})
  })

  it('is refused where a tensor is picked of a type that no state has', () => {
    expect(() => fromSafetensors(byPython)).toThrow('tensor "fc.q" is BOOL, but a state is of F32, F64, F16, BF16 and I64')
  })
})

const tensor = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }).chain((shape) => {
  const size = shape.reduce((a, b) => a * b, 1)
  const bounds = { minLength: size, maxLength: size }
  const floats = fc.oneof(fc.float32Array(bounds), fc.float64Array(bounds), fc.bigInt64Array(bounds))
  return floats.map((data) => ({ shape, data }))
})
const states = fc.dictionary(
  fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__'),
  tensor,
)

describe('a header as long as the format allows', () => {
  it.each([
    ['one text', 'x'],
    ['escapes alone', '\\n'],
    ['letters, quotes and backslashes', 'é\\"{\\\\'],
  ])('is read: %s', (_, part) => {
    const text = part.repeat(9e7 / encode(part).length)
    expect(fromSafetensors(file(`{"__metadata__":{"note":"${text}"}}`))).toEqual({})
  })
})

describe('what is written', () => {
  it('is read again, each bit of it', () => {
    fc.assert(
      fc.property(states, (state) => {
        const made = toSafetensors(state as StateDict)
        const read = fromSafetensors(made)
        expect({ ...read }).toEqual({ ...state })
        // Python asks for data that begin at a multiple of eight.
        expect(Number(new DataView(made.buffer).getBigUint64(0, true)) % 8).toBe(0)
      }),
    )
  })

  it('has the widest numbers first', () => {
    const made = toSafetensors({
      a: { shape: [1], data: Float32Array.of(1) },
      b: { shape: [], data: BigInt64Array.of(2n) },
    })
    const end = 8 + Number(new DataView(made.buffer).getBigUint64(0, true))
    expect(JSON.parse(new TextDecoder().decode(made.subarray(8, end)))).toEqual({
      b: { dtype: 'I64', shape: [], data_offsets: [0, 8] },
      a: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
    })
    expect([...made.subarray(end)]).toEqual([2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 63])
  })

  it('is refused where it would not be read', () => {
    const a = { shape: [2], data: Float32Array.of(1) }
    expect(() => toSafetensors({ a })).toThrow(ArgumentError)
    expect(() => toSafetensors({ a })).toThrow("'a' has 1 numbers, but the shape [2] is of 2")
    expect(() => toSafetensors({ __metadata__: a })).toThrow('a name that the format keeps')
  })
})

describe('a broken file', () => {
  const four = new Uint8Array(4)
  const eight = new Uint8Array(8)

  it.each<[what: string, bytes: Uint8Array, message: string]>([
    ['of seven bytes', new Uint8Array(7), 'it has 7 bytes'],
    ['without a header', file(''), "does not begin with '{'"],
    ['whose header is longer than it', file('{}', eight, 11n), 'its header is of 11 bytes, but only 10 follow'],
    ['whose header is huge', file('{}', eight, 2n ** 63n), 'but the format allows at most 100000000'],
    ['whose header is a list', file('[]'), "does not begin with '{'"],
    ['whose header begins with a blank', file(' {}'), "does not begin with '{'"],
    ['whose header goes on', file('{}{}'), 'no JSON in UTF-8'],
    ['whose header is not UTF-8', file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), 'no JSON in UTF-8'],
    ['with metadata that are no texts', file('{"__metadata__":{"a":1}}'), '__metadata__ must be an object of texts'],
    ['with an entry that is none', file('{"a":3}'), 'tensor "a" must be an object'],
    ['of an unknown type', file(`{${one('a', 'F31', [1], 0, 4)}}`, four), 'tensor "a" is of the type "F31"'],
    ['of a type that objects have', file(`{${one('a', 'toString', [1], 0, 4)}}`, four), 'of the type "toString"'],
    ['of a negative size', file(`{${one('a', 'F32', [-1], 0, 4)}}`, four), 'the shape of tensor "a" must be'],
    ['of more elements than can be counted', file(`{${one('a', 'F32', [2 ** 40, 2 ** 40], 0, 4)}}`, four), 'the shape of'],
    ['of one offset', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}', four), 'must be two integers'],
    ['of an offset that is no integer', file(`{${one('a', 'F32', [1], 0.5, 4.5)}}`, four), 'must be two integers'],
    ['whose range runs backwards', file(`{${one('a', 'F32', [1], 4, 0)}}`, four), 'which is 4 bytes, but has the bytes 4 to 0'],
    [
      'of another size than its shape',
      file(`{${one('a', 'F32', [2], 0, 4)}}`, four),
      'which is 8 bytes, but has the bytes 0 to 4',
    ],
    ['that ends early', file(`{${one('a', 'F32', [2], 0, 8)}}`, four), 'take 8 bytes, but 4 follow'],
    ['with more behind', file(`{${one('a', 'F32', [1], 0, 4)}}`, eight), 'take 4 bytes, but 8 follow'],
    ['with a hole', file(`{${one('a', 'F32', [1], 4, 8)}}`, eight), 'begins at byte 4, but must at 0'],
    [
      'whose tensors overlap',
      file(`{${one('a', 'F32', [1], 0, 4)},${one('b', 'F32', [1], 0, 4)}}`, four),
      'begins at byte 0, but must at 4',
    ],
    [
      'with a name twice',
      file(`{${one('a', 'F32', [0], 0, 0)},${one('\\u0061', 'F32', [0], 0, 0)}}`),
      'the name "\\u0061" twice',
    ],
    [
      'with a name twice, behind quotes and braces in a text',
      file('{"__metadata__":{"a":"}\\\\\\":{","b":"\\\\","a" :""}}'),
      'the name "a" twice',
    ],
    [
      'with a field twice',
      file('{"a":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}'),
      'the name "dtype" twice',
    ],
  ])('%s is refused', (_, bytes, message) => {
    expect(() => fromSafetensors(bytes)).toThrow(FileError)
    expect(() => fromSafetensors(bytes)).toThrow(message)
  })

  it('is refused in few words, however much it says and however deep', () => {
    const deep = '['.repeat(3e5) + ']'.repeat(3e5)
    const entry = (dtype: string, shape: string, range: string, name = '"a"'): Uint8Array =>
      file(`{${name}:{"dtype":${dtype},"shape":${shape},"data_offsets":${range}}}`)
    const long = `"${'n'.repeat(1e6)}"`
    const many = `[${'1,'.repeat(1e6)}-1]`
    for (const [bytes, message] of [
      [entry(deep, '[]', '[0,4]'), 'tensor "a" is of the type [[…]], but'],
      [entry('{}', '[]', '[0,4]'), 'tensor "a" is of the type {…}, but'],
      [entry('"F32"', deep, '[0,4]'), 'must be a list of integers of at least 0, but is [[…]]'],
      [entry('"F32"', `[${deep},1]`, '[0,4]'), 'must be a list of integers of at least 0, but is [[…], 1]'],
      [entry('"F32"', many, '[0,4]'), 'but is [1, 1, 1'],
      [entry('"F32"', many.replace('-1', '1'), '[0,8]'), 'is F32 of shape [1, 1, 1'],
      [entry('"F32"', '[]', `[0,${deep}]`), 'must be two integers of at least 0, but is [0, […]]'],
      [entry(long, '[]', '[0,4]'), 'is of the type "nnn'],
      [entry('"F32"', '[]', '[4,8]', long), 'begins at byte 4'],
      [file(`{${long}:1,${long}:1}`), 'twice'],
    ] as const) {
      const read = () => fromSafetensors(bytes)
      expect(read).toThrow(FileError)
      expect(read).toThrow(message)
      expect(read).toThrow(/^.{1,300}$/)
    }
  })

  it('takes names for what they are, whatever they look like', () => {
    const names = ['__proto__', 'toString', '{"a":1}', 'a"b', '\\', 'é']
    const state = Object.fromEntries(names.map((name, k) => [name, { shape: [1], data: Float32Array.of(k) }]))
    expect(Object.entries(fromSafetensors(toSafetensors(state))).sort()).toEqual(Object.entries(state).sort())
  })

  it('is refused with a FileError or read, wherever it is cut off or changed', () => {
    const whole = toSafetensors({
      'ToMean.0.weight': { shape: [1, 2], data: Float32Array.of(1, 2) },
      count: { shape: [], data: BigInt64Array.of(3n) },
    })
    const readable = (bytes: Uint8Array): void => {
      try {
        fromSafetensors(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(FileError)
      }
    }
    for (let end = 0; end < whole.length; end++) expect(() => fromSafetensors(whole.subarray(0, end))).toThrow(FileError)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = whole.slice()
        changed[at] = byte
        readable(changed)
      }),
      { numRuns: 2000 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), readable))
    fc.assert(fc.property(fc.json(), fc.uint8Array({ maxLength: 16 }), (header, data) => readable(file(header, data))))
    const entry = fc.record({
      dtype: fc.constantFrom('F32', 'I64', 'U8'),
      shape: fc.array(fc.nat(3)),
      data_offsets: fc.tuple(fc.nat(12), fc.nat(12)),
    })
    fc.assert(
      fc.property(fc.dictionary(fc.string(), entry), fc.uint8Array({ maxLength: 24 }), (header, data) =>
        readable(file(JSON.stringify(header), data)),
      ),
    )
  })
})
