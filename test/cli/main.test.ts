/** The program as a process: what becomes of results that nobody can take. */
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { folder } from './call.ts'

const at = folder()
const full = '/dev/full'
const stripTypes = new URL('../strip-types.mjs', import.meta.url).href

/** Runs the sources where a build would be: two folders below the package's own file. */
const start = (out: number) => {
  if (!existsSync(at('dist'))) {
    symlinkSync(fileURLToPath(new URL('../../', import.meta.url)), at('dist'), 'dir')
    writeFileSync(at('package.json'), '{ "version": "1.2.3", "type": "module" }')
  }
  return spawnSync(
    process.execPath,
    ['--preserve-symlinks', '--preserve-symlinks-main', `--import=${stripTypes}`, at('dist/cli/main.ts'), 'cache', 'ls'],
    {
      encoding: 'utf8',
      stdio: ['ignore', out, 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', POOLWRIGHT_CACHE: at('store') },
    },
  )
}

describe('results that nobody can take', () => {
  it('are what this machine cannot, in words', (context) => {
    if (!existsSync(full)) context.skip(`${full} is Linux's`)
    const out = openSync(full, 'w')
    const { status, stderr } = start(out)
    closeSync(out)
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: 'what was found cannot be printed: the disk is full. Print it to where there is room.\n',
    })
  })

  it('are printed where there is room', () => {
    const out = openSync(at('printed'), 'w')
    const { status, stderr } = start(out)
    closeSync(out)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})
