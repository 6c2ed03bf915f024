/**
 * `npm run bench:schedules`: every schedule of one operator on one shape, sorted by time, so that defaults are chosen by
 * measurement. Schedules that are refused, and those whose result is wrong, are listed with the reason.
 *
 *     npm run bench:schedules -- --operator max --direction backward --shape S4 [--extents] [--quick] [--json]
 */
import { parseArgs } from 'node:util'
import { type Direction, describe, directions, makeJob, type Operator, operators, shapes } from './cases.ts'
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
    extents: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

const oneOf = <T extends string>(what: string, value: string, known: readonly T[]): T => {
  const found = known.find((name) => name === value)
  if (found === undefined) throw new RangeError(`--${what} is '${value}'; it must be one of ${known.join(', ')}`)
  return found
}

type Schedule = Readonly<Record<string, unknown>>

/** Every combination of the axes' values. A forward pass has no choice of phases. */
const candidates = (direction: Direction, extents: readonly number[]): Schedule[] => {
  const axes: Readonly<Record<string, readonly unknown[]>> = {
    ...(direction === 'backward' && { phases: ['owner', 'plane', 'scatter', 'global'] }),
    unroll: ['all', 'inner', 'none'],
    outputsPerThread: [1, 2, 4, 8],
    split: [1, 2, 3, 4],
    ...(values.extents && { extents: ['dynamic', extents] }),
  }
  return Object.entries(axes).reduce<Schedule[]>(
    (sofar, [axis, choices]) => sofar.flatMap((schedule) => choices.map((choice) => ({ ...schedule, [axis]: choice }))),
    [{}],
  )
}

const label = (schedule: Schedule): string =>
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
  const refused: { readonly schedule: string; readonly reason: string }[] = []
  for (const schedule of [{}, ...candidates(direction, [shape.height, shape.width])]) {
    const name = label(schedule)
    try {
      const prepared = await prepare(job, { schedule })
      await prepared.run()
      const { beyond, maxError } = compare(await prepared.results(), want)
      if (beyond > 0)
        refused.push({
          schedule: name,
          reason: `a wrong result: ${beyond} elements, at most ${maxError.toExponential(1)}`,
        })
      else running.push({ name, run: () => prepared.run() })
    } catch (error) {
      refused.push({ schedule: name, reason: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) })
    }
  }

  const budget = values.quick ? quick : { budget: 10_000, minRounds: 5, maxRounds: 21 }
  const timings = [...(await measure(running, budget)).values()].sort((a, b) => a.median - b.median)
  if (values.json) {
    console.log(JSON.stringify({ machine: describeMachine(), operator, direction, shape, timings, refused }, null, 2))
    return
  }
  console.log(`${operator} ${direction}, ${shape.id}: ${describe(shape)}\n`)
  const best = timings[0]?.median ?? Number.NaN
  for (const { name, median, lower, upper } of timings) {
    const spread = `(${lower.toFixed(2)}-${upper.toFixed(2)})`
    console.log(`${median.toFixed(2).padStart(9)} ms  ${spread.padEnd(17)} ${(median / best).toFixed(2).padStart(5)}  ${name}`)
  }
  if (refused.length > 0) console.log('\nrefused:')
  for (const { schedule, reason } of refused) console.log(`  ${schedule}: ${reason}`)
}

await main()
