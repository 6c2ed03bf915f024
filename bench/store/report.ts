/** The figures as a Markdown file: what was done to each engine, and what came of it. */

import type { Timing } from '../../runtime/timing.ts'
import type { Machine } from '../machine.ts'
import { table } from '../markdown.ts'
import { type EngineName, engineNames } from './engines.ts'
import type { Corruption, Speeds, Survival } from './trials.ts'

export interface Report {
  readonly machine: Machine
  readonly versions: readonly string[]
  readonly speeds: Speeds
  readonly steps: Readonly<Record<'write' | 'file' | 'folder', Timing>>
  readonly first: Readonly<Record<EngineName, Timing>>
  readonly crowd: Readonly<Record<EngineName, Survival>>
  readonly rounds: number
  readonly kills: Readonly<Record<EngineName, Survival>>
  readonly corruption: Readonly<Record<EngineName, Corruption>>
}

const told = ({ ms, lower, upper }: Timing): string => {
  const digits = ms < 0.1 ? 4 : ms < 10 ? 2 : 0
  return `${ms.toFixed(digits)} (${lower.toFixed(digits)}-${upper.toFixed(digits)})`
}

const row = <T>(what: string, of: Readonly<Record<EngineName, T>>, cell: (value: T) => string): readonly string[] => [
  what,
  ...engineNames.map((name) => cell(of[name])),
]

const survivalRows = (what: string, of: Readonly<Record<EngineName, Survival>>) => [
  row(`${what}: entries acknowledged`, of, ({ acknowledged }) => String(acknowledged)),
  row('… in seconds', of, ({ seconds }) => seconds.toFixed(1)),
  row('… lost', of, ({ lost }) => String(lost)),
  row('… read wrong', of, ({ wrong }) => String(wrong)),
  row('… calls that failed', of, ({ failed }) => String(failed)),
]

const head = ['', ...engineNames]

export const toMarkdown = ({ machine, versions, speeds, steps, first, crowd, rounds, kills, corruption }: Report): string => {
  const { processor, cores, node, date } = machine
  const { trials, entries } = corruption.files
  return `# The store: files beside lmdb and SQLite

${processor}, ${cores} cores, Node ${node}, ${date}; ${versions.join(', ')} (SQLite). \`npm run bench:store\` makes this file anew.

files: \`runtime/store/files\`, which checks each entry and flushes each file to the disk. lmdb: as it opens by default. SQLite: with a write-ahead
log, \`synchronous = NORMAL\`. Both hold bare values, or, as "checked", the bytes of our entries, which have a checksum.

## Time

Milliseconds: median (quartiles).

${table(head, [
  row('look-up, 1 kB', speeds.lookUp, told),
  row('look-up, 100 kB', speeds.lookUpLarge, told),
  row('insert, 1 kB', speeds.insert, told),
  row('insert, 100 kB', speeds.insertLarge, told),
  row('first look-up of a process: load, open, read', first, told),
])}

An insert of 1 kB as a file, step by step: written and renamed ${told(steps.write)}; with the file flushed ${told(steps.file)}; with the folder
flushed too ${told(steps.folder)}.

## Eight processes, and kills

In the first test eight processes put entries of 1 kB at once. In the second each puts, reads and pauses, and one after the other is killed at work
(SIGKILL) and replaced, ${rounds} times.

${table(head, [...survivalRows('at once', crowd), ...survivalRows('killed', kills)])}

## A flipped bit

${entries} entries of 1 kB; one random bit of the files flips; a fresh process reads all. ${trials} trials.

${table(head, [
  row('nothing happened', corruption, ({ unharmed }) => String(unharmed)),
  row('noticed: entries missing, or an error', corruption, ({ noticed }) => String(noticed)),
  row('… entries that were lost then, median', corruption, ({ entriesLost }) => String(entriesLost)),
  row('**a wrong value was given**', corruption, ({ wrong }) => String(wrong)),
  row('**the process died**', corruption, ({ died }) => String(died)),
])}
`
}
