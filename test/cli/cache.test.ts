/** `poolwright cache` as a person calls it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import { nameOf } from '../../runtime/store/hash.ts'
import type { Fields } from '../../runtime/store/store.ts'
import { pathIn } from '../store/stores.ts'
import { call, folder } from './call.ts'

const at = folder()
const key: Fields = { target: 'js', geometry: { kernelSize: [3, 3] }, device: { engine: 'V8 11.3' } }
const other: Fields = { ...key, device: { engine: 'V8 12.4' } }
const value = Uint8Array.of(1, 2, 3)
let caches = 0
let root = ''

/** What the command works on from here on. */
const use = (name: string): void => {
  root = at(name)
  vi.stubEnv('POOLWRIGHT_CACHE', root)
}

const open = () =>
  new FileStore({
    onWarning: ({ message }) => {
      throw new Error(message)
    },
  })

/** Two candidates of one key, and a binary. */
const fill = async (): Promise<string> => {
  const store = open()
  const hash = await nameOf(key)
  await store.put(`tuning/${hash}`, 'a', { fields: { key, schedule: { unroll: 'all' } }, value })
  await store.put(`tuning/${hash}`, 'b', { fields: { key, schedule: { unroll: 'none' } }, value })
  await store.put('cuda', 'c', { fields: { nvrtc: '13.0' }, value })
  return hash
}

const answer = async (...words: readonly string[]): Promise<string> => {
  const { code, out, err } = await call('cache', ...words)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}

beforeEach(() => use(`cache-${caches++}`))
afterEach(() => vi.unstubAllEnvs())

describe('poolwright cache', () => {
  it('teaches by its help', async () => {
    expect((await call('--help')).out).toContain('cache')
    const help = await call('cache', '--help')
    expect(help.code).toBe(0)
    for (const word of ['ls', 'explain', 'export', 'import', 'prune', 'verify', 'POOLWRIGHT_CACHE'])
      expect(help.out).toContain(word)
    expect((await call('cache', 'import', '--help')).out).toContain('--binaries')
    for (const name of ['ls', 'explain', 'export', 'import', 'prune', 'verify']) {
      const { out } = await call('cache', name, '--help')
      expect(out).toContain(`    $ poolwright cache ${name}`)
      expect(out).toContain('Exit codes:')
    }
    expect((await call('cache')).code).toBe(2)
    expect((await call('cache', 'lst')).code).toBe(2)
    expect((await call('cache', 'export')).code).toBe(2)
  })

  it('refuses a limit that is none', async () => {
    vi.stubEnv('POOLWRIGHT_CACHE_LIMIT', 'much')
    expect(await call('cache', 'ls')).toMatchObject({ code: 2, err: expect.stringContaining("POOLWRIGHT_CACHE_LIMIT is 'much'") })
  })

  it('says when there is none to be had', async () => {
    writeFileSync(at('file'), '')
    use('file')
    for (const words of [['ls'], ['explain', '--key', 'a'], ['export', at('none.pool')]]) {
      const { code, err } = await call('cache', ...words)
      expect(code).toBe(3)
      expect(err).toMatch(/^the store cannot be read.*\n$/)
    }
  })
})

describe('poolwright cache ls', () => {
  it('lists folders', async () => {
    expect(await answer('ls')).toBe(`${root}/v1: 0 entries, 0 bytes of 1,073,741,824\n`)
    const hash = await fill()
    const lines = (await answer('ls')).split('\n')
    expect(lines[0]).toMatch(/v1: 3 entries, \d+ bytes of/)
    expect(lines[1]).toMatch(/^folder +entries +bytes +last use$/)
    expect(lines[2]).toMatch(/^cuda +1 +\d+ +\d{4}-\d\d-\d\d \d\d:\d\d$/)
    expect(lines[3]).toMatch(new RegExp(`^tuning/${hash} +2 `))
    const report = JSON.parse(await answer('ls', 'tuning', '--json'))
    expect(report).toMatchObject({ entries: 2, limit: 2 ** 30, folders: [{ folder: `tuning/${hash}`, entries: 2 }] })
    expect(Date.now() - Date.parse(report.folders[0].lastUse)).toBeLessThan(60_000)
    expect((await call('cache', 'ls', '../..')).code).toBe(2)
  })
})

describe('poolwright cache explain', () => {
  it('says what differs from the nearest key', async () => {
    writeFileSync(at('key.json'), JSON.stringify({ ...other, dtype: 'float32' }))
    expect(await answer('explain', at('key.json'))).toBe('tuning has no key to compare with.\n')
    const hash = await fill()
    expect(await answer('explain', at('key.json'))).toBe(
      [
        `tuning has no such key. The nearest is ${hash}; 2 fields differ:`,
        '  device.engine  wanted "V8 12.4", stored "V8 11.3"',
        '  dtype          wanted "float32", stored (none)',
        '',
      ].join('\n'),
    )
    const report = JSON.parse(await answer('explain', at('key.json'), '--json'))
    expect(report).toMatchObject({ keys: 1, nearest: { name: hash } })
    expect(report.nearest.differences[1]).toEqual({ path: 'dtype', wanted: 'float32' })
    writeFileSync(at('key.json'), JSON.stringify({ key }))
    expect(await answer('explain', at('key.json'))).toBe(`tuning has these fields, as ${hash}.\n`)
  })

  it('compares a stored key with the others, and looks in other folders', async () => {
    const hash = await fill()
    expect(await answer('explain', '--key', hash)).toBe('tuning has no other key to compare with.\n')
    const otherHash = await nameOf(other)
    await open().put(`tuning/${otherHash}`, 'a', { fields: { key: other }, value })
    const said = await answer('explain', '--key', hash.slice(0, 8))
    expect(said).toBe(
      `The nearest to ${hash} is ${otherHash}; 1 field differs:\n  device.engine  wanted "V8 11.3", stored "V8 12.4"\n`,
    )
    writeFileSync(at('binary.json'), '{"nvrtc": "12.9"}')
    expect(await answer('explain', at('binary.json'), '--in', 'cuda')).toContain('The nearest is c; 1 field differs')
  })

  it('refuses what is no key', async () => {
    await fill()
    writeFileSync(at('list.json'), '[1]')
    for (const [words, reason] of [
      [[], 'either a file'],
      [[at('list.json'), '--key', 'a'], 'either a file'],
      [[at('list.json')], 'no JSON object'],
      [[at('missing.json')], 'there is no such file'],
      [['--key', 'zz'], 'has no such key'],
    ] as const) {
      const { code, err } = await call('cache', 'explain', ...words)
      expect(code).toBe(2)
      expect(err).toContain(reason)
    }
    await open().put('tuning/aa', 'a', { fields: {}, value })
    await open().put('tuning/ab', 'a', { fields: {}, value })
    expect((await call('cache', 'explain', '--key', 'a')).err).toContain('several such keys')
  })
})

describe('poolwright cache export and import', () => {
  it('carries results, marked, and leaves what is there', async () => {
    const hash = await fill()
    expect(await answer('export', at('all.pool'))).toMatch(/all\.pool: 2 entries, [\d,]+ bytes\n$/)
    use('elsewhere')
    const here = { fields: { key, measured: 'here' }, value: Uint8Array.of(9) }
    await open().put(`tuning/${hash}`, 'b', here)
    expect(await answer('import', at('all.pool'))).toMatch(/: 1 entry imported, 1 there already\n$/)
    const imported = await open().get(`tuning/${hash}`, 'a')
    expect(imported).toEqual({
      fields: {
        key,
        schedule: { unroll: 'all' },
        imported: { from: 'all.pool', exported: expect.any(String), at: expect.any(String) },
      },
      value,
    })
    expect(await open().get(`tuning/${hash}`, 'b')).toEqual(here)
    expect(JSON.parse(await answer('import', at('all.pool'), '--json'))).toMatchObject({ imported: 0, there: 2, binaries: 0 })
  })

  it('carries binaries only where both sides say so', async () => {
    await fill()
    expect(JSON.parse(await answer('export', at('binaries.pool'), '--binaries', '--json'))).toMatchObject({ entries: 3 })
    use('trusting')
    expect(await answer('import', at('binaries.pool'))).toContain('1 binary left out, for want of --binaries')
    expect(await open().list('cuda')).toEqual([])
    expect(await answer('import', at('binaries.pool'), '--binaries')).toContain('1 entry imported, 2 there already')
    expect(await open().list('cuda')).toHaveLength(1)
  })

  it('takes nothing of a broken bundle', async () => {
    await fill()
    await answer('export', at('whole.pool'))
    const whole = readFileSync(at('whole.pool'))
    use('untouched')
    for (const bytes of [whole.subarray(0, -1), Buffer.concat([whole, whole]), Buffer.from('no bundle'), Buffer.alloc(0)]) {
      writeFileSync(at('broken.pool'), bytes)
      const { code, out, err } = await call('cache', 'import', at('broken.pool'))
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).toContain('broken.pool: is ')
    }
    expect(existsSync(root)).toBe(false)
    expect((await call('cache', 'import', at('nowhere.pool'))).code).toBe(2)
  })

  it('says when nothing can be kept', async () => {
    await fill()
    await answer('export', at('kept.pool'))
    writeFileSync(at('a file'), '')
    use('a file')
    expect(await call('cache', 'import', at('kept.pool'))).toMatchObject({
      code: 3,
      err: expect.stringContaining('cannot be written'),
    })
  })
})

describe('poolwright cache prune', () => {
  it('keeps the limit, and what was used lately', async () => {
    await fill()
    expect(await answer('prune')).toMatch(/^removed 0 entries, 0 bytes; left 3 entries, \d+ bytes\n$/)
    expect(await answer('prune', '--older', '1')).toMatch(/^removed 0 entries/)
    expect(JSON.parse(await answer('prune', '--limit', '500', '--json'))).toMatchObject({
      removed: { entries: 1 },
      left: { entries: 2 },
    })
    await fill()
    vi.stubEnv('POOLWRIGHT_CACHE_LIMIT', '500')
    expect(await answer('prune')).toMatch(/^removed 1 entry/)
    vi.stubEnv('POOLWRIGHT_CACHE_LIMIT', '')
    await fill()
    expect(await answer('prune', '--all')).toMatch(/^removed 3 entries, \d+ bytes; left 0 entries, 0 bytes\n$/)
  })

  it('refuses bounds that are none', async () => {
    const { code, err } = await call('cache', 'prune', '--limit', 'much', '--older', '-1')
    expect(code).toBe(2)
    expect(err).toMatch(/--limit much: .*\n--older -1: /)
  })
})

describe('poolwright cache verify', () => {
  it('finds and removes what is corrupt', async () => {
    await fill()
    expect(await answer('verify')).toBe(`${root}/v1: 3 entries read, all whole\n`)
    writeFileSync(pathIn(root, 'cuda', 'c'), 'poolwright entry 1\n')
    const { code, out, err } = await call('cache', 'verify', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toEqual({ location: `${root}/v1`, checked: 3, missing: ['cuda/c'] })
    expect(err).toContain('cuda/c is not what was kept')
    expect(JSON.parse(await answer('verify', '--json'))).toMatchObject({ checked: 2, missing: [] })
    mkdirSync(join(root, 'v1', 'cuda'))
    writeFileSync(pathIn(root, 'cuda', 'c'), '')
    expect((await call('cache', 'verify')).out).toMatch(/1 of them corrupt or gone/)
  })
})
