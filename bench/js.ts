/**
 * `npm run bench:js`: our JavaScript kernels beside the plain loop, TensorFlow.js and jax-js, forward and backward, on
 * shapes as networks have them.
 *
 *     npm run bench:js -- [--quick] [--json] [--only S1,max,backward] [--peers plain,jax-js] [--out FILE] [--check]
 */
import { parseArgs } from 'node:util'
import { loadPeer, peerNames } from '../cli/bench/peers/index.ts'
import type { Peer, PeerCalls } from '../runtime/peer.ts'
import { interleave, type Pace, type Timed, wallClock } from '../runtime/timing.ts'
import { type Job, makeJob } from './cases.ts'
import { describeMachine } from './machine.ts'
import { type RowOf, rowsOf } from './only.ts'
import { keep, progress } from './output.ts'
import { poolwright, prepare } from './poolwright.ts'
import { type DataRow, ours, type Report, type Row, shortfalls, toMarkdown } from './report.ts'
import { timeStarts } from './start.ts'
import { type Agreement, compare } from './verify.ts'

/**
 * A sample shorter than this is mostly the clock, the scheduler, and caches that the contender before has left cold.
 */
const sample = 15
const thorough: Pace = { sample, rounds: { least: 7, most: 31 }, total: 4000 }
const quick: Pace = { sample, rounds: { least: 3, most: 5 }, total: 400 }

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    peers: { type: 'string', default: '' },
    out: { type: 'string', default: '' },
  },
})

const wanted = rowsOf(values.only)
const chosen = values.peers.split(',').filter(Boolean)
const others = await Promise.all(peerNames.filter((name) => chosen.length === 0 || chosen.includes(name)).map(loadPeer))
const plain = await loadPeer('plain')

const reason = (error: unknown): string => (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))

const timedBy = (calls: PeerCalls): Timed => ({ call: () => calls.run(), time: wallClock })

/** By name, what takes part in a row. */
type Contenders = ReadonlyMap<string, (job: Job) => PeerCalls | Promise<PeerCalls>>

const contenders: Contenders = new Map([
  [ours, prepare],
  ...others.map((peer: Peer) => [peer.name, (job: Job) => peer.prepare(job)] as const),
])

const measureRow = async (of: RowOf, pace: Pace): Promise<Row> => {
  const job = makeJob(of.shape, of.operator, of.direction)
  const agreement: Record<string, Agreement> = {}
  const failures: Record<string, string> = {}
  const ready = new Map<string, PeerCalls>()
  const reference = await plain.prepare(job)
  await reference.run()
  const want = await reference.results()
  for (const [name, prepared] of contenders) {
    try {
      const calls = await prepared(job)
      await calls.run()
      agreement[name] = compare(await calls.results(), want)
      ready.set(name, calls)
    } catch (error) {
      failures[name] = reason(error)
    }
  }
  const timings = await interleave([...ready.values()].map(timedBy), pace)
  for (const calls of ready.values()) calls.dispose()
  return { ...of, timings: Object.fromEntries([...ready.keys()].map((name, k) => [name, timings[k]!])), agreement, failures }
}

/** Maximum on both kinds of data, ours and the plain loop, all four in turns. */
const measureData = async ({ shape, direction }: Pick<DataRow, 'shape' | 'direction'>, pace: Pace): Promise<DataRow> => {
  const job = (distribution: 'normal' | 'relu') => makeJob(shape, 'max', direction, distribution)
  const [normal, relu] = [job('normal'), job('relu')]
  const calls = await Promise.all([prepare(normal), prepare(relu), plain.prepare(normal), plain.prepare(relu)])
  const timings = await interleave(calls.map(timedBy), pace)
  const pair = (k: number) => ({ normal: timings[k]!, relu: timings[k + 1]! })
  return { shape, direction, timings: { [ours]: pair(0), [plain.name]: pair(2) } }
}

const main = async (): Promise<void> => {
  const pace = values.quick ? quick : thorough
  const machine = describeMachine()
  // First, while nobody else's memory is there to be collected.
  progress('from text to the first call')
  const start = timeStarts(values.quick ? 30 : 200)
  const rows: Row[] = []
  const data: DataRow[] = []
  for (const row of wanted) {
    const { shape, operator, direction } = row
    progress(`${shape.id} ${operator} ${direction}`)
    rows.push(await measureRow(row, pace))
    if (operator === 'max') data.push(await measureData({ shape, direction }, pace))
  }
  const report: Report = { machine, rows, data, start }
  progress('')
  const markdown = toMarkdown(report, [poolwright, ...others])
  process.stdout.write(values.json ? `${JSON.stringify({ ...report, shortfalls: shortfalls(report) }, null, 2)}\n` : markdown)
  // A part of the table, or a hasty one, must not replace the committed whole.
  const out = values.out || (values.quick || values.only || values.peers ? '' : 'bench/results/js.md')
  if (out) await keep(out, markdown)
  const failed = report.rows.some((row) => row.failures[ours])
  if (failed || (values.check && shortfalls(report).length > 0)) process.exitCode = 1
}

await main()
