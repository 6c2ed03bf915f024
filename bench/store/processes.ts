/** Processes that use an engine, and what they say. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { EngineName } from './engines.ts'

const worker = fileURLToPath(new URL('../store-worker.js', import.meta.url))

export interface Task {
  readonly task: 'first' | 'put' | 'die' | 'read'
  readonly engine: EngineName
  readonly folder: string
  readonly installed: string
  /** The name to look up, or the start of all names. */
  readonly first: string
  readonly count?: number
}

export interface Running {
  readonly child: ChildProcess
  /** Fulfilled when it has said something. */
  readonly atWork: Promise<void>
  /** Fulfilled at its end, with the signal that ended it. */
  readonly over: Promise<NodeJS.Signals | null>
  /** What it has said, by words; the last grows while it runs. */
  readonly lines: readonly (readonly string[])[]
}

/** Starts a process; one that takes longer than a minute is ended by SIGTERM. */
export const start = ({ task, engine, folder, installed, first, count = 0 }: Task): Running => {
  const child = spawn(process.execPath, [worker, task, engine, folder, installed, first, String(count)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000,
  })
  const lines: string[][] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    const whole = `${rest}${part}`.split('\n')
    rest = whole.pop()!
    for (const line of whole) lines.push(line.split(' '))
  })
  const over = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, signal) => resolve(signal)))
  const said = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
  return { child, over, lines, atWork: Promise.race([said, over.then(() => {})]) }
}

/** The rest of each line that begins with a word. */
export const saying = (lines: Running['lines'], word: string): readonly string[] =>
  lines.filter(([first]) => first === word).map(([, rest = '']) => rest)
