/** What launches took, as the emulator counts it: instructions by kind, and the traffic that a GPU's memory would see. */
import type { Counts, Observation, Traffic } from '../../runtime/cuda/index.ts'
import { grouped, table } from '../table.ts'

/** Bytes that memory moves at once. */
const sectorBytes = 32

const efficiency = ({ bytes, sectors }: Traffic): string =>
  sectors === 0 ? '-' : `${Math.round((100 * bytes) / (sectorBytes * sectors))} %`

/** A quantity, and how a launch's is written. */
type Row = [what: string, of: (counts: Counts) => string]

const trafficRows = (what: string, of: (counts: Counts) => Traffic): Row[] => [
  [`${what}, bytes`, (counts) => grouped(of(counts).bytes)],
  [`${what}, sectors of ${sectorBytes} bytes`, (counts) => grouped(of(counts).sectors)],
  [`${what}, sectors used`, (counts) => efficiency(of(counts))],
]

/** A column for each launch, in their order; kinds of instructions that none executed are left out. */
export const countsTable = (observations: readonly Observation[]): string => {
  const all = observations.map(({ counts }) => counts)
  const kinds = [...new Set(all.flatMap(({ instructions }) => Object.keys(instructions)))] as (keyof Counts['instructions'])[]
  const rows: Row[] = [
    ['threads', ({ threads }) => grouped(threads)],
    ['instructions', ({ instructions }) => grouped(Object.values(instructions).reduce((sum, n) => sum + n, 0))],
    ...kinds
      .filter((kind) => all.some(({ instructions }) => instructions[kind] > 0))
      .map((kind): Row => [`  ${kind}`, ({ instructions }) => grouped(instructions[kind])]),
    ...trafficRows('global loads', ({ globalLoads }) => globalLoads),
    ...trafficRows('global stores', ({ globalStores }) => globalStores),
    ['shared memory, accesses', ({ shared }) => grouped(shared.accesses)],
    ['shared memory, bank conflicts', ({ shared }) => grouped(shared.conflicts)],
    ...(all.some(({ untraced }) => untraced > 0)
      ? [['accesses not in the traffic', ({ untraced }) => grouped(untraced)] as Row]
      : []),
  ]
  const head = ['', ...observations.map(({ kernel }) => kernel)]
  return table([head, ...rows.map(([what, of]) => [what, ...all.map(of)])])
}
