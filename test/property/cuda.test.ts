/**
 * CUDA kernels as NVRTC compiles them, on the emulator, against the oracle: random formulas, geometries, storage types and
 * schedules, the results and every gradient, and nothing that the emulator finds wrong.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultSchedule } from '../../codegen/cuda/default.ts'
import { cudaAxes } from '../../codegen/cuda/schedule.ts'
import { programsOf } from '../../codegen/program.ts'
import type { DeviceKernel, Target } from '../../runtime/target.ts'
import { nvrtcs } from '../cuda/nvrtc.ts'
import { emulated } from '../cuda/target/emulated.ts'
import {
  type Arguments,
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
import { type CudaWish, cudaWishes, scheduleFor } from './cuda-schedules.ts'
import { isSmooth } from './guards.ts'

const cases = casesWith(cudaWishes)

/** Kernels of a case, and the schedule that they carry out. */
interface Compiled {
  readonly schedule: Record<string, unknown>
  readonly kernel: DeviceKernel
}

/** So many cases are compiled ahead: NVRTC works on other threads while the emulator runs on this one. */
const ahead = 4

const givenOf = (one: Case<CudaWish>): Arguments => roundedTo(argumentsOf(one), one.wish.dtype)

/** Compiles cases in the order in which they are drawn, some ahead of the one that is asked for. */
const compileAhead = (target: Target) => {
  const compile = async (one: Case<CudaWish>, given: Arguments): Promise<Compiled> => {
    const schedule = scheduleFor(given, one.launch.extents, one.wish)
    return { schedule, kernel: await target.compile(given.operator, given.geometry, { dtype: one.wish.dtype, schedule }) }
  }
  const start = (one: Case<CudaWish>, given: Arguments): Promise<Compiled> => {
    const compiled = compile(one, given)
    // Whoever runs the case is told of a failure; where nobody comes to run it, nobody is.
    compiled.catch(() => undefined)
    return compiled
  }
  // What fast-check will hand over, until a case fails; it draws more than it runs, since some are left out.
  const expected = fc.sample(cases, { seed: fuzzSeed, numRuns: 2 * runs })
  const places = new Map(expected.map((one, k) => [fc.stringify(one), k]))
  const underWay = new Map<string, Promise<Compiled>>()
  let started = 0
  return (one: Case<CudaWish>, given: Arguments): Promise<Compiled> => {
    const name = fc.stringify(one)
    // A case that is shrunk is none of those.
    const end = Math.min((places.get(name) ?? -ahead) + ahead, expected.length)
    for (; started < end; started++) {
      const next = expected[started]!
      const { operator, geometry, inputs, seed } = givenOf(next)
      if (isSmooth(operator, geometry, inputs, seed ?? 0n)) underWay.set(fc.stringify(next), start(next, givenOf(next)))
    }
    const known = underWay.get(name)
    underWay.delete(name)
    return known ?? start(one, given)
  }
}

describe('CUDA kernels', () => {
  it('compute what the oracle computes, for any formula, geometry and schedule', { timeout: 900_000 }, async (context) => {
    const { target } = await emulated(nvrtcs[0]!, context)
    const compiled = compileAhead(target)
    let compared = 0
    const check = async (one: Case<CudaWish>): Promise<void> => {
      const { dtype } = one.wish
      const given = givenOf(one)
      const { want, exact, rounding } = await judge(given)
      const { schedule, kernel } = await compiled(one, given)
      const made = runKernel(kernel, given, dtype)
      for (const direction of directions) {
        const what = `cuda ${dtype} ${JSON.stringify(schedule)}, ${direction}`
        compare(what, made[direction], want[direction], dtype === 'float64' ? exact : rounding(direction), dtype)
      }
      compared++
    }
    console.info(`POOLWRIGHT_SEED=${fuzzSeed} replays the property test of CUDA kernels`)
    await fc.assert(fc.asyncProperty(cases, check), { seed: fuzzSeed, numRuns: runs })
    console.info(`${compared} CUDA kernels compared with the oracle, forward and backward`)
    expect(compared).toBeGreaterThanOrEqual(runs)
  })
})

describe('the wishes for schedules', () => {
  it('come true often enough on every axis', () => {
    const times = new Map<string, number>(cudaAxes.map((axis) => [axis, 0]))
    for (const one of fc.sample(cases, { seed: 3, numRuns: 300 })) {
      const given = argumentsOf(one)
      const usual = defaultSchedule(programsOf(given.operator, given.geometry).backward, one.wish.dtype)
      const schedule = scheduleFor(given, one.launch.extents, one.wish)
      for (const axis of cudaAxes)
        if (axis in schedule && JSON.stringify(schedule[axis]) !== JSON.stringify(usual[axis]))
          times.set(axis, times.get(axis)! + 1)
    }
    expect([...times].filter(([, n]) => n < 15)).toEqual([])
  })
})
