/** The .npy reader against files as NumPy writes them, and against files that lie. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeNpy, readNpy } from '../../cli/files/npy.ts'
import { FileError } from '../../dsl/errors.ts'
import type { Tensor } from '../../dsl/tensor.ts'

const file = (header: string, body: Uint8Array, version: readonly [number, number] = [1, 0]): Uint8Array => {
  const text = new TextEncoder().encode(header)
  const length = version[0] === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0]
  return Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'), ...version, ...length, ...text, ...body)
}

const header = (descr: string, shape: string, fortran = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`

const bytesOf = (...arrays: readonly { buffer: ArrayBuffer }[]): Uint8Array =>
  Uint8Array.from(arrays.flatMap(({ buffer }) => [...new Uint8Array(buffer)]))

const floats = Float32Array.of(1, -2.5, Number.NaN, Number.NEGATIVE_INFINITY, 5, 6)

const refusal = (bytes: Uint8Array): string => {
  try {
    readNpy(bytes, 'x.npy')
  } catch (error) {
    expect(error).toBeInstanceOf(FileError)
    return (error as Error).message
  }
  throw new Error('was read')
}

describe('files as NumPy writes them', () => {
  it.each([
    [1, 0],
    [2, 0],
    [3, 0],
  ] as const)('reads version %i.%i', (major, minor) => {
    const read = readNpy(file(header('<f4', '(2, 3)'), bytesOf(floats), [major, minor]), 'x.npy')
    expect(read).toEqual({ shape: [2, 3], data: floats })
  })

  it('reads scalars, vectors, empty tensors, and the integers of Python 2', () => {
    expect(readNpy(file(header('<f4', '()'), bytesOf(Float32Array.of(7))), 'x.npy')).toEqual({
      shape: [],
      data: Float32Array.of(7),
    })
    expect(readNpy(file(header('<f4', '(6,)'), bytesOf(floats)), 'x.npy').shape).toEqual([6])
    expect(readNpy(file(header('<f4', '(2L, 3L)'), bytesOf(floats)), 'x.npy').shape).toEqual([2, 3])
    expect(readNpy(file(header('<f8', '(0, 3)'), new Uint8Array()), 'x.npy')).toEqual({
      shape: [0, 3],
      data: new Float64Array(0),
    })
  })

  it('reads every type of plain numbers', () => {
    const cases: readonly [string, Uint8Array, Tensor['data']][] = [
      ['<f8', bytesOf(Float64Array.of(0.1, 2)), Float64Array.of(0.1, 2)],
      ['<i4', bytesOf(Int32Array.of(-1, 2)), Int32Array.of(-1, 2)],
      ['|u1', Uint8Array.of(255, 2), Int32Array.of(255, 2)],
      ['|i1', Uint8Array.of(255, 2), Int32Array.of(-1, 2)],
      ['|b1', Uint8Array.of(1, 0), Int32Array.of(1, 0)],
      ['<u2', bytesOf(Uint16Array.of(65535, 2)), Int32Array.of(65535, 2)],
      ['<i2', bytesOf(Int16Array.of(-3, 2)), Int32Array.of(-3, 2)],
      ['<u4', bytesOf(Uint32Array.of(2 ** 32 - 1, 2)), Float64Array.of(2 ** 32 - 1, 2)],
      ['<i8', bytesOf(BigInt64Array.of(-(2n ** 40n), 2n)), Float64Array.of(-(2 ** 40), 2)],
      ['<u8', bytesOf(BigUint64Array.of(2n ** 40n, 2n)), Float64Array.of(2 ** 40, 2)],
      // 1, the largest half, the least one above 0, and the specials: read by their bits, so that none changes.
      [
        '<f2',
        bytesOf(Uint16Array.of(0x3c00, 0x7bff, 0x0001, 0xfc00, 0x7e00, 0x8000)),
        Uint16Array.of(0x3c00, 0x7bff, 0x0001, 0xfc00, 0x7e00, 0x8000),
      ],
    ]
    for (const [descr, body, data] of cases) {
      expect(readNpy(file(header(descr, `(${data.length},)`), body), 'x.npy'), descr).toEqual({ shape: [data.length], data })
    }
  })

  it('reads big-endian numbers', () => {
    const body = new Uint8Array(8)
    new DataView(body.buffer).setFloat32(0, 1.5)
    new DataView(body.buffer).setFloat32(4, -2)
    expect(readNpy(file(header('>f4', '(2,)'), body), 'x.npy').data).toEqual(Float32Array.of(1.5, -2))
    const halves = Uint8Array.of(0x3c, 0x01, 0xc0, 0x00)
    expect(readNpy(file(header('>f2', '(2,)'), halves), 'x.npy').data).toEqual(Uint16Array.of(0x3c01, 0xc000))
  })

  it('turns column-major order into row-major', () => {
    const body = bytesOf(Int32Array.of(0, 3, 1, 4, 2, 5))
    expect(readNpy(file(header('<i4', '(2, 3)', 'True'), body), 'x.npy').data).toEqual(Int32Array.of(0, 1, 2, 3, 4, 5))
    const cube = bytesOf(Float32Array.of(0, 4, 2, 6, 1, 5, 3, 7))
    expect([...readNpy(file(header('<f4', '(2, 2, 2)', 'True'), cube), 'x.npy').data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    const halves = bytesOf(Uint16Array.of(0x3c00, 0xbc00, 0x4000, 0xc000))
    expect(readNpy(file(header('<f2', '(2, 2)', 'True'), halves), 'x.npy').data).toEqual(
      Uint16Array.of(0x3c00, 0x4000, 0xbc00, 0xc000),
    )
  })

  it('reads a file from the middle of a buffer', () => {
    const bytes = file(header('<f8', '(1,)'), bytesOf(Float64Array.of(3)))
    const larger = new Uint8Array(bytes.length + 3)
    larger.set(bytes, 3)
    expect(readNpy(larger.subarray(3), 'x.npy').data).toEqual(Float64Array.of(3))
  })

  it('writes, byte for byte, what NumPy does', () => {
    const bytes = encodeNpy({ shape: [2, 1], data: Float32Array.of(1, 2) })
    const text = new TextDecoder('latin1').decode(bytes.subarray(0, 128))
    expect(text).toBe(`\u0093NUMPY\u0001\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }${' '.repeat(58)}\n`)
    expect(bytes.length).toBe(136)
    expect(encodeNpy({ shape: [], data: Int32Array.of(1) }).length).toBe(132)
    const halves = encodeNpy({ shape: [3], data: Uint16Array.of(0x3c01, 0xfc00, 0x7e00) })
    expect(new TextDecoder('latin1').decode(halves.subarray(0, 128))).toContain(
      "'descr': '<f2', 'fortran_order': False, 'shape': (3,), ",
    )
    expect([...halves.subarray(128)]).toEqual([0x01, 0x3c, 0x00, 0xfc, 0x00, 0x7e])
  })

  it('reads back what it wrote', () => {
    const tensor = fc
      .tuple(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 }),
        fc.constantFrom(Float32Array, Float64Array, Int32Array, Uint16Array),
      )
      .map(([shape, Data]) => {
        const data = new Data(shape.reduce((a, b) => a * b, 1))
        for (let k = 0; k < data.length; k++) data[k] = (k * 7919) % 101
        return { shape, data }
      })
    fc.assert(
      fc.property(tensor, (made) => {
        expect(readNpy(encodeNpy(made), 'x.npy')).toEqual(made)
      }),
    )
  })
})

describe('files that are broken', () => {
  const good = file(header('<f4', '(2, 3)'), bytesOf(floats))

  it('are refused with the value, the rule and a remedy', () => {
    expect(refusal(new Uint8Array())).toContain('does not start as a .npy file does')
    expect(refusal(good.subarray(0, 9))).toContain('cut off within its first bytes')
    expect(refusal(good.subarray(0, 40))).toContain('header takes')
    expect(refusal(good.subarray(0, good.length - 1))).toContain('takes 24 bytes, but 23 follow the header: the file is cut off')
    expect(refusal(Uint8Array.of(...good, 0))).toContain('something else follows')
    expect(refusal(file(header('<f4', '(2, 3)'), bytesOf(floats), [4, 0]))).toContain('version 4.0')
    expect(refusal(file(header('<f2', '(2, 3)'), new Uint8Array(11)))).toContain("'<f2' takes 12 bytes, but 11 follow")
    // NumPy has bfloat16 from packages alone, which save it as two bytes of no type.
    expect(refusal(file(header('|V2', '(2,)'), new Uint8Array(4)))).toContain("'|V2'")
    expect(refusal(file(header('|f2', '(2,)'), new Uint8Array(4)))).toContain("'|f2'")
    expect(refusal(file(header('<c8', '(2,)'), new Uint8Array(16)))).toContain("'<c8'")
    expect(refusal(file(header('|O', '(2,)'), new Uint8Array(16)))).toContain("astype('float32')")
    expect(refusal(file(header('<i8', '(1,)'), bytesOf(BigInt64Array.of(2n ** 60n))))).toContain('cannot hold exactly')
  })

  it.each([
    ["{'descr': '<f4', 'fortran_order': False}\n", 'lacks one of'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': 1}\n", "'more' stands there twice, or is no part"],
    ["{'descr': '<f4', 'descr': '<f4', 'shape': (2, 3)}\n", "'descr' stands there twice"],
    ["{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}\n", 'a type of plain numbers should stand there'],
    ["{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}\n", 'True or False should stand there'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}\n", 'a size, an integer of at least 0'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (2.0, 3)}\n", 'a size, an integer of at least 0'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (6)}\n", "ends in ','"],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3 4)}\n", "')' should stand there"],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} x\n", 'nothing should follow'],
    ["'descr'\n", "'{' should stand there"],
    [header('<f4', '(99999999999999999999, 3)'), 'larger than any file'],
    [header('<f4', `(${'1, '.repeat(65)})`), 'at most 64 dimensions'],
  ])('refuses the header %s', (text, why) => {
    expect(refusal(file(text, bytesOf(floats)))).toContain(why)
  })

  it('refuses huge shapes before it allocates', () => {
    const before = process.memoryUsage().arrayBuffers
    for (const shape of ['(1000000000, 1000000000)', '(4000000000,)', `(${'9007199254740991, '.repeat(60)})`])
      expect(refusal(file(header('<f8', shape), bytesOf(floats)))).toContain('the file is cut off')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24)
  })

  it('never fails otherwise than with a FileError, whatever is changed', () => {
    const seeds = [
      good,
      file(header('>f2', '(3, 2)', 'True'), new Uint8Array(12)),
      file(header('<f2', '(3, 2)'), bytesOf(Uint16Array.of(0x3c00, 0x7c01, 0xfc00, 0x0001, 0x8000, 0x7bff))),
      file(header('<i8', '(2,)'), new Uint8Array(16), [2, 0]),
    ]
    const change = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), at: fc.nat(200), byte: fc.nat(255) }),
      fc.record({ kind: fc.constant('cut' as const), at: fc.nat(200), byte: fc.nat(255) }),
      fc.record({
        kind: fc.constant('insert' as const),
        at: fc.nat(200),
        byte: fc.constantFrom(..."0123456789()',:LTF<>|".split('').map((c) => c.charCodeAt(0))),
      }),
    )
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 8 }), (seed, changes) => {
        let bytes = [...seed]
        for (const { kind, at, byte } of changes) {
          if (kind === 'set') bytes[at % Math.max(1, bytes.length)] = byte
          else if (kind === 'cut') bytes = bytes.slice(0, at)
          else bytes.splice(at, 0, byte)
        }
        try {
          const { shape, data } = readNpy(Uint8Array.from(bytes), 'x.npy')
          expect(data.length).toBe(shape.reduce((a, b) => a * b, 1))
        } catch (error) {
          expect(error).toBeInstanceOf(FileError)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
