/** Shaders against the oracle, on whatever adapter is here: random formulas, geometries and schedules, the results and every gradient. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { operationsIn } from '../../codegen/gpu/cost.ts'
import { type Program, programsOf } from '../../codegen/program.ts'
import type { Abilities } from '../../codegen/wgsl/abilities.ts'
import { defaultSchedule } from '../../codegen/wgsl/default.ts'
import { refuse } from '../../codegen/wgsl/refuse.ts'
import { type WgslSchedule, wgslAxes } from '../../codegen/wgsl/schedule.ts'
import type { StorageType } from '../../dsl/geometry.ts'
import { type DeviceKernel, readFrom } from '../../runtime/target.ts'
import { abilitiesOf } from '../../runtime/webgpu/device.ts'
import { LimitError } from '../../runtime/webgpu/errors.ts'
import { opened } from '../webgpu/adapter.ts'
import {
  type Arguments,
  acceptedBy,
  argumentsOf,
  type Case,
  casesWith,
  compare,
  directions,
  fuzzSeed,
  judge,
  roundedTo,
  runKernel,
  runs,
} from './cases.ts'
import { type Drawn, gpuDraws, type Known, wished } from './gpu-schedules.ts'

/** A storage type and a schedule as drawn. Half of the cases are of float32. */
const wishes = fc.record({
  dtype: fc.constantFrom<StorageType>('float32', 'float32', 'float32', 'float16', 'float16', 'bfloat16'),
  axes: fc.record(gpuDraws) as fc.Arbitrary<Drawn>,
})
type Wish = typeof wishes extends fc.Arbitrary<infer W> ? W : never

const cases = casesWith(wishes)

/**
 * Operations of a text that a software adapter compiles in a second or two. A text in a loop over the cells of planes takes
 * SwiftShader far longer, minutes for what else takes seconds.
 */
const budget = { usual: 600, ofPlanes: 80 }

/** A wish for a text that is long, and longer than without it, is left at the default: hundreds are compiled here. */
const tooLong = (program: Program, schedule: WgslSchedule, usual: WgslSchedule): string | undefined => {
  if (schedule.unroll === 'none') return undefined
  const of = (one: WgslSchedule): number => operationsIn(program, { ...one, channels: one.vector })
  const ofPlanes = typeof schedule.staging === 'object' && 'planes' in schedule.staging
  const most = ofPlanes ? budget.ofPlanes : Math.max(budget.usual, of(usual))
  return of(schedule) > most ? `a text of more than ${most} operations` : undefined
}

/** The axes of a wish that both directions of a case accept, each on its own. */
const scheduleFor = (given: Arguments, { launch: { extents }, wish: { dtype, axes } }: Case<Wish>, abilities: Abilities) => {
  const known: Known = {
    dims: given.geometry.dims,
    extents,
    program: programsOf(given.operator, given.geometry).backward,
  }
  const all = wgslAxes.map((axis) => {
    const one = wished(axis, axes, known)
    // Planes in the memory of a workgroup are of a size that is known.
    return axis === 'staging' && axes.staging.how === 'planes' ? { ...one, extents } : one
  })
  return acceptedBy(given, all, (pinned, program) => {
    const schedule = defaultSchedule(program, dtype, pinned)
    return refuse(schedule, program, dtype, abilities) ?? tooLong(program, schedule, defaultSchedule(program, dtype))
  })
}

const compileOr = (compile: () => Promise<DeviceKernel>): Promise<DeviceKernel | undefined> =>
  compile().catch((error: unknown) => {
    if (error instanceof LimitError && error.limit === 'maxStorageBuffersPerShaderStage') return undefined
    throw error
  })

it('compute what the oracle computes, for any formula, geometry and schedule', { timeout: 900_000 }, async (context) => {
  const { target, description, device } = await opened(context)
  const abilities = abilitiesOf(device)
  let [compared, refused] = [0, 0]
  const check = async (one: Case<Wish>): Promise<void> => {
    const { dtype } = one.wish
    const given = roundedTo(argumentsOf(one), dtype)
    const { want, rounding } = await judge(given)
    const schedule = scheduleFor(given, one, abilities)
    const kernel = await compileOr(() => target.compile(given.operator, given.geometry, { dtype, schedule }))
    // More arrays than the adapter binds: refused, by the limit's name.
    if (!kernel) return void refused++
    const made = runKernel(kernel, given, dtype)
    for (const direction of directions) {
      const what = `webgpu ${dtype} ${JSON.stringify(schedule)}, ${direction}`
      compare(what, await readFrom(target, made[direction]), want[direction], rounding(direction), dtype)
    }
    compared++
  }
  console.info(`POOLWRIGHT_SEED=${fuzzSeed} replays the property test of shaders`)
  await fc.assert(fc.asyncProperty(cases, check), { seed: fuzzSeed, numRuns: runs })
  console.info(
    `${compared} programs compared with the oracle on ${description}, forward and backward; ${refused} have too many arrays`,
  )
  expect(compared + refused).toBeGreaterThanOrEqual(runs)
  // Of 300 by default some 7 are, and carriers that are saved are further arrays.
  expect(refused).toBeLessThan(runs / 10)
})
