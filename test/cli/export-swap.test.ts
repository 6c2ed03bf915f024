/** What takes the places of others takes all of them or none. */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, it } from 'vitest'
import { swap } from '../../cli/export/swap.ts'
import { folder } from './call.ts'

const at = folder()

const put = (path: string, text: string): void => {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text)
}
const read = (path: string): string => readFileSync(at(path), 'utf8')
const swapped = (name: string, paths: readonly string[]): Promise<void> => {
  mkdirSync(at(`${name}/into`), { recursive: true })
  return swap(paths, at(`${name}/made`), at(`${name}/into`), at(`${name}/old`))
}

it('puts files and folders in place, and what was there aside', async () => {
  put('all/made/folder/new.py', 'new')
  put('all/made/deep/file', 'new')
  put('all/into/folder/old.py', 'old')
  put('all/into/deep/file', 'old')
  put('all/into/gone/file', 'old')
  put('all/into/kept', 'old')
  await swapped('all', ['folder', 'deep/file', 'gone', 'neither'])
  expect(readdirSync(at('all/into')).sort()).toEqual(['deep', 'folder', 'kept'])
  expect(readdirSync(at('all/into/folder'))).toEqual(['new.py'])
  expect(read('all/into/deep/file')).toBe('new')
  expect([read('all/old/folder/old.py'), read('all/old/deep/file'), read('all/old/gone/file')]).toEqual(['old', 'old', 'old'])
})

it('puts everything back where one place cannot be taken', async () => {
  for (const path of ['folder/new.py', 'file', 'fresh', 'in/the/way']) put(`none/made/${path}`, 'new')
  for (const path of ['folder/old.py', 'file', 'gone/file', 'in']) put(`none/into/${path}`, 'old')
  symlinkSync(at('nowhere'), at('none/into/link'))
  put('none/made/link', 'new')
  await expect(swapped('none', ['folder', 'file', 'fresh', 'gone', 'link', 'in/the/way'])).rejects.toThrow('ENOTDIR')
  expect(readdirSync(at('none/into')).sort()).toEqual(['file', 'folder', 'gone', 'in', 'link'])
  for (const path of ['folder/old.py', 'file', 'gone/file', 'in']) expect(read(`none/into/${path}`)).toBe('old')
  expect(readlinkSync(at('none/into/link'))).toBe(at('nowhere'))
})
