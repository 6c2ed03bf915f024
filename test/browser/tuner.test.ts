/** In a browser: kernels are tuned in the page that they are for, and what was found is there when the page is loaded again. */
import { expect, it } from 'vitest'
import { opened } from './opened.ts'

type Page = typeof import('./page/tuner.ts')

it('shaders are tuned once, and remembered by the page’s database', { timeout: 120_000 }, async (context) => {
  const page = await opened<Page>('tuner', context)
  expect(await page.call('shaders', 'cached')).toMatchObject({ first: 4.5, opened: 0, entries: 0 })
  const found = await page.call('shaders', 'quick')
  // In each direction four sizes of a workgroup, and the end of the run.
  expect(found).toMatchObject({ first: 4.5, opened: 2, candidates: 8, entries: 10 })
  expect(['timestamps', 'host']).toContain(found.clock)
  await page.reload()
  for (const tune of ['quick', 'cached'] as const) expect(await page.call('shaders', tune)).toEqual({ ...found, opened: 0 })
  expect(page.complaints).toEqual([])
})

it('JavaScript is tuned in a page, too', { timeout: 120_000 }, async (context) => {
  const page = await opened<Page>('tuner', context)
  const found = await page.call('host', 'quick')
  expect(found.first).toBe(4.5)
  expect(found.candidates).toBeGreaterThan(1)
  await page.reload()
  expect(await page.call('host', 'quick')).toEqual(found)
  expect(page.complaints).toEqual([])
})
