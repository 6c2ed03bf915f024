/** Files are written whole, all or none. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { systemReason, writeFiles } from '../../cli/files/atomic.ts'
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

  it('refuses what is no file', async () => {
    await expect(writeFiles([{ path: '/dev/null', bytes: one }])).rejects.toThrow('no regular file')
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
