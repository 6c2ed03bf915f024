/** Why a look-up missed: the nearest key, and each field that is not the same. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainMiss, keyOf } from '../../runtime/store/explain.ts'
import type { Fields } from '../../runtime/store/store.ts'
import { fieldsLike } from './arbitrary.ts'

const key: Fields = {
  target: 'cuda',
  geometry: { kernelSize: [3, 3], stride: [2, 2], ceilMode: false },
  device: { name: 'H100', driver: '13.0', limits: { shared: 232448 } },
}

describe('explainMiss', () => {
  it('lists what differs, by its way', () => {
    const stored: Fields = {
      ...key,
      geometry: { kernelSize: [2, 2], stride: [2, 2], ceilMode: false },
      device: { name: 'H100', driver: '12.4', limits: { shared: 232448, registers: 65536 } },
    }
    expect(explainMiss(key, [stored])).toEqual({
      nearest: 0,
      differences: [
        { path: 'geometry.kernelSize', wanted: [3, 3], stored: [2, 2] },
        { path: 'device.driver', wanted: '13.0', stored: '12.4' },
        { path: 'device.limits.registers', stored: 65536 },
      ],
    })
    expect(explainMiss(stored, [key])!.differences.at(-1)).toEqual({ path: 'device.limits.registers', wanted: 65536 })
  })

  it('chooses the nearest, and of several the first', () => {
    const far: Fields = { ...key, target: 'js', device: {} }
    const near: Fields = { ...key, target: 'js' }
    expect(explainMiss(key, [far, near, near])!.nearest).toBe(1)
    expect(explainMiss(key, [far, near, key])).toEqual({ nearest: 2, differences: [] })
    expect(explainMiss(key, [])).toBeUndefined()
  })

  it('tells kinds of values apart, and quotes what would read as a way', () => {
    const differences = explainMiss({ a: 1, b: null, c: {}, d: [1], 'e.f': 1, '': 2, g: [{ x: 1 }], h: { x: 1 } }, [
      { a: '1', b: 0, c: [], d: 1, 'e.f': 2, g: [{ x: 1 }], h: 1 },
    ])!.differences
    expect(differences.map(({ path }) => path)).toEqual(['a', 'b', 'c', 'd', '["e.f"]', '[""]', 'h'])
    expect(explainMiss({ a: [{ x: 1, y: 2 }] }, [{ a: [{ y: 2, x: 1 }] }])!.differences).toEqual([])
    expect(explainMiss({ toString: 1 }, [{}])!.differences).toEqual([{ path: 'toString', wanted: 1 }])
  })

  it('finds nothing between equals, and something between others', () => {
    fc.assert(
      fc.property(fieldsLike, fieldsLike, (a, b) => {
        expect(explainMiss(a, [JSON.parse(JSON.stringify(a)) as Fields])!.differences).toEqual([])
        const there = explainMiss(a, [b])!.differences
        const back = explainMiss(b, [a])!.differences
        expect(there.length).toBe(back.length)
        const turned = back.map(({ path, wanted, stored }) => ({
          path,
          ...(stored !== undefined && { wanted: stored }),
          ...(wanted !== undefined && { stored: wanted }),
        }))
        expect(new Set(there.map((one) => JSON.stringify(one)))).toEqual(new Set(turned.map((one) => JSON.stringify(one))))
      }),
    )
  })
})

describe('keyOf', () => {
  it('is the key that entries share, or all fields but the mark of an import', () => {
    expect(keyOf({ key, schedule: { unroll: 'all' }, imported: {} })).toEqual(key)
    expect(keyOf({ nvrtc: '13.0', imported: {} })).toEqual({ nvrtc: '13.0' })
    expect(keyOf({ key: 'text' })).toEqual({ key: 'text' })
  })
})
