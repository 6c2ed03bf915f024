/**
 * Eight processes put and read at once, and in each of 200 rounds and more one of them is killed, wherever it is, and replaced.
 * What a process says it has put is there afterwards, and nobody ever reads a part.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import { isWhole } from './kill-entries.ts'
import { freshFolder } from './stores.ts'

const processes = 8
const rounds = 200
/** So many entries must have been put, too; where the machine is busy, processes get to fewer before they are killed. */
const entries = 200
/** What a process has at the most once it is at work: a few entries. */
const longestLifeMs = 40

const root = freshFolder()

/** The child as one file that Node runs as it is, so that a process starts quickly. */
const bundleChild = async (): Promise<string> => {
  const outfile = join(root, 'child.mjs')
  const entry = fileURLToPath(new URL('./kill-child.ts', import.meta.url))
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' })
  return outfile
}

interface Running {
  readonly child: ChildProcess
  readonly atWork: Promise<void>
  readonly over: Promise<void>
}

it('loses nothing that was finished, and tears nothing', { timeout: 120_000 }, async () => {
  const script = await bundleChild()
  const folder = join(root, 'store')
  const finished: { readonly name: string; readonly count: number }[] = []
  const complaints: string[] = []
  let started = 0

  const hear = (line: string): void => {
    const [word, name = '', count] = line.split(' ')
    if (word === 'put') finished.push({ name, count: Number(count) })
    else if (word !== 'ready') complaints.push(line)
  }
  const start = (): Running => {
    const child = spawn(process.execPath, [script, folder, String(started++)], { stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      const lines = `${text}${part}`.split('\n')
      // A line that the kill has cut off says nothing.
      text = lines.pop()!
      lines.forEach(hear)
    })
    child.stderr.setEncoding('utf8').on('data', (part: string) => complaints.push(part))
    return {
      child,
      atWork: new Promise((resolve) => child.stdout.once('data', () => resolve())),
      over: new Promise((resolve) => child.on('close', () => resolve())),
    }
  }
  const kill = async ({ child, over }: Running): Promise<void> => {
    child.kill('SIGKILL')
    await over
  }

  const running = Array.from({ length: processes }, start)
  try {
    for (let round = 0; round < rounds || finished.length < entries; round++) {
      // In turn: whoever has just been started is not at work yet.
      const victim = round % processes
      await Promise.race([running[victim]!.atWork, running[victim]!.over])
      await new Promise((resolve) => setTimeout(resolve, Math.random() * longestLifeMs))
      await kill(running[victim]!)
      running[victim] = start()
    }
  } finally {
    await Promise.all(running.map(kill))
  }

  expect(complaints).toEqual([])
  expect(started).toBeGreaterThanOrEqual(processes + rounds)
  const store = new FileStore({
    folder,
    onWarning: ({ message }) => {
      throw new Error(message)
    },
  })
  for (const { name, count } of finished) {
    const entry = await store.get('tuning/own', name)
    expect(entry?.fields).toEqual({ name, count })
    expect(isWhole(name, entry!)).toBe(true)
  }
  const all = await store.list()
  expect(all.length).toBeGreaterThanOrEqual(finished.length)
  for (const { folder: at, name } of all) expect(isWhole(name, (await store.get(at, name))!)).toBe(true)
})
