/** Timing by clocks that are coarse: samples are long enough for them, and a call that they never see ends too. */
import { describe, expect, it } from 'vitest'
import { interleave, measure, type Pace, type Timed } from '../../runtime/timing.ts'

const pace: Pace = { sample: 4, rounds: { least: 3, most: 5 }, total: 50 }

/** Calls of so many milliseconds on a clock of their own, which tells steps alone, from a moment that nobody chooses. */
const madeUp = (ms: number, step: number) => {
  const samples: number[] = []
  let [now, calls] = [0.37 * step, 0]
  const seen = (): number => Math.floor(now / step) * step
  const timed: Timed = {
    call: () => {
      calls++
      now += ms
    },
    time: async (work) => {
      const [start, before] = [seen(), calls]
      await work()
      samples.push(calls - before)
      return seen() - start
    },
    grain: step,
  }
  return { timed, samples }
}

describe('a coarse clock', () => {
  it.each([0.003, 0.05, 0.8, 30])('tells the time of a call of %s ms', async (ms) => {
    const { timed, samples } = madeUp(ms, 0.1)
    const { ms: found } = await measure(timed, pace, Number.POSITIVE_INFINITY)
    expect(Math.abs(found / ms - 1)).toBeLessThan(0.06)
    // A sample takes what the pace says, and no less than twenty steps.
    expect(samples.at(-1)! * ms).toBeGreaterThan(3.7)
  })

  it('has longer samples where it is coarser', async () => {
    const { timed, samples } = madeUp(0.5, 1)
    const [timing] = await interleave([timed], pace)
    expect(samples.at(-1)! * 0.5).toBeGreaterThan(17)
    expect(Math.abs(timing!.ms / 0.5 - 1)).toBeLessThan(0.1)
  })

  it('comes to an end with a call that does nothing', async () => {
    const { timed, samples } = madeUp(0, 1)
    expect((await measure(timed, pace, Number.POSITIVE_INFINITY)).ms).toBe(0)
    expect(Math.max(...samples)).toBe(4096)
  })
})
