/** What `poolwright tune` says where nothing was remembered for its key, and the same operator is remembered under another. */
import '../children.ts'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { missedText } from '../../cli/tune/missed.ts'
import { hashOf } from '../../runtime/store/hash.ts'
import type { Fields, Store } from '../../runtime/store/store.ts'
import { Memory } from '../../runtime/tuner/memory.ts'
import { temporaryStore } from '../tuner/problems.ts'
import { call, folder } from './call.ts'

const wanted: Fields = {
  target: 'js',
  operator: 'avg',
  direction: 'forward',
  device: { v8: '11.3' },
  ir: await hashOf('avg'),
  size: { planes: 4, extents: [32, 32] },
  dtype: 'float32',
}

/** Remembers so many candidates under a key. */
const remember = async (store: Store, key: Fields, ...names: readonly string[]): Promise<void> => {
  const memory = await Memory.of(store, key)
  for (const name of names)
    await memory.remember(name, {
      schedule: { unroll: name },
      outcome: { kind: 'ok', ms: 1 },
      generator: 'g',
      run: 'r',
      tookMs: 1,
      at: 1,
    })
}

const avg = { name: 'avg' }

describe('what is said of a key that nothing was remembered for', () => {
  it('names the fields in which the nearest differs, with both values', async () => {
    const store = temporaryStore()
    await remember(store, wanted, 'a', 'b')
    await remember(store, { ...wanted, size: { planes: 4, extents: [16, 16] }, dtype: 'float64' }, 'a')
    await remember(store, { ...wanted, size: { planes: 8, extents: [16, 16] }, dtype: 'float64' }, 'a')
    expect(await missedText(store, wanted, { measured: 2 }, avg)).toBe(
      'nothing that is remembered was of use: what comes nearest differs in 2 fields: ' +
        'size.extents, wanted [32,32], stored [16,16]; dtype, wanted "float32", stored "float64"\n',
    )
  })

  it('tells a few fields, and who tells the rest; the graph only where nothing else differs', async () => {
    const store = temporaryStore()
    await remember(store, wanted, 'a')
    const far = { ...wanted, device: { v8: '12.4' }, size: { planes: 8, extents: [16, 16] }, dtype: 'float64' }
    await remember(store, { ...far, ir: await hashOf('other') }, 'a')
    const { folder: own } = await Memory.of(store, wanted)
    const said = await missedText(store, wanted, { measured: 1 }, avg)
    expect(said).toContain('differs in 4 fields: device.v8, wanted "11.3", stored "12.4"; size.planes, ')
    expect(said).toContain(`; and 1 more: poolwright cache explain --key ${own.slice(7, 19)}\n`)
    expect(said).not.toContain('ir,')
    await remember(store, { ...wanted, ir: await hashOf('eps') }, 'a')
    expect(await missedText(store, wanted, { measured: 1 }, avg)).toMatch(
      /in 1 field: ir, the graph, which is of another formula or of other attributes, wanted "[0-9a-f]{12}", stored "[0-9a-f]{12}"\n$/,
    )
  })

  it('is nothing where nothing was measured, where something was remembered, and for any other operator', async () => {
    const store = temporaryStore()
    await remember(store, wanted, 'a', 'b')
    for (const [field, value] of Object.entries({ operator: 'max', direction: 'backward', target: 'cuda' }))
      await remember(store, { ...wanted, [field]: value }, 'a')
    expect(await missedText(store, wanted, { measured: 2 }, avg)).toBe('')
    await remember(store, { ...wanted, dtype: 'float64' }, 'a')
    expect(await missedText(store, wanted, { measured: 2 }, avg)).not.toBe('')
    expect(await missedText(store, wanted, { measured: 1 }, avg)).toBe('')
    expect(await missedText(store, wanted, { measured: 0 }, avg)).toBe('')
    // All formulas have one name; one with another graph is another operator.
    await remember(store, { ...wanted, dtype: 'float64', ir: await hashOf('another formula') }, 'a')
    expect(await missedText(store, wanted, { measured: 2 }, { formula: 'mean(x)' })).toContain('in 1 field: dtype, ')
  })
})

const here = folder()
beforeEach(() => {
  vi.stubEnv('POOLWRIGHT_CACHE', here('store'))
  return () => vi.unstubAllEnvs()
})

describe('tune', () => {
  it('says it once, to people alone', async () => {
    const tune = (extent: string, ...more: readonly string[]) =>
      call('tune', 'avg', '--kernel', '2', '--input', `1,2,${extent},8`, '--candidates', '1', ...more)
    expect((await tune('8')).err).toBe('')
    expect((await tune('16')).err).toMatch(/^nothing that is remembered .* size\.extents, wanted \[16,8\], stored \[8,8\]\n$/)
    expect((await tune('16')).err).toBe('')
    expect((await tune('32', '--json')).err).toBe('')
  })
})
