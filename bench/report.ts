/** The measured figures as a Markdown file that a reader can judge: what, on which machine, how far apart, how sure. */

import type { Peer } from '../runtime/peer.ts'
import type { Timing } from '../runtime/timing.ts'
import type { Direction, Operator, Shape } from './cases.ts'
import type { Machine } from './machine.ts'
import { shapesOf, spread, table, times } from './markdown.ts'
import type { RowOf } from './only.ts'
import { type Agreement, tolerance } from './verify.ts'

export interface Row extends RowOf {
  readonly timings: Readonly<Record<string, Timing>>
  readonly agreement: Readonly<Record<string, Agreement>>
  /** Why a contender has no figure. */
  readonly failures: Readonly<Record<string, string>>
}

/** Maximum on normal data and on the same data after a ReLU. */
export interface DataRow {
  readonly shape: Shape
  readonly direction: Direction
  /** By contender: milliseconds on each, alternating. */
  readonly timings: Readonly<Record<string, { readonly normal: Timing; readonly relu: Timing }>>
}

export interface StartRow {
  readonly operator: Operator
  readonly direction: Direction
  readonly timing: Timing
  readonly characters: number
}

export interface Report {
  readonly machine: Machine
  readonly rows: readonly Row[]
  readonly data: readonly DataRow[]
  readonly start: readonly StartRow[]
}

export const ours = 'poolwright'

/** How many times the plain loop's speed a kernel is meant to have. Forward is memory and arithmetic; backward also re-reads. */
export const goalAgainstPlain = ({ shape, operator, direction }: RowOf): number => {
  if (direction === 'forward') return 5
  return shape.id === 'S1' && operator === 'avg' ? 2 : 3
}

export const goalForData = 1.2
export const goalForStart = 1

export const ratio = (row: Row, name: string): number =>
  (row.timings[name]?.ms ?? Number.NaN) / (row.timings[ours]?.ms ?? Number.NaN)

/** Every promise that the figures break, in words. */
export const shortfalls = ({ rows, data, start }: Report): string[] => {
  const found: string[] = []
  for (const row of rows) {
    const label = `${row.shape.id} ${row.operator} ${row.direction}`
    for (const name of Object.keys(row.timings)) {
      if (name === ours) continue
      const goal = name === 'plain' ? goalAgainstPlain(row) : 1
      if (!(ratio(row, name) >= goal)) found.push(`${label}: ${ratio(row, name).toFixed(2)} times ${name}, the goal is ${goal}`)
    }
    if (row.failures[ours]) found.push(`${label}: no figure: ${row.failures[ours]}`)
    const agreement = row.agreement[ours]
    if (agreement && agreement.beyond > 0) found.push(`${label}: ${agreement.beyond} of ${agreement.elements} elements are wrong`)
  }
  for (const { shape, direction, timings } of data) {
    const own = timings[ours]
    if (!own) continue
    const spread = Math.max(own.relu.ms / own.normal.ms, own.normal.ms / own.relu.ms)
    if (spread > goalForData)
      found.push(`${shape.id} max ${direction}: ReLU and normal data are ${spread.toFixed(2)} apart, the goal is ${goalForData}`)
  }
  for (const { operator, direction, timing } of start) {
    if (timing.ms > goalForStart)
      found.push(`${operator} ${direction}: ${timing.ms.toFixed(2)} ms from text to first call, the goal is ${goalForStart}`)
  }
  return found
}

const cell = (row: Row, name: string): string[] => {
  const timing = row.timings[name]
  if (!timing) return [row.failures[name] ? 'failed' : '', '']
  const wrong = row.agreement[name]?.beyond ? ' [1]' : ''
  return [spread(timing) + wrong, times(ratio(row, name))]
}

export const toMarkdown = (report: Report, peers: readonly Pick<Peer, 'name' | 'notes'>[]): string => {
  const { machine, rows, data, start } = report
  const others = peers.filter(({ name }) => name !== ours)
  const wrong = rows.flatMap((row) =>
    others.flatMap(({ name }) => {
      const agreement = row.agreement[name]
      if (!agreement?.beyond) return []
      return [
        `${row.shape.id} ${row.operator} ${row.direction}, ${name}: ${agreement.beyond} of ${agreement.elements} elements, at most ${agreement.maxError.toExponential(1)}`,
      ]
    }),
  )
  const short = shortfalls(report)
  return `${[
    '# JavaScript kernels against a plain loop, TensorFlow.js and jax-js',
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node} (V8 ${machine.v8}), ${machine.date}. One process, one thread.`,
    'Milliseconds a call: median (quartiles) of rounds in which all take turns, in a rotating order, after warming up; then how many times as long as ours it takes.',
    'On a shared machine the ratios are to be trusted to one digit and the milliseconds less. `npm run bench:js` makes this file anew.',
    shapesOf(rows),
    `float32; gaussian is \`mean(x) + weight * sqrt(max(var(x), eps))\`, one weight a channel, its backward pass making both gradients. Each result is compared with the plain loop's: ${tolerance} relative to the value or 1.`,
    peers.map(({ name, notes }) => `- **${name}**: ${notes.join('; ')}.`).join('\n'),
    '## Forward and backward',
    table(
      ['shape', 'operator', 'direction', ours, ...others.flatMap(({ name }) => [name, 'times'])],
      rows.map((row) => [
        row.shape.id,
        row.operator,
        row.direction,
        row.timings[ours] ? spread(row.timings[ours]) : 'failed',
        ...others.flatMap(({ name }) => cell(row, name)),
      ]),
    ),
    wrong.length > 0
      ? `[1] Beyond the tolerance (a small variance as the difference of two large means loses digits):\n\n${wrong.map((w) => `- ${w}`).join('\n')}`
      : '',
    '## Maximum on normal data and after a ReLU',
    'Normal values, and the same with negative ones set to 0. A kernel that branches on its data guesses wrong on the first and less so on the second.',
    table(
      ['shape', 'direction', 'contender', 'normal', 'ReLU', 'ReLU / normal'],
      data.flatMap(({ shape, direction, timings }) =>
        Object.entries(timings).map(([name, { normal, relu }]) => [
          shape.id,
          direction,
          name,
          spread(normal),
          spread(relu),
          (relu.ms / normal.ms).toFixed(2),
        ]),
      ),
    ),
    '## From text to the first call',
    'Emitted text to a function to its first call on a 1 x 1 x 8 x 8 input, k3 s2 p1, each time a text that the engine has not seen; after warming up.',
    table(
      ['operator', 'direction', 'characters', 'ms'],
      start.map(({ operator, direction, timing, characters }) => [operator, direction, String(characters), spread(timing)]),
    ),
    '## Goals',
    short.length === 0
      ? 'All reached: ahead of each contender on every row; 5 times the plain loop forward and 3 times backward (2 in S1 avg); maximum within 1.2 on both kinds of data; 1 ms from text to first call.'
      : `Not reached:\n\n${short.map((s) => `- ${s}`).join('\n')}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`
}
