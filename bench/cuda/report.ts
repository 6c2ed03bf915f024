/** The figures of a GPU as a Markdown file: what ran where, how near the copy it comes, and how far apart the rounds are. */

import type { Timing } from '../../runtime/timing.ts'
import { shapesOf, table } from '../markdown.ts'
import type { RowOf } from '../only.ts'
import { type Agreement, tolerance } from '../verify.ts'
import type { TorchFacts } from './torch.ts'

export interface GpuRow extends RowOf {
  /** What must be moved at least: the tensors that are read and written, once. */
  readonly bytes: number
  readonly timings: ReadonlyMap<string, Timing>
  readonly agreement: Agreement
  /** Why a contender has no figure, and what is to be known of those that have. */
  readonly notes: ReadonlyMap<string, string>
}

export interface GpuReport {
  readonly device: string
  readonly date: string
  /** PyTorch, or why it is not there. */
  readonly torch: TorchFacts | string
  readonly rows: readonly GpuRow[]
}

const told = ({ ms, lower, upper }: Timing): string => `${ms.toFixed(4)} (${lower.toFixed(4)}-${upper.toFixed(4)})`
const gigabytes = (row: GpuRow, name: string): number => row.bytes / (row.timings.get(name)?.ms ?? Number.NaN) / 1e6

const cells = (row: GpuRow, name: string): readonly string[] => {
  const [ours, other] = [row.timings.get('poolwright'), row.timings.get(name)]
  return ours && other ? [told(other), (other.ms / ours.ms).toFixed(2)] : [row.notes.has(name) ? 'none' : '', '']
}

export const toMarkdown = ({ device, date, torch, rows }: GpuReport): string => {
  const others = [...new Set(rows.flatMap(({ timings, notes }) => [...timings.keys(), ...notes.keys()]))].filter(
    (name) => name !== 'poolwright' && name !== 'copy',
  )
  const head = [
    'shape',
    'operator',
    'direction',
    'ours, ms',
    'GB/s',
    'of the copy',
    ...others.flatMap((name) => [name, 'times ours']),
  ]
  const body = rows.map((row) => {
    const ours = row.timings.get('poolwright')
    return [
      row.shape.id,
      row.operator,
      row.direction,
      ours ? told(ours) : 'none',
      gigabytes(row, 'poolwright').toFixed(0),
      `${((100 * gigabytes(row, 'poolwright')) / gigabytes(row, 'copy')).toFixed(0)} %`,
      ...others.flatMap((name) => cells(row, name)),
    ]
  })
  const notes = rows.flatMap((row) =>
    [...row.notes].map(([name, note]) => `- ${row.shape.id} ${row.operator} ${row.direction}, ${name}: ${note}.`),
  )
  const wrong = rows
    .filter(({ agreement }) => agreement.beyond > 0)
    .map(({ shape, operator, direction }) => `- ${shape.id} ${operator} ${direction}: ours differs from the oracle.`)
  return `${[
    '# CUDA kernels against a copy and PyTorch',
    `${device}, ${date}. ${typeof torch === 'string' ? `PyTorch took no part: ${torch}.` : `PyTorch ${torch.torch} of CUDA ${torch.cuda}.`}`,
    'Milliseconds by the GPU’s own clock: median (quartiles) of rounds in which all take turns, in a rotating order. A round goes through copies of the tensors that together exceed the second-level cache, as one graph where that can be. `npm run bench:cuda` makes this file anew.',
    'The copy moves as many bytes as a kernel must at least: forward x and y; backward the cotangent and the gradient, and but for avg x. float32, channels first. Ours writes no indices, and its backward finds maxima anew; PyTorch writes and reads them as 64-bit integers.',
    shapesOf(rows),
    `Each kernel of ours was compared with the oracle on a sample: within ${tolerance} of the value or 1.`,
    table(head, body),
    ...(wrong.length > 0 ? [wrong.join('\n')] : []),
    ...(notes.length > 0 ? [notes.join('\n')] : []),
  ].join('\n\n')}\n`
}
