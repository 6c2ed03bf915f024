/**
 * `npm run bench:store`: what the store was chosen by: files beside lmdb and SQLite, in speed, under kills, and with a bit
 * flipped. The databases are installed into a folder of their own, from the npm registry.
 *
 *     npm run bench:store -- [--quick] [--out FILE]
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeMachine } from './machine.ts'
import { keep, progress } from './output.ts'
import { type EngineName, engineNames, packages } from './store/engines.ts'
import { type Report, toMarkdown } from './store/report.ts'
import { corruption, crowd, firstLookUps, insertSteps, kills, killsIn, type Setting, speeds } from './store/trials.ts'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, out: { type: 'string', default: '' } },
})

const versionOf = (installed: string, name: string): string => {
  const { version } = JSON.parse(readFileSync(join(installed, 'node_modules', name, 'package.json'), 'utf8')) as {
    version: string
  }
  return `${name} ${version}`
}

const forEach = async <T>(what: string, work: (engine: EngineName) => Promise<T>): Promise<Readonly<Record<EngineName, T>>> => {
  const results = new Map<EngineName, T>()
  for (const engine of engineNames) {
    progress(`${what}: ${engine}`)
    results.set(engine, await work(engine))
  }
  return Object.fromEntries(results) as Record<EngineName, T>
}

const installed = mkdtempSync(join(tmpdir(), 'bench-store-packages-'))
try {
  progress(`installing ${packages.join(', ')}`)
  execFileSync('npm', ['install', '--prefix', installed, '--no-audit', '--no-fund', '--silent', ...packages])
  const setting: Setting = { installed, quick: values.quick }
  progress('speed')
  const report: Report = {
    machine: describeMachine(),
    versions: ['lmdb', 'libsql'].map((name) => versionOf(installed, name)),
    speeds: await speeds(setting),
    steps: await insertSteps(setting),
    first: await firstLookUps(setting),
    crowd: await forEach('eight processes', (engine) => crowd(engine, setting)),
    rounds: killsIn(setting),
    kills: await forEach('kills', (engine) => kills(engine, setting)),
    corruption: await forEach('flipped bits', (engine) => corruption(engine, setting)),
  }
  progress('')
  const markdown = toMarkdown(report)
  process.stdout.write(markdown)
  const out = values.out || (values.quick ? '' : 'bench/results/store.md')
  if (out) await keep(out, markdown)
} finally {
  rmSync(installed, { recursive: true, force: true })
}
