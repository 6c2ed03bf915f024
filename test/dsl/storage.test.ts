/** Storage types: every pattern of 16 bits, and rounding against exact integers that know nothing of how it is done. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ArgumentError } from '../../dsl/errors.ts'
import {
  type HalfType,
  narrow,
  type StorageRole,
  storageByName,
  storageOf,
  storages,
  storageTypes,
  ulp,
  widen,
  widenAll,
} from '../../dsl/storage.ts'
import { numberToHalf } from '../../runtime/cuda/emulator/half.ts'

const types: readonly HalfType[] = ['float16', 'bfloat16']
const patterns = Uint16Array.from({ length: 0x1_0000 }, (_, bits) => bits)
const bitsOf = (x: number, type: HalfType): number => narrow([x], type)[0]!
const hex = (bits: number): string => bits.toString(16).padStart(4, '0')

const long = new BigUint64Array(1)
const double = new Float64Array(long.buffer)
const doubleOf = (bits: bigint): number => {
  long[0] = bits
  return double[0]!
}

/** A finite double's size as a whole number of 2^-1074. */
const exact = (x: number): bigint => {
  double[0] = Math.abs(x)
  const exponent = long[0]! >> 52n
  const fraction = long[0]! & 0xf_ffff_ffff_ffffn
  return exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n)
}

/** The size that a pattern of non-negative sign stands for, by the definition of the formats; infinity is what would come next. */
const exactOf = (bits: number, type: HalfType): bigint => {
  const [width, bias] = type === 'float16' ? [10, 15] : [7, 127]
  const exponent = bits >> width
  const fraction = BigInt(bits & ((1 << width) - 1))
  const significand = exponent === 0 ? fraction : fraction | (1n << BigInt(width))
  return significand << BigInt(1074 + Math.max(exponent, 1) - bias - width)
}

const infinity: Readonly<Record<HalfType, number>> = { float16: 0x7c00, bfloat16: 0x7f80 }

/** The nearest pattern to a finite double, by trying: the even one of two that are as near. */
const reference = (x: number, type: HalfType): number => {
  const size = exact(x)
  let [low, high] = [0, infinity[type]]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (exactOf(middle, type) <= size) low = middle
    else high = middle
  }
  const [below, above] = [size - exactOf(low, type), exactOf(high, type) - size]
  const nearest = below < above || (below === above && low % 2 === 0) ? low : high
  return nearest | (x < 0 || Object.is(x, -0) ? 0x8000 : 0)
}

describe.each(types)('%s', (type) => {
  it('round trips in all 65,536 patterns', () => {
    const numbers = widen(patterns, type)
    const again = narrow(numbers, type)
    for (const bits of patterns) {
      const isNumber = (bits & 0x7fff) <= infinity[type]
      if (!isNumber) expect(numbers[bits], hex(bits)).toBeNaN()
      else if (again[bits] !== bits) throw new Error(`${hex(bits)} is ${numbers[bits]}, which is ${hex(again[bits]!)}`)
      if (!isNumber) expect((again[bits]! & 0x7fff) > infinity[type]).toBe(true)
    }
  })

  it('widens to what the definition says', () => {
    const numbers = widen(patterns, type)
    for (const bits of patterns.subarray(0, infinity[type])) {
      if (exact(numbers[bits]!) !== exactOf(bits, type) || numbers[bits | 0x8000] !== -numbers[bits]!) throw new Error(hex(bits))
    }
    expect(Object.is(numbers[0x8000], -0)).toBe(true)
    expect([numbers[infinity[type]], numbers[infinity[type] | 0x8000]]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ])
  })

  it('narrows as exact integers do: at the middle of two neighbours, and just beside it', () => {
    const numbers = widen(patterns, type)
    for (let bits = 0; bits < infinity[type]; bits++) {
      const next = bits + 1 === infinity[type] ? 2 ** (storages[type].greatestExponent + 1) : numbers[bits + 1]!
      const middle = (numbers[bits]! + next) / 2
      double[0] = middle
      const pattern = long[0]!
      const beside = [doubleOf(pattern - 1n), middle, doubleOf(pattern + 1n)]
      const made = narrow([...beside, ...beside.map((x) => -x)], type)
      const even = bits % 2 === 0 ? bits : bits + 1
      const wanted = [bits, even, bits + 1].flatMap((b) => [b, b | 0x8000])
      if ([0, 3, 1, 4, 2, 5].some((k, at) => made[k] !== wanted[at]))
        throw new Error(`beside ${hex(bits)}: ${[...made].map(hex)}`)
    }
  })

  it('narrows any double as exact integers do', () => {
    const anywhere = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(doubleOf)
    const near = fc
      .tuple(fc.double({ min: 1, max: 2, maxExcluded: true }), fc.integer({ min: -140, max: 130 }), fc.boolean())
      .map(([significand, exponent, negative]) => (negative ? -1 : 1) * significand * 2 ** exponent)
    fc.assert(
      fc.property(fc.oneof(anywhere, near, near), (x) => {
        if (Number.isFinite(x)) expect(hex(bitsOf(x, type))).toBe(hex(reference(x, type)))
      }),
      { numRuns: 5000 },
    )
  })

  it('agrees with the emulator of CUDA devices, which rounds by code of its own', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -1100, max: 0 }), (x, shift) => {
        const scaled = x * 2 ** shift
        expect(bitsOf(scaled, type)).toBe(numberToHalf(scaled, type === 'float16' ? 'f16' : 'bf16', 'rn'))
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps infinities, overflows to them, and keeps the sign of what vanishes', () => {
    const greatest = widen(Uint16Array.of(infinity[type] - 1), type)[0]!
    const step = ulp(greatest, type)
    const numbers = [Number.POSITIVE_INFINITY, greatest + step / 2, Number.MAX_VALUE, -(greatest + step / 2)]
    expect([...narrow(numbers, type)]).toEqual([infinity[type], infinity[type], infinity[type], infinity[type] | 0x8000])
    expect(bitsOf(greatest + step / 2 - step / 1024, type)).toBe(infinity[type] - 1)
    const least = widen(Uint16Array.of(1), type)[0]!
    expect([least / 2, -least / 2, Number.MIN_VALUE, -0].map((x) => hex(bitsOf(x, type)))).toEqual([
      '0000',
      '8000',
      '0000',
      '8000',
    ])
    expect(bitsOf((least / 2) * (1 + 2 ** -52), type)).toBe(1)
  })

  it('keeps a NaN a NaN, wherever its bits are', () => {
    const payloads = [1n, 1n << 20n, 1n << 28n, 1n << 45n, 1n << 51n, (1n << 52n) - 1n]
    for (const payload of payloads) {
      for (const sign of [0n, 1n << 63n]) {
        const x = doubleOf(sign | (0x7ffn << 52n) | payload)
        expect(bitsOf(x, type) & 0x7fff).toBeGreaterThan(infinity[type])
        expect(narrow(Float32Array.of(x), type)[0]! & 0x7fff).toBeGreaterThan(infinity[type])
      }
    }
    const single = new Float32Array(Uint32Array.of(0x7f80_0001, 0xff80_0001, 0x7fc0_0000).buffer)
    for (const bits of narrow(single, type)) expect(bits & 0x7fff).toBeGreaterThan(infinity[type])
  })

  it('has a unit in the last place: the step to the next', () => {
    const numbers = widen(patterns, type)
    for (let bits = 0; bits + 1 < infinity[type]; bits++) {
      if (numbers[bits + 1]! - numbers[bits]! !== ulp(numbers[bits]!, type)) throw new Error(hex(bits))
    }
    expect(ulp(-1.5, type)).toBe(ulp(1, type))
    expect(ulp(Number.POSITIVE_INFINITY, type)).toBe(ulp(numbers[infinity[type] - 1]!, type))
  })
})

it('rounds a double once: by way of float32 it would come to the wrong neighbour', () => {
  // Just above the middle of 1 and the next half; the nearest float32 is the middle itself, and its even neighbour is 1.
  const x = 1 + 2 ** -11 + 2 ** -40
  expect(Math.fround(x)).toBe(1 + 2 ** -11)
  expect(hex(bitsOf(x, 'float16'))).toBe('3c01')
  expect(hex(bitsOf(Math.fround(x), 'float16'))).toBe('3c00')
})

describe('the units in the last place of wide types', () => {
  it('are those of the numbers', () => {
    expect([ulp(1, 'float32'), ulp(0, 'float32')]).toEqual([2 ** -23, 2 ** -149])
    expect([ulp(1, 'float64'), ulp(0, 'float64')]).toEqual([Number.EPSILON, Number.MIN_VALUE])
  })
})

describe('narrow and widen', () => {
  it('make and read the arrays of every type', () => {
    expect(narrow([0.1, 2], 'float32')).toEqual(Float32Array.of(0.1, 2))
    expect(narrow(Float32Array.of(0.5), 'float64')).toEqual(Float64Array.of(0.5))
    expect(narrow([1, -2], 'float16')).toEqual(Uint16Array.of(0x3c00, 0xc000))
    expect(narrow(Int32Array.of(1, -2), 'bfloat16')).toEqual(Uint16Array.of(0x3f80, 0xc000))
    const numbers = Float32Array.of(1)
    expect(widen(numbers, 'float16')).toBe(numbers)
  })

  it('write into an array that is there', () => {
    const into = new Uint16Array(2)
    expect(narrow([1, 2], 'float16', into)).toBe(into)
    expect(into).toEqual(Uint16Array.of(0x3c00, 0x4000))
  })

  it('refuse bits of what has none', () => {
    expect(() => widen(Uint16Array.of(1), 'float32')).toThrow(ArgumentError)
    expect(() => widen(Uint16Array.of(1), 'float32')).toThrow(
      /holds the bits of float16 or bfloat16, but is widened from float32/,
    )
  })

  it('widen what is handed to a kernel, by name', () => {
    const given = { x: { shape: [1], data: Uint16Array.of(0x3c00) }, w: { shape: [1], data: Float32Array.of(3) }, a: 2 }
    expect(widenAll(given, 'float16')).toEqual({ ...given, x: { shape: [1], data: Float32Array.of(1) } })
    expect(widenAll(given, 'float32')).toBe(given)
    expect(widenAll(given, undefined)).toBe(given)
  })
})

describe('what a tensor is stored as', () => {
  it('follows from the storage type and its role', () => {
    const roles: readonly StorageRole[] = ['input', 'tensor', 'param', 'noise', 'result', 'cotangent']
    const table = storageTypes.map((dtype) => roles.map((role) => storageOf(dtype, role)))
    const [same, wide] = [
      (dtype: string) => Array(6).fill(dtype),
      (dtype: string) => [dtype, dtype, 'float32', 'float32', dtype, dtype],
    ]
    expect(table).toEqual([same('float32'), same('float64'), wide('float16'), wide('bfloat16')])
  })

  it('is known by name', () => {
    const tensors = [
      { name: 'x', role: 'input' },
      { name: 'w', role: 'param', shape: 'channel' },
    ] as const
    const storage = storageByName({ tensors }, 'bfloat16')
    expect(['x', 'w', 'y'].map(storage)).toEqual(['bfloat16', 'float32', 'bfloat16'])
    expect(storages.bfloat16.array).toBe(Uint16Array)
    expect(storages.float64.array.BYTES_PER_ELEMENT).toBe(8)
  })
})
