/**
 * `npm run bench:cuda`: our CUDA kernels on a GPU beside a copy of the same bytes and PyTorch, eager and compiled, on shapes as
 * networks have them. Without a GPU it says so, and ends with 3.
 *
 *     npm run bench:cuda -- [--quick] [--only S1,max,backward] [--python PROGRAM] [--out FILE]
 *
 * It is the first GPU that CUDA_VISIBLE_DEVICES shows.
 */
import { parseArgs } from 'node:util'
import { DriverDevice } from '../runtime/cuda/driver/device.ts'
import { CudaMissingError } from '../runtime/cuda/errors.ts'
import { type Cuda, openCuda } from '../runtime/cuda/open.ts'
import { oracleTarget } from '../runtime/oracle-target.ts'
import { timingOf } from '../runtime/timing.ts'
import { type Job, makeJob, type Shape } from './cases.ts'
import { copiesFor, type GpuContender } from './cuda/contender.ts'
import { copy } from './cuda/copy.ts'
import { ours } from './cuda/ours.ts'
import { type GpuRow, toMarkdown } from './cuda/report.ts'
import { Torch, variants } from './cuda/torch.ts'
import { type RowOf, rowsOf } from './only.ts'
import { keep, progress } from './output.ts'
import { prepare } from './poolwright.ts'
import { compare } from './verify.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    python: { type: 'string', default: 'python3' },
    out: { type: 'string', default: '' },
  },
})

const wanted = rowsOf(values.only)
const rounds = values.quick ? 5 : 31
/** What most GPUs have at the most, where PyTorch is not there to tell. */
const usualCache = 64 << 20

const bytesOf = ({ operator, direction, inputs, cotangents }: Job): number => {
  const [x, cotangent] = [inputs.x!.data.length, cotangents.y!.data.length]
  const gathers = direction === 'backward' && operator !== 'avg'
  return 4 * (x + cotangent + (gathers ? x : 0))
}

/** A part of a shape that the oracle can go through. */
const sampleOf = (shape: Shape): Shape => ({ ...shape, samples: 1, channels: Math.min(shape.channels, 4) })

const agreementOf = async (cuda: Cuda, { shape, operator, direction }: RowOf) => {
  const job = makeJob(sampleOf(shape), operator, direction)
  const [got, want] = await Promise.all(
    [cuda.target, oracleTarget].map(async (target) => {
      const prepared = await prepare(job, { target })
      await prepared.run()
      return prepared.results()
    }),
  )
  return compare(got!, want!)
}

const measureRow = async (
  { cuda, device, torch }: { readonly cuda: Cuda; readonly device: DriverDevice; readonly torch: Torch | undefined },
  of: RowOf,
): Promise<GpuRow> => {
  const { shape, operator, direction } = of
  const job = makeJob(shape, operator, direction)
  const bytes = bytesOf(job)
  const copies = copiesFor(bytes, torch?.facts.l2 ?? usualCache)
  const notes = new Map<string, string>()
  const contenders: GpuContender[] = [
    await ours(cuda.target, device, job, copies),
    await copy(cuda.nvrtc, device, cuda.arch, bytes, copies),
  ]
  for (const variant of torch ? variants : []) {
    if (variant.endsWith('-e2') && operator !== 'gaussian') continue
    const made = await torch!.contender({ ...of, copies }, variant)
    if (typeof made === 'string') notes.set(variant, made)
    else contenders.push(made)
  }
  for (const { name, note } of contenders) if (note) notes.set(name, note)
  const samples = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length]!
      samples.get(contender.name)!.push(await contender.round())
    }
  for (const contender of contenders) contender.dispose()
  await torch?.forget()
  const timings = new Map([...samples].map(([name, times]) => [name, timingOf(times)]))
  return { ...of, bytes, timings, notes, agreement: await agreementOf(cuda, of) }
}

const main = async (cuda: Cuda): Promise<void> => {
  const { device } = cuda
  if (!(device instanceof DriverDevice)) throw new Error('only a GPU has a clock')
  const torch = await Torch.start(values.python).catch((error: unknown) => String(error instanceof Error ? error.message : error))
  const rows: GpuRow[] = []
  try {
    const running = { cuda, device, torch: typeof torch === 'string' ? undefined : torch }
    for (const row of wanted) {
      progress(`${row.shape.id} ${row.operator} ${row.direction}`)
      rows.push(await measureRow(running, row))
    }
    progress('')
  } finally {
    if (typeof torch !== 'string') torch.close()
  }
  const markdown = toMarkdown({
    device: cuda.target.device,
    date: new Date().toISOString().slice(0, 10),
    torch: typeof torch === 'string' ? torch : torch.facts,
    rows,
  })
  process.stdout.write(markdown)
  // A part of the table, or a hasty one, must not replace the whole.
  const out = values.out || (values.quick || values.only ? '' : 'bench/results/cuda.md')
  if (out) await keep(out, markdown)
  if (rows.some(({ agreement }) => agreement.beyond > 0)) process.exitCode = 1
}

try {
  const cuda = await openCuda()
  try {
    await main(cuda)
  } finally {
    cuda[Symbol.dispose]()
  }
} catch (error) {
  if (!(error instanceof CudaMissingError)) throw error
  process.stderr.write(`There is nothing to measure: ${error.message}\n`)
  process.exitCode = 3
}
