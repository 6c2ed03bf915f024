/** Tuning as a page does it: in one process, remembered in a browser's database, or nowhere. */
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, expect, it, vi } from 'vitest'
import { jsTuning } from '../../runtime/js.ts'
import { IndexedDbStore } from '../../runtime/store/indexed-db.ts'
import type { IdbFactory } from '../../runtime/store/indexed-db-types.ts'
import { folders } from '../../runtime/store/store.ts'
import { tuneBoth } from '../../runtime/tuner/page.ts'
import { problemOf } from './problems.ts'

const { direction: _, pinned: __, ...problem } = problemOf('avg', { kernelSize: [2, 2] }, { extents: [6, 6] })
/** Two candidates are left. */
const pins = { phases: 'owner', unroll: 'all', outputsPerThread: 2, rows: 1, fold: 'columns', extrema: 'keys' }
const pinned = { forward: pins, backward: pins }

const opening = vi.spyOn(jsTuning, 'open')
beforeEach(() => void opening.mockClear())

const stored = async (factory: IdbFactory): Promise<number> => (await new IndexedDbStore(factory).list(folders.tuning)).length

it('searches both directions once, and answers from memory from then on', async () => {
  const factory: IdbFactory = new IDBFactory()
  vi.stubGlobal('indexedDB', factory)
  expect(await tuneBoth(jsTuning, problem, pinned, 'cached')).toEqual({ forward: {}, backward: {} })
  expect([await stored(factory), opening.mock.calls.length]).toEqual([0, 0])
  const found = await tuneBoth(jsTuning, problem, pinned, 'quick')
  expect(found).toEqual({ forward: expect.objectContaining(pins), backward: expect.objectContaining(pins) })
  expect(opening).toHaveBeenCalledTimes(2)
  // In each direction two candidates, and the end of the run.
  expect(await stored(factory)).toBe(6)
  for (const effort of ['quick', 'cached'] as const) expect(await tuneBoth(jsTuning, problem, pinned, effort)).toEqual(found)
  expect(opening).toHaveBeenCalledTimes(2)
})

it('searches where a page may keep nothing, and says so', async () => {
  vi.stubGlobal('indexedDB', undefined)
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const found = await tuneBoth(jsTuning, problem, pinned, 'quick')
  expect(found.forward).toMatchObject(pins)
  expect(warn.mock.calls.flat().join('\n')).toMatch(/there is no indexedDB here/)
  warn.mockRestore()
})
