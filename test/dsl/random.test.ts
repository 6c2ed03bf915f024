/** Random values: the published vectors of Philox, the polynomials against Math, and the distributions. */
import { describe, expect, it } from 'vitest'
import { cosOfTurn, logOfUniform, normal, philox4x32, uniform, type Words4 } from '../../dsl/random.ts'

describe('philox4x32', () => {
  // Random123's known-answer vectors for philox4x32 with 10 rounds.
  it.each<[Words4, [number, number], Words4]>([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('of %j with key %j', (counter, key, words) => {
    expect(philox4x32(counter, key)).toEqual(words)
  })

  it('agrees with the definition in big integers', () => {
    const mask = 0xffffffffn
    const reference = (counter: Words4, key: [number, number]): number[] => {
      let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint]
      let [k0, k1] = key.map(BigInt) as [bigint, bigint]
      for (let round = 0; round < 10; round++) {
        const p0 = 0xd2511f53n * c0
        const p1 = 0xcd9e8d57n * c2
        ;[c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & mask, (p0 >> 32n) ^ c3 ^ k1, p0 & mask]
        k0 = (k0 + 0x9e3779b9n) & mask
        k1 = (k1 + 0xbb67ae85n) & mask
      }
      return [c0, c1, c2, c3].map(Number)
    }
    let counter: Words4 = [1, 2, 3, 4]
    for (let k = 0; k < 2000; k++) {
      const key: [number, number] = [counter[3], counter[1]]
      const made = philox4x32(counter, key)
      expect(made).toEqual(reference(counter, key))
      counter = made
    }
  })
})

describe('the index, the seed and the stream', () => {
  it('are the counter and the key', () => {
    const [word] = philox4x32([5, 3, 7, 0], [0x89abcdef, 0x01234567])
    expect(uniform(0x0123456789abcdefn, 3 * 2 ** 32 + 5, 7)).toBe((word >>> 8) / 2 ** 24)
  })

  it('each change the value', () => {
    const values = [
      normal(1n, 0, 0),
      normal(1n, 1, 0),
      normal(1n, 0, 1),
      normal(2n, 0, 0),
      normal(1n + (1n << 32n), 0, 0),
      normal(1n, 2 ** 32, 0),
    ]
    expect(new Set(values).size).toBe(values.length)
    expect(normal(1n, 1, 0)).toBe(values[1])
  })
})

describe('the polynomials', () => {
  it('log(k / 2^24)', () => {
    let worst = 0
    const test = (k: number): void => {
      worst = Math.max(worst, Math.abs(logOfUniform(k) - Math.log(k / 2 ** 24)))
    }
    for (let k = 1; k <= 2 ** 24; k += 31) test(k)
    for (let e = 0; e <= 24; e++) for (const near of [-1, 0, 1]) test(Math.min(Math.max(2 ** e + near, 1), 2 ** 24))
    expect(worst).toBeLessThan(1e-11)
    // At 1 there is no error at all: the largest uniform gives the normal number 0.
    expect(logOfUniform(2 ** 24)).toBe(0)
  })

  it('cos(2 pi k / 2^24)', () => {
    let worst = 0
    const test = (k: number): void => {
      worst = Math.max(worst, Math.abs(cosOfTurn(k) - Math.cos((2 * Math.PI * k) / 2 ** 24)))
    }
    for (let k = 0; k < 2 ** 24; k += 31) test(k)
    for (let eighth = 0; eighth < 8; eighth++) for (const near of [-1, 0, 1]) test((eighth * 2 ** 21 + near + 2 ** 24) % 2 ** 24)
    expect(worst).toBeLessThan(1e-11)
    expect([0, 1, 2, 3].map((quarter) => Math.abs(cosOfTurn(quarter * 2 ** 22)))).toEqual([1, 0, 1, 0])
  })

  it('normals equal Box and Muller with Math', () => {
    for (let index = 0; index < 1000; index++) {
      const [word0, word1] = philox4x32([index, 0, 4, 0], [9, 0])
      const wanted = Math.sqrt(-2 * Math.log(((word0 >>> 8) + 1) / 2 ** 24)) * Math.cos((2 * Math.PI * (word1 >>> 8)) / 2 ** 24)
      expect(Math.abs(normal(9n, index, 4) - wanted)).toBeLessThan(1e-9)
    }
  })
})

/** The normal distribution function, by the complementary error function of Numerical Recipes (relative error 1.2e-7). */
const normalBelow = (z: number): number => {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + x / 2)
  const coefficients = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277,
  ]
  const complement = t * Math.exp(-x * x + coefficients.reduceRight((sum, c) => sum * t + c, 0))
  return z > 0 ? 1 - complement / 2 : complement / 2
}

describe('distributions of 10^6 values with fixed seeds', () => {
  const count = 1_000_000
  const normals = Float64Array.from({ length: count }, (_, index) => normal(20191208n, index, 0))

  it('normals pass Kolmogorov and Smirnov', () => {
    const sorted = normals.slice().sort()
    let distance = 0
    for (let k = 0; k < count; k++) {
      const below = normalBelow(sorted[k]!)
      distance = Math.max(distance, below - k / count, (k + 1) / count - below)
    }
    // 1.63 is the limit at 1 %.
    expect(distance * Math.sqrt(count)).toBeLessThan(1.63)
  })

  it('normals pass chi-square over 100 equally likely cells', () => {
    const cells = new Array<number>(100).fill(0)
    for (const z of normals) cells[Math.min(99, Math.floor(normalBelow(z) * 100))]!++
    const chi = cells.reduce((sum, n) => sum + (n - count / 100) ** 2 / (count / 100), 0)
    // 99 degrees of freedom: between the limits at 0.5 % on either side.
    expect(chi).toBeGreaterThan(66.5)
    expect(chi).toBeLessThan(139)
  })

  it('uniforms lie in [0, 1) and pass chi-square, and neighbours in index and stream are independent', () => {
    const cells = new Array<number>(256).fill(0)
    const pairs = 250_000
    const cell = (index: number, stream: number): number => Math.floor(uniform(42n, index, stream) * 16)
    for (let index = 0; index < pairs; index++) cells[cell(index, 0) * 16 + cell(index + 1, 1)]!++
    expect(cells.length).toBe(256)
    const chi = cells.reduce((sum, n) => sum + (n - pairs / 256) ** 2 / (pairs / 256), 0)
    // 255 degrees of freedom, 0.5 % on either side.
    expect(chi).toBeGreaterThan(201)
    expect(chi).toBeLessThan(316)
  })
})
