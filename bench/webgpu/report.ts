/** The figures of shaders as a Markdown file: what ran on which adapter, and how far apart, each peer beside ours in its own layout. */
import type { Machine } from '../machine.ts'
import { shapesOf, spread, table, times } from '../markdown.ts'
import type { Row } from '../report.ts'
import { tolerance } from '../verify.ts'
import type { Contender } from './contender.ts'

/** What the page says of itself. */
export interface Facts {
  readonly adapter: string
  /** Whether the adapter is the CPU. */
  readonly isSoftware: boolean
  readonly versions: Readonly<Record<string, string>>
  readonly contenders: readonly Pick<Contender, 'name' | 'notes'>[]
}

export interface GpuReport {
  readonly machine: Machine
  readonly browser: string
  readonly facts: Facts
  readonly rows: readonly Row[]
}

/** By peer, which of ours has its layout. */
const beside: Readonly<Record<string, string>> = { tfjs: 'ours, last', ort: 'ours, first' }

const labelOf = ({ shape, operator, direction }: Row): string => `${shape.id} ${operator} ${direction}`

/** How many times as long as ours a peer takes; `undefined` where either has no figure. */
const ratioOf = (row: Row, peer: string): number | undefined => {
  const [theirs, own] = [row.timings[peer], row.timings[beside[peer]!]]
  return theirs && own ? theirs.ms / own.ms : undefined
}

const cell = (row: Row, name: string): string => {
  const timing = row.timings[name]
  if (!timing) return row.failures[name] ? 'failed' : 'none'
  return spread(timing) + (row.agreement[name]?.beyond ? ' [1]' : '')
}

const ratioCell = (row: Row, peer: string): string => {
  const ratio = ratioOf(row, peer)
  return ratio === undefined ? '' : times(ratio)
}

const list = (lines: readonly string[]): string => lines.map((one) => `- ${one}`).join('\n')

/** What ours has wrong, or has no figure of: a benchmark that finds any has failed. */
export const faults = ({ rows, facts }: GpuReport): readonly string[] =>
  rows.flatMap((row) =>
    facts.contenders
      .filter(({ name }) => !Object.hasOwn(beside, name))
      .flatMap(({ name }) => {
        const reason = row.failures[name] ?? (row.agreement[name]?.beyond ? 'wrong results' : undefined)
        return reason === undefined ? [] : [`${labelOf(row)}, ${name}: ${reason}`]
      }),
  )

export const toMarkdown = (report: GpuReport): string => {
  const { machine, browser, facts, rows } = report
  const names = facts.contenders.map(({ name }) => name)
  const peers = names.filter((name) => Object.hasOwn(beside, name))
  const behind = rows.flatMap((row) =>
    peers.flatMap((peer) => {
      const ratio = ratioOf(row, peer)
      return ratio !== undefined && ratio < 1 ? [`${labelOf(row)}: ${peer} takes ${ratio.toFixed(2)} times as long`] : []
    }),
  )
  const failed = rows.flatMap((row) => Object.entries(row.failures).map(([name, why]) => `${labelOf(row)}, ${name}: ${why}`))
  const wrong = rows.flatMap((row) =>
    Object.entries(row.agreement)
      .filter(([, { beyond }]) => beyond > 0)
      .map(([name, { beyond, elements, maxError }]) => {
        const most = Number.isNaN(maxError) ? 'among them NaN' : `at most ${maxError.toExponential(1)}`
        return `${labelOf(row)}, ${name}: ${beyond} of ${elements} elements, ${most}`
      }),
  )
  const versions = Object.entries(facts.versions).map(([name, version]) => `${name} ${version}`)
  return `${[
    '# Shaders against TensorFlow.js and ONNX Runtime Web',
    `${facts.adapter}, in ${browser}; ${machine.processor}, ${machine.cores} cores, ${machine.date}. ${versions.join(', ')}. One page, one device.`,
    facts.isSoftware
      ? '**This adapter is the CPU.** The figures show that nothing is grossly slow, and say nothing of a GPU: no memory waits there, and workgroups are loops.'
      : '',
    'Milliseconds a call: median (quartiles) of rounds in which all take turns, in a rotating order, after warming up. A sample is as many calls as take 15 milliseconds at the least, and ends when the device has done them. Then how many times as long as ours a peer takes, ours having the channels where the peer has them.',
    'On a shared machine the ratios are to be trusted to one digit and the milliseconds less. `npm run bench:webgpu` makes this file anew.',
    shapesOf(rows),
    `float32; gaussian is \`mean(x) + weight * sqrt(max(var(x), eps))\`, one weight a channel, its backward pass making both gradients. Padding counts in means. Each result is compared with a plain loop's: ${tolerance} relative to the value or 1.`,
    list(facts.contenders.map(({ name, notes }) => `**${name}**: ${notes.join('; ')}.`)),
    table(
      ['shape', 'operator', 'direction', ...names.flatMap((name) => (peers.includes(name) ? [name, 'times ours'] : [name]))],
      rows.map((row) => [
        row.shape.id,
        row.operator,
        row.direction,
        ...names.flatMap((name) => (peers.includes(name) ? [cell(row, name), ratioCell(row, name)] : [cell(row, name)])),
      ]),
    ),
    wrong.length > 0 ? `[1] Beyond the tolerance:\n\n${list(wrong)}` : '',
    failed.length > 0 ? `Failed:\n\n${list(failed)}` : '',
    behind.length > 0 ? `Behind a peer:\n\n${list(behind)}` : 'Behind no peer on any row.',
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`
}
