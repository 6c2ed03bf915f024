/** What engines are put through: look-ups and inserts, many processes, kills, and bits that flip. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Timing, timingOf } from '../../runtime/timing.ts'
import { contentOf, type EngineName, engineNames, type Opened, openEngine } from './engines.ts'
import { type Running, saying, start } from './processes.ts'

export interface Setting {
  readonly installed: string
  readonly quick: boolean
}

/** A folder that is gone when the work is done. */
const inFolder = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-store-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Timings = Readonly<Record<EngineName, Timing>>

/** Times a call of each engine, in turns, in milliseconds. */
const timeCalls = async (
  opened: ReadonlyMap<EngineName, Opened>,
  rounds: number,
  call: (engine: Opened, k: number) => Promise<unknown>,
): Promise<Timings> => {
  const samples = new Map(engineNames.map((name) => [name, [] as number[]]))
  const each = 20
  for (let round = 0; round < rounds; round++)
    for (const [name, engine] of opened)
      for (let k = 0; k < each; k++) {
        const begin = performance.now()
        await call(engine, round * each + k)
        samples.get(name)!.push(performance.now() - begin)
      }
  return Object.fromEntries(engineNames.map((name) => [name, timingOf(samples.get(name)!)])) as Timings
}

export interface Speeds {
  readonly lookUp: Timings
  readonly lookUpLarge: Timings
  readonly insert: Timings
  readonly insertLarge: Timings
}

/** Look-ups and inserts in one process, among 1,000 entries of 1 kB and 100 of 100 kB. */
export const speeds = ({ installed, quick }: Setting): Promise<Speeds> =>
  inFolder(async (folder) => {
    const opened = new Map<EngineName, Opened>()
    for (const name of engineNames) {
      mkdirSync(join(folder, name))
      const engine = await openEngine(name, join(folder, name), installed)
      for (let k = 0; k < 1000; k++) await engine.put(`small-${k}`, contentOf(`small-${k}`, 1000))
      for (let k = 0; k < 100; k++) await engine.put(`large-${k}`, contentOf(`large-${k}`, 100_000))
      opened.set(name, engine)
    }
    const rounds = quick ? 3 : 25
    const lookUp = await timeCalls(opened, rounds, (engine, k) => engine.get(`small-${(k * 7919) % 1000}`))
    const lookUpLarge = await timeCalls(opened, rounds, (engine, k) => engine.get(`large-${(k * 61) % 100}`))
    const small = contentOf('new', 1000)
    const large = contentOf('new', 100_000)
    const insert = await timeCalls(opened, rounds, (engine, k) => engine.put(`new-${k}`, small))
    const insertLarge = await timeCalls(opened, rounds, (engine, k) => engine.put(`new-large-${k}`, large))
    for (const engine of opened.values()) await engine.close()
    return { lookUp, lookUpLarge, insert, insertLarge }
  })

/** Loading, opening and one look-up in a process that has just started, in milliseconds. */
export const firstLookUps = ({ installed, quick }: Setting): Promise<Timings> =>
  inFolder(async (folder) => {
    const timings = new Map<EngineName, Timing>()
    for (const engine of engineNames) {
      await start({ task: 'put', engine, folder, installed, first: 'a', count: 100 }).over
      const samples: number[] = []
      for (let k = 0; k < (quick ? 3 : 21); k++) {
        const running = start({ task: 'first', engine, folder, installed, first: 'a-50' })
        await running.over
        samples.push(Number(saying(running.lines, 'first')[0]))
      }
      timings.set(engine, timingOf(samples))
    }
    return Object.fromEntries(timings) as Timings
  })

/** What an insert of a file takes, step by step, in milliseconds: 1 kB, without checksum and names. */
export const insertSteps = ({ quick }: Setting): Promise<Readonly<Record<'write' | 'file' | 'folder', Timing>>> =>
  inFolder(async (folder) => {
    const content = contentOf('step', 1000)
    const samples = { write: [] as number[], file: [] as number[], folder: [] as number[] }
    for (let k = 0; k < (quick ? 20 : 300); k++)
      for (const flush of ['write', 'file', 'folder'] as const) {
        const begin = performance.now()
        const path = join(folder, `${flush}-${k}`)
        const file = await open(`${path}.new`, 'wx')
        await file.writeFile(content)
        if (flush !== 'write') await file.sync()
        await file.close()
        await rename(`${path}.new`, path)
        if (flush === 'folder') {
          const directory = await open(folder, 'r')
          await directory.sync()
          await directory.close()
        }
        samples[flush].push(performance.now() - begin)
      }
    const of = (flush: keyof typeof samples) => timingOf(samples[flush])
    return { write: of('write'), file: of('file'), folder: of('folder') }
  })

/** What was acknowledged, and what became of it. */
export interface Survival {
  readonly seconds: number
  readonly acknowledged: number
  readonly lost: number
  /** Values that were given and are wrong. */
  readonly wrong: number
  /** Calls that failed with an error. */
  readonly failed: number
}

/** Reads all that was acknowledged, in this process. */
const survey = async (engine: EngineName, folder: string, installed: string, all: readonly Running[], begin: number) => {
  const seconds = (performance.now() - begin) / 1000
  const names = all.flatMap(({ lines }) => saying(lines, 'put'))
  const opened = await openEngine(engine, folder, installed)
  let lost = 0
  let wrong = all.reduce((sum, { lines }) => sum + saying(lines, 'wrong').length, 0)
  for (const name of names) {
    const value = await opened.get(name)
    if (value === undefined) lost++
    else if (!Buffer.from(value).equals(contentOf(name, value.length))) wrong++
  }
  await opened.close()
  const failed = all.reduce((sum, { lines }) => sum + saying(lines, 'failed').length, 0)
  return { seconds, acknowledged: names.length, lost, wrong, failed }
}

const processes = 8

/** Eight processes that put at once. */
export const crowd = (engine: EngineName, { installed, quick }: Setting): Promise<Survival> =>
  inFolder(async (folder) => {
    const begin = performance.now()
    const all = Array.from({ length: processes }, (_, k) =>
      start({ task: 'put', engine, folder, installed, first: `p${k}`, count: quick ? 20 : 200 }),
    )
    await Promise.all(all.map(({ over }) => over))
    return survey(engine, folder, installed, all, begin)
  })

/** How many processes are killed. */
export const killsIn = ({ quick }: Pick<Setting, 'quick'>): number => (quick ? 10 : 100)

/** Eight processes that put and read; in each round one is killed at work, and replaced. */
export const kills = (engine: EngineName, setting: Setting): Promise<Survival> =>
  inFolder(async (folder) => {
    const { installed } = setting
    const begin = performance.now()
    const all: Running[] = []
    const begun = (): Running => {
      const running = start({ task: 'die', engine, folder, installed, first: `p${all.length}` })
      all.push(running)
      return running
    }
    const running = Array.from({ length: processes }, begun)
    for (let round = 0; round < killsIn(setting); round++) {
      const victim = running[round % processes]!
      await victim.atWork
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40))
      victim.child.kill('SIGKILL')
      await victim.over
      running[round % processes] = begun()
    }
    for (const { child, over } of running) {
      child.kill('SIGKILL')
      await over
    }
    return survey(engine, folder, installed, all, begin)
  })

/** How often a flipped bit came to what, and how many entries it cost where it was noticed. */
export interface Corruption {
  readonly trials: number
  readonly unharmed: number
  readonly noticed: number
  readonly wrong: number
  /** The process died of it. */
  readonly died: number
  /** Of the entries, at the most in one trial that was noticed, in the middle of these trials. */
  readonly entriesLost: number
  readonly entries: number
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

/** Flips one bit, each of the files' bits with the same chance. */
const flipBit = (folder: string): void => {
  const files = filesIn(folder).map((path) => ({ path, size: statSync(path).size }))
  let at = Math.floor(Math.random() * files.reduce((sum, { size }) => sum + size, 0))
  for (const { path, size } of files) {
    if (at < size) {
      const bytes = readFileSync(path)
      bytes[at] = bytes[at]! ^ (1 << Math.floor(Math.random() * 8))
      writeFileSync(path, bytes)
      return
    }
    at -= size
  }
}

/** One bit of what an engine has on the disk flips; then another process reads all. */
export const corruption = (engine: EngineName, { installed, quick }: Setting): Promise<Corruption> =>
  inFolder(async (folder) => {
    const entries = 200
    const trials = quick ? 10 : 200
    const whole = join(folder, 'whole')
    mkdirSync(whole)
    await start({ task: 'put', engine, folder: whole, installed, first: 'a', count: entries }).over
    const outcomes = { unharmed: 0, noticed: 0, wrong: 0, died: 0 }
    const losses: number[] = []
    for (let trial = 0; trial < trials; trial++) {
      const copy = join(folder, 'copy')
      cpSync(whole, copy, { recursive: true })
      flipBit(copy)
      const reading = start({ task: 'read', engine, folder: copy, installed, first: 'a', count: entries })
      const signal = await reading.over
      const right = saying(reading.lines, 'right').length
      if (saying(reading.lines, 'wrong').length > 0) outcomes.wrong++
      else if (signal !== null) outcomes.died++
      else if (right === entries) outcomes.unharmed++
      else {
        outcomes.noticed++
        losses.push(entries - right)
      }
      rmSync(copy, { recursive: true, force: true })
    }
    const entriesLost = losses.length === 0 ? 0 : timingOf(losses).ms
    return { trials, ...outcomes, entriesLost, entries }
  })
