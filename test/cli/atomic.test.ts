/** Files are written whole, all or none. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkWritable, writeFiles } from '../../cli/files/atomic.ts'
import { systemReason } from '../../cli/files/system-reason.ts'
import { FileError } from '../../dsl/errors.ts'
import { folder } from './call.ts'

const at = folder()
const one = Uint8Array.of(1)
const two = Uint8Array.of(2, 2)

describe('writeFiles', () => {
  it('writes, replaces, and follows links', async () => {
    await writeFiles([{ path: at('a'), bytes: one }])
    await writeFiles([
      { path: at('a'), bytes: two },
      { path: at('b'), bytes: one },
    ])
    symlinkSync(at('a'), at('link'))
    await writeFiles([{ path: at('link'), bytes: one }])
    expect([...readFileSync(at('a'))]).toEqual([1])
    expect(readdirSync(at('.')).sort()).toEqual(['a', 'b', 'link'])
  })

  it('writes none where one cannot be, and leaves what was there', async () => {
    writeFileSync(at('old'), one)
    mkdirSync(at('directory'))
    const before = readdirSync(at('.'))
    for (const bad of [at('directory'), at('nowhere/c'), at('old/c'), at('old')]) {
      const files = [
        { path: at('old'), bytes: two },
        { path: bad, bytes: two },
      ]
      await expect(writeFiles(files)).rejects.toThrow(FileError)
      expect([...readFileSync(at('old'))]).toEqual([1])
      expect(readdirSync(at('.'))).toEqual(before)
    }
  })

  it('refuses what is no file, and leaves a link to nowhere as it is', async () => {
    await expect(writeFiles([{ path: '/dev/null', bytes: one }])).rejects.toThrow('no regular file')
    symlinkSync(at('nothing'), at('dangling'))
    symlinkSync(at('circle'), at('circle'))
    await expect(writeFiles([{ path: at('dangling'), bytes: one }])).rejects.toThrow('dangling: is a link to what is not there')
    await expect(writeFiles([{ path: at('circle'), bytes: one }])).rejects.toThrow('its links lead in a circle')
    expect(lstatSync(at('dangling')).isSymbolicLink()).toBe(true)
  })

  it('says what to do', async () => {
    await expect(writeFiles([{ path: at('nowhere/c'), bytes: one }])).rejects.toThrow(
      /nowhere\/c: cannot be written: there is no such file or folder\. Name a file in a folder that is there/,
    )
  })
})

describe('checkWritable', () => {
  it('says beforehand what writing would say, and writes nothing', async () => {
    mkdirSync(at('checked/folder'), { recursive: true })
    writeFileSync(at('checked/file'), one)
    await checkWritable([at('checked/file'), at('checked/new')])
    for (const paths of [
      [at('checked/nowhere/c')],
      [at('checked/file'), at('checked/folder')],
      [at('checked/file/c')],
      [at('checked/new'), at('checked/folder/../new')],
    ]) {
      const said = await checkWritable(paths).catch((error: unknown) => error)
      expect(said).toBeInstanceOf(FileError)
      expect(await writeFiles(paths.map((path) => ({ path, bytes: two }))).catch((error: unknown) => error)).toEqual(said)
    }
    expect(readdirSync(at('checked')).sort()).toEqual(['file', 'folder'])
    expect([...readFileSync(at('checked/file'))]).toEqual([1])
  })
})

describe('systemReason', () => {
  it.each([
    ['ENOENT', 'no such file'],
    ['EACCES', 'permission'],
    ['EISDIR', 'folder'],
    ['ENOTDIR', 'no folder'],
    ['ENOSPC', 'full'],
    ['EROFS', 'read-only'],
    ['EIO', 'EIO'],
  ])('says what %s means', (code, words) => {
    expect(systemReason(Object.assign(new Error('failed'), { code }))).toContain(words)
  })

  it('keeps what has no code', () => {
    expect(systemReason(new Error('failed'))).toBe('failed')
    expect(systemReason('odd')).toBe('odd')
  })
})
