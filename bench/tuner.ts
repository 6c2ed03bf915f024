/**
 * `npm run bench:tuner`: replays every recording with every strategy, and says how near each comes to the best after a part of
 * the space. It needs no device, and gives the same table everywhere.
 *
 *     npm run bench:tuner -- [--json] [--out FILE] [FILE.json...]
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readRecording } from '../runtime/tuner/recording.ts'
import type { StrategyName } from '../runtime/tuner/strategies/index.ts'
import { table } from './markdown.ts'
import { keep } from './output.ts'
import { type Judged, judge } from './tuner/judge.ts'

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, out: { type: 'string', default: '' } },
  allowPositionals: true,
})

const folder = 'bench/recordings'
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
const strategyNames = ['guided', 'local', 'random'] as const satisfies readonly StrategyName[]

const rowOf = (of: Judged): readonly string[] => [
  of.title,
  of.target,
  String(of.size),
  of.span.toFixed(1),
  of.usual.toFixed(2),
  ...strategyNames.flatMap((name) => of.after[name].map(percent)),
  percent(of.guided15),
  percent(of.poor25),
]

const head = [
  'recording',
  'target',
  'candidates',
  'slowest / fastest',
  'default / best',
  ...strategyNames.flatMap((name) => [10, 25, 50].map((share) => `${name} ${share} %`)),
  'guided 15 %',
  'local 25 %, poor start',
]

const main = async (): Promise<void> => {
  const files =
    positionals.length > 0
      ? positionals
      : (await readdir(folder)).filter((name) => name.endsWith('.json')).map((name) => join(folder, name))
  const judged: Judged[] = []
  for (const file of files.sort()) judged.push(await judge(readRecording(await readFile(file, 'utf8'), file)))
  const markdown = `${[
    '# Strategies on recordings',
    'How near each strategy comes to the best of all candidates after trying a part of them: the best time divided by the best found so far. Medians of nine seeds where a seed matters; every search begins at the default schedule, but the last column, which begins at the slowest. `npm run bench:tuner` makes this file anew, from the recordings in `bench/recordings/`, without a device.',
    table(head, judged.map(rowOf)),
  ].join('\n\n')}\n`
  process.stdout.write(values.json ? `${JSON.stringify(judged, null, 2)}\n` : markdown)
  const out = values.out || (positionals.length === 0 ? 'bench/results/tuner.md' : '')
  if (out) await keep(out, markdown)
}

await main()
