/**
 * `npm run bench:schedules`: the schedules of one operator on one shape, sorted by time, so that defaults are chosen by
 * measurement: the whole space (codegen/js/space.ts), each text once, or, where that is too much, the axes that are named.
 * Schedules whose result is wrong are listed with the reason.
 *
 *     npm run bench:schedules -- --operator max --direction backward --shape S4 [--axes rows,extrema] [--quick] [--json]
 */
import { parseArgs } from 'node:util'
import { emitJs } from '../codegen/js/emit.ts'
import { defaultSchedule, type JsSchedule, jsAxes, refuse } from '../codegen/js/schedule.ts'
import { jsSpace } from '../codegen/js/space.ts'
import { type Program, programsOf } from '../codegen/program.ts'
import type { Declarations } from '../dsl/declarations.ts'
import { normaliseGeometry } from '../dsl/geometry.ts'
import type { Operator as Declared } from '../dsl/operator.ts'
import { settle } from '../dsl/settle.ts'
import { avgPool, gaussianPool, maxPool } from '../specs/index.ts'
import { type Direction, describe, directions, type Job, makeJob, type Operator, operators, shapes } from './cases.ts'
import { describeMachine } from './machine.ts'
import { type Contender, measure, quick } from './measure.ts'
import { plain } from './peers/plain.ts'
import { prepare } from './peers/poolwright.ts'
import { compare } from './verify.ts'

const { values } = parseArgs({
  options: {
    operator: { type: 'string', default: 'max' },
    direction: { type: 'string', default: 'forward' },
    shape: { type: 'string', default: 'S1' },
    axes: { type: 'string', default: jsAxes.join(',') },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

const oneOf = <T extends string>(what: string, value: string, known: readonly T[]): T => {
  const found = known.find((name) => name === value)
  if (found === undefined) throw new RangeError(`--${what} is '${value}'; it must be one of ${known.join(', ')}`)
  return found
}

type Pinned = Partial<JsSchedule>

const declared: Readonly<Record<Operator, Declared<Declarations>>> = { max: maxPool, avg: avgPool, gaussian: gaussianPool }

const programOf = ({ operator, direction, shape: { kernel, stride, padding, global } }: Job): Program => {
  const geometry = normaliseGeometry(global ? { dims: 2, global } : { kernelSize: [kernel, kernel], stride, padding })
  return programsOf(settle(declared[operator], {}), geometry, operator === 'max' ? ['y'] : undefined)[direction]
}

/** What sets a schedule apart from the default. */
const changes = (schedule: JsSchedule, usual: JsSchedule): Pinned =>
  Object.fromEntries(
    Object.entries(schedule).filter(([axis, value]) => JSON.stringify(value) !== JSON.stringify(usual[axis as keyof JsSchedule])),
  )

/** The schedules that vary these axes, the default first, each text once: the first of those that make it. */
const candidates = (job: Job, axes: readonly (keyof JsSchedule)[]): Pinned[] => {
  const program = programOf(job)
  const usual = defaultSchedule(program)
  const space = jsSpace(program, [job.shape.height, job.shape.width])
  const schedules = axes.reduce<JsSchedule[]>(
    (sofar, axis) => sofar.flatMap((schedule) => space[axis].map((value) => ({ ...schedule, [axis]: value }))),
    [usual],
  )
  const byText = new Map<string, Pinned>()
  for (const schedule of [usual, ...schedules]) {
    if (refuse(schedule, program) !== undefined) continue
    const text = emitJs(program, schedule, 'float32').source.replace(/^\/\/ schedule: .*\n/m, '')
    if (!byText.has(text)) byText.set(text, changes(schedule, usual))
  }
  return [...byText.values()]
}

const label = (schedule: Pinned): string =>
  Object.entries(schedule)
    .map(([axis, value]) => `${axis} ${Array.isArray(value) ? value.join('x') : String(value)}`)
    .join(', ') || 'default'

const main = async (): Promise<void> => {
  const operator: Operator = oneOf('operator', values.operator, operators)
  const direction: Direction = oneOf('direction', values.direction, directions)
  const id = oneOf(
    'shape',
    values.shape,
    shapes.map((shape) => shape.id),
  )
  const shape = shapes.find((s) => s.id === id)
  if (!shape) throw new RangeError(`no shape ${id}`)
  const job = makeJob(shape, operator, direction)

  const reference = await plain.prepare(job)
  await reference.run()
  const want = await reference.results()
  const running: Contender[] = []
  const wrong: { readonly schedule: string; readonly reason: string }[] = []
  const axes = values.axes.split(',').map((axis) => oneOf('axes', axis, jsAxes))
  for (const schedule of candidates(job, axes)) {
    const name = label(schedule)
    const prepared = await prepare(job, { schedule })
    await prepared.run()
    const { beyond, maxError } = compare(await prepared.results(), want)
    if (beyond === 0) running.push({ name, run: () => prepared.run() })
    else wrong.push({ schedule: name, reason: `${beyond} elements, at most ${maxError.toExponential(1)}` })
  }

  const budget = values.quick ? quick : { budget: 10_000, minRounds: 5, maxRounds: 21 }
  const timings = [...(await measure(running, budget)).values()].sort((a, b) => a.median - b.median)
  if (values.json) {
    console.log(JSON.stringify({ machine: describeMachine(), operator, direction, shape, timings, wrong }, null, 2))
    return
  }
  console.log(`${operator} ${direction}, ${shape.id}: ${describe(shape)}\n`)
  const best = timings[0]?.median ?? Number.NaN
  for (const { name, median, lower, upper } of timings) {
    const spread = `(${lower.toFixed(2)}-${upper.toFixed(2)})`
    console.log(`${median.toFixed(2).padStart(9)} ms  ${spread.padEnd(17)} ${(median / best).toFixed(2).padStart(5)}  ${name}`)
  }
  if (wrong.length > 0) console.log('\nwrong:')
  for (const { schedule, reason } of wrong) console.log(`  ${schedule}: ${reason}`)
}

await main()
