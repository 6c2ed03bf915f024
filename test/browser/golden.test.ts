/** Every golden case in a browser: all operators, dimensions and layouts, forward and backward, with NaN and infinities. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readGolden } from '../../runtime/golden.ts'
import { opened } from './opened.ts'

const folder = new URL('../golden/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))

it('there are nine files', () => expect(files).toHaveLength(9))

it.for(files)('all cases of %s pass', { timeout: 240_000 }, async (file, context) => {
  const page = await opened<typeof import('./page/golden.ts')>('golden', context)
  const { cases } = readGolden(readFileSync(new URL(file, folder), 'utf8'))
  const reports = await page.call('check', file)
  expect(reports.map(({ id }) => id)).toEqual(cases.map(({ id }) => id))
  expect(reports.filter(({ status }) => status !== 'passed')).toEqual([])
  expect(page.complaints).toEqual([])
})
