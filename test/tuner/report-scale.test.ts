import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scaleOf } from '../../runtime/tuner/report/scale.ts'

const options = { range: [0, 300], apart: 40, fromZero: true } as const

test('times near each other lie on a line from 0, times far apart on a logarithm', () => {
  const near = scaleOf([1, 2.5], options)
  expect([near.isLog, near.at(0), near.at(2.5), near.ticks]).toEqual([false, 0, 300, [0, 0.5, 1, 1.5, 2, 2.5]])
  const far = scaleOf([1e-4, 1e5], options)
  expect([far.isLog, far.at(1e-4), far.at(1e5)]).toEqual([true, 0, 300])
  expect(far.ticks).toEqual([1e-4, 0.01, 1, 100, 1e4])
})

test('ticks of a logarithm are the densest round numbers that have room', () => {
  expect(scaleOf([2.1, 6.4], options).ticks).toEqual([3, 4, 5])
  expect(scaleOf([2.1, 6.4], { ...options, apart: 65 }).ticks).toEqual([3, 5])
  expect(scaleOf([1, 100], options).ticks).toEqual([1, 2, 5, 10, 20, 50, 100])
})

test('without 0 a scale reaches from the least to the greatest', () => {
  const scale = scaleOf([8, 10], { ...options, fromZero: false })
  expect([scale.at(8), scale.at(10), scale.ticks]).toEqual([0, 300, [8, 8.5, 9, 9.5, 10]])
})

test('equal numbers, and 0 alone, have a place', () => {
  expect(scaleOf([5, 5], { ...options, fromZero: false }).at(5)).toBe(150)
  expect(scaleOf([0], options).at(0)).toBe(0)
  const nearly = scaleOf([1e-4, 1e-4 + 1e-19], { ...options, fromZero: false })
  expect([nearly.at(1e-4), nearly.ticks]).toEqual([expect.closeTo(150), [9e-5, 9.5e-5, 1e-4, 1.05e-4, 1.1e-4]])
})

test('a scale may run downwards, as heights in a drawing do', () => {
  const scale = scaleOf([0, 10], { ...options, range: [200, 0] })
  expect([scale.at(0), scale.at(5), scale.at(10)]).toEqual([200, 100, 0])
})

test('for all numbers: within the range, in order, with ticks that are apart', () => {
  const time = fc
    .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: -8, max: 1 }))
    .map(([digits, power]) => digits * 10 ** power)
  const times = fc.array(time, { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(times, fc.boolean(), fc.integer({ min: 25, max: 120 }), (values, fromZero, apart) => {
      const scale = scaleOf(values, { range: [10, 310], apart, fromZero })
      const places = [...values].sort((a, b) => a - b).map((value) => scale.at(value))
      expect(places).toEqual([...places].sort((a, b) => a - b))
      const ticks = scale.ticks.map((tick) => scale.at(tick))
      for (const place of [...places, ...ticks]) {
        expect(place).toBeGreaterThanOrEqual(10 - 1e-6)
        expect(place).toBeLessThanOrEqual(310 + 1e-6)
      }
      for (const [k, place] of ticks.slice(1).entries()) expect(place - ticks[k]!).toBeGreaterThanOrEqual(apart - 1e-6)
    }),
  )
})
