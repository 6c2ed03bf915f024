/** Shaders against the oracle, on whatever adapter is here: random formulas, geometries and schedules, the results and every gradient. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { defaultSchedule } from '../../codegen/wgsl/default.ts'
import { refuse } from '../../codegen/wgsl/refuse.ts'
import type { WgslSchedule } from '../../codegen/wgsl/schedule.ts'
import { type DeviceKernel, readFrom } from '../../runtime/target.ts'
import { LimitError } from '../../runtime/webgpu/errors.ts'
import { opened } from '../webgpu/adapter.ts'
import { acceptedBy, argumentsOf, type Case, casesWith, compare, directions, fuzzSeed, judge, runKernel, runs } from './cases.ts'

type Axis = keyof WgslSchedule

/** What is drawn for an axis, whatever the case is. */
const draws = {
  phases: fc.constantFrom('carried' as const, 'fused' as const),
  unroll: fc.constantFrom('all' as const, 'all' as const, 'none' as const),
  outputsPerThread: fc.array(fc.constantFrom(1, 1, 2, 3, 4), { minLength: 3, maxLength: 3 }),
  border: fc.constantFrom('predicated' as const, 'split' as const),
  threads: fc.constantFrom(32, 64, 128, 256),
  extents: fc.constantFrom('dynamic' as const, 'fixed' as const),
} satisfies Record<Axis, fc.Arbitrary<unknown>>

const wishes = fc.record(draws)
type Wish = typeof wishes extends fc.Arbitrary<infer W> ? W : never

const cases = casesWith(wishes)

const scheduleFor = (one: Case<Wish>): Record<string, unknown> => {
  const { extents, outputsPerThread, ...words } = one.wish
  const all = Object.entries({
    ...words,
    outputsPerThread: outputsPerThread.slice(3 - one.geometry.dims),
    extents: extents === 'fixed' ? one.launch.extents : extents,
  }).map(([axis, value]) => ({ [axis]: value }))
  return acceptedBy(argumentsOf(one), all, (pinned, program) => refuse(defaultSchedule(program, pinned), program))
}

const compileOr = (compile: () => Promise<DeviceKernel>): Promise<DeviceKernel | undefined> =>
  compile().catch((error: unknown) => {
    if (error instanceof LimitError && error.limit === 'maxStorageBuffersPerShaderStage') return undefined
    throw error
  })

it('compute what the oracle computes, for any formula, geometry and schedule', { timeout: 900_000 }, async (context) => {
  const { target, description } = await opened(context)
  let [compared, refused] = [0, 0]
  const check = async (one: Case<Wish>): Promise<void> => {
    const given = argumentsOf(one)
    const { want, rounding } = await judge(given)
    const schedule = scheduleFor(one)
    const kernel = await compileOr(() => target.compile(given.operator, given.geometry, { dtype: 'float32', schedule }))
    // More arrays than the adapter binds: refused, by the limit's name.
    if (!kernel) return void refused++
    const made = runKernel(kernel, given, 'float32')
    for (const direction of directions) {
      const what = `webgpu ${JSON.stringify(schedule)}, ${direction}`
      compare(what, await readFrom(target, made[direction]), want[direction], rounding(direction), 'float32')
    }
    compared++
  }
  console.info(`POOLWRIGHT_SEED=${fuzzSeed} replays the property test of shaders`)
  await fc.assert(fc.asyncProperty(cases, check), { seed: fuzzSeed, numRuns: runs })
  console.info(
    `${compared} programs compared with the oracle on ${description}, forward and backward; ${refused} have too many arrays`,
  )
  expect(compared + refused).toBeGreaterThanOrEqual(runs)
  expect(refused).toBeLessThan(runs / 20)
})
