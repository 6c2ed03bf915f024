/** In a browser: what is remembered in IndexedDB is there when the page is loaded again, and proves itself there too. */
import { expect, it } from 'vitest'
import { opened } from './opened.ts'

it('entries outlive their page, are listed and removed, and are dropped where a bit has turned', async (context) => {
  const page = await opened<typeof import('./page/store.ts')>('store', context)
  await page.call('put', 3)
  await page.reload()
  expect(await page.call('get', 'a2')).toEqual({ fields: { key: 'a', k: 2 }, value: [1, 2, 2] })
  expect(await page.call('get', 'a3')).toBeNull()

  const listed = await page.call('list')
  expect(listed.map(({ folder, name }) => `${folder}/${name}`)).toEqual(['tuning/key/a0', 'tuning/key/a1', 'tuning/key/a2'])
  expect(await page.call('remove', listed[0]!)).toBe(true)
  await page.call('flip', 'a1')
  await page.reload()
  expect(await page.call('get', 'a0')).toBeNull()
  expect(await page.call('warned')).toEqual([])
  expect(await page.call('get', 'a1')).toBeNull()
  expect(await page.call('warned')).toEqual([expect.stringContaining('tuning/key/a1')])
  expect((await page.call('list')).map(({ name }) => name)).toEqual(['a2'])
  expect(page.complaints).toEqual([])
})
