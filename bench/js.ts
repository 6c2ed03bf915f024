/**
 * `npm run bench:js`: our JavaScript kernels beside the plain loop, TensorFlow.js and jax-js, forward and backward, on
 * shapes as networks have them.
 *
 *     npm run bench:js -- [--quick] [--json] [--only S1,max,backward] [--peers plain,jax-js] [--out FILE] [--check]
 */
import { parseArgs } from 'node:util'
import { makeJob } from './cases.ts'
import { describeMachine } from './machine.ts'
import { type Contender, type MeasureOptions, measure, quick, thorough } from './measure.ts'
import { type RowOf, rowsOf } from './only.ts'
import { keep, progress } from './output.ts'
import { jax } from './peers/jax.ts'
import type { Peer, Prepared, Results } from './peers/peer.ts'
import { plain } from './peers/plain.ts'
import { poolwright } from './peers/poolwright.ts'
import { tfjs } from './peers/tfjs.ts'
import { type DataRow, ours, type Report, type Row, shortfalls, toMarkdown } from './report.ts'
import { timeStarts } from './start.ts'
import { type Agreement, compare } from './verify.ts'

const all: readonly Peer[] = [poolwright, plain, tfjs, jax]

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
const peers = all.filter(({ name }) => name === ours || chosen.length === 0 || chosen.includes(name))

const reason = (error: unknown): string => (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))

const measureRow = async (of: RowOf, options: MeasureOptions): Promise<Row> => {
  const job = makeJob(of.shape, of.operator, of.direction)
  const agreement: Record<string, Agreement> = {}
  const failures: Record<string, string> = {}
  const contenders: (Contender & { prepared: Prepared })[] = []
  const reference = await plain.prepare(job)
  await reference.run()
  const want: Results = await reference.results()
  for (const peer of peers) {
    try {
      const prepared = await peer.prepare(job)
      await prepared.run()
      agreement[peer.name] = compare(await prepared.results(), want)
      contenders.push({ name: peer.name, run: () => prepared.run(), prepared })
    } catch (error) {
      failures[peer.name] = reason(error)
    }
  }
  const timings = Object.fromEntries(await measure(contenders, options))
  for (const { prepared } of contenders) prepared.dispose()
  return { ...of, timings, agreement, failures }
}

/** Maximum on both kinds of data, ours and the plain loop, all four in turns. */
const measureData = async (of: Pick<DataRow, 'shape' | 'direction'>, options: MeasureOptions): Promise<DataRow> => {
  const contenders: Contender[] = []
  const names: string[] = []
  for (const peer of [poolwright, plain]) {
    const prepared: Prepared[] = []
    for (const distribution of ['normal', 'relu'] as const) {
      prepared.push(await peer.prepare(makeJob(of.shape, 'max', of.direction, distribution)))
    }
    names.push(peer.name)
    for (const [i, distribution] of (['normal', 'relu'] as const).entries()) {
      contenders.push({ name: `${peer.name} ${distribution}`, run: () => prepared[i]?.run() })
    }
  }
  const timings = await measure(contenders, options)
  const of2 = (name: string) => {
    const normal = timings.get(`${name} normal`)
    const relu = timings.get(`${name} relu`)
    if (!normal || !relu) throw new Error(`${name} was not measured`)
    return { normal, relu }
  }
  return { ...of, timings: Object.fromEntries(names.map((name) => [name, of2(name)])) }
}

const main = async (): Promise<void> => {
  const options = values.quick ? quick : thorough
  const machine = describeMachine()
  // First, while nobody else's memory is there to be collected.
  progress('from text to the first call')
  const start = timeStarts(values.quick ? 30 : 200)
  const rows: Row[] = []
  const data: DataRow[] = []
  for (const row of wanted) {
    const { shape, operator, direction } = row
    progress(`${shape.id} ${operator} ${direction}`)
    rows.push(await measureRow(row, options))
    if (operator === 'max') data.push(await measureData({ shape, direction }, options))
  }
  const report: Report = { machine, rows, data, start }
  progress('')
  const markdown = toMarkdown(report, peers)
  process.stdout.write(values.json ? `${JSON.stringify({ ...report, shortfalls: shortfalls(report) }, null, 2)}\n` : markdown)
  // A part of the table, or a hasty one, must not replace the committed whole.
  const out = values.out || (values.quick || values.only || values.peers ? '' : 'bench/results/js.md')
  if (out) await keep(out, markdown)
  const failed = report.rows.some((row) => row.failures[ours])
  if (failed || (values.check && shortfalls(report).length > 0)) process.exitCode = 1
}

await main()
