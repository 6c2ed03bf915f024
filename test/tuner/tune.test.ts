/** Whole searches with a made-up device: what is measured, what is remembered, and what a second run does. */
import { describe, expect, it } from 'vitest'
import { jsTuning } from '../../runtime/js.ts'
import { folders, type Store } from '../../runtime/store/store.ts'
import { keyFor } from '../../runtime/tuner/key.ts'
import { Memory } from '../../runtime/tuner/memory.ts'
import { type Outcome, timeOf } from '../../runtime/tuner/outcome.ts'
import type { Progress, Trials, TuneOptions } from '../../runtime/tuner/request.ts'
import { spaceOf } from '../../runtime/tuner/space.ts'
import type { Schedule, Subject } from '../../runtime/tuner/subject.ts'
import { TrialError } from '../../runtime/tuner/trial/errors.ts'
import { tune } from '../../runtime/tuner/tune.ts'
import { problemOf, temporaryStore } from './problems.ts'

const axes = { a: [1, 2, 3, 4], b: [1, 2, 3] }

const subjectOf = (more: Partial<Subject> = {}): Subject => ({
  ...jsTuning.subject(problemOf('max')),
  axes,
  usual: { a: 1, b: 1 },
  refuse: () => undefined,
  text: (schedule) =>
    `kernel ${JSON.stringify(
      Object.entries(schedule)
        .filter(([, value]) => value !== 'plain')
        .sort(),
    )}`,
  cost: ({ a, b }) => Number(a) * Number(b),
  ...more,
})

/** Times by a formula; its best is at a = 3, b = 2. */
const timeAt = ({ a, b }: Schedule): number => 1 + (Number(a) - 3) ** 2 + (Number(b) - 2) ** 2

/** A device that tells what was tried on it. */
const deviceOf = (
  outcome: (schedule: Schedule) => Outcome = (schedule) => ({ kind: 'ok', ms: timeAt(schedule) }),
  isTimed = true,
) => {
  const tried: Schedule[] = []
  const again: Schedule[][] = []
  let open = 0
  const trials = (): Trials => {
    open++
    return {
      open: async () => ({ isTimed, limitMs: 0.25 }),
      trial: async (schedule) => {
        tried.push(schedule)
        return outcome(schedule)
      },
      again: async (schedules) => {
        again.push([...schedules])
        return schedules.map((schedule) => ({ kind: 'ok', ms: timeAt(schedule) / 2 }))
      },
      close: () => open--,
    }
  }
  return { trials, tried, again, isOpen: () => open > 0 }
}

const optionsFor = async (
  { trials }: Pick<TuneOptions, 'trials'>,
  { store = temporaryStore(), subject = subjectOf(), ...more }: Partial<TuneOptions> = {},
): Promise<TuneOptions> => ({
  subject,
  store,
  generator: 'this version',
  trials,
  key: await keyFor(subjectOf(), jsTuning),
  budget: { ms: 60_000, candidates: Number.POSITIVE_INFINITY },
  strategy: 'exhaustive',
  seed: 1,
  ...more,
})

describe('a search', () => {
  it('finds the best, times it side by side with the default, and lets go of the device', async () => {
    const device = deviceOf()
    const tuned = await tune(await optionsFor(device))
    expect(tuned).toMatchObject({ best: { a: 3, b: 2 }, bestMs: 0.5, usualMs: 3, measured: 12, compiled: 12, isComplete: true })
    expect(tuned.results).toHaveLength(12)
    expect(device.again).toEqual([
      [
        { a: 3, b: 2 },
        { a: 1, b: 1 },
      ],
    ])
    expect(device.isOpen()).toBe(false)
  })

  it('once complete, is final: the next run opens nothing and measures nothing', async () => {
    const store = temporaryStore()
    const first = await tune(await optionsFor(deviceOf(), { store }))
    const device = deviceOf()
    const second = await tune(await optionsFor({ trials: () => expect.unreachable() }, { store }))
    expect(device.tried).toEqual([])
    expect(second).toEqual({ ...first, measured: 0, compiled: 0, results: expect.any(Array) })
    expect(second.results).toHaveLength(12)
  })

  it('goes on from where it was interrupted', async () => {
    const store = temporaryStore()
    const controller = new AbortController()
    const device = deviceOf()
    const onProgress = ({ tried }: Progress): void => {
      if (tried === 5) controller.abort()
    }
    const first = await tune(await optionsFor(device, { store, signal: controller.signal, onProgress }))
    expect(first).toMatchObject({ isComplete: false, measured: 5 })
    expect(device.again).toEqual([])
    const rest = deviceOf()
    expect(await tune(await optionsFor(rest, { store }))).toMatchObject({ isComplete: true, measured: 7, best: { a: 3, b: 2 } })
    expect([...device.tried, ...rest.tried].map((x) => JSON.stringify(x)).sort()).toEqual(
      (await spaceOf(subjectOf())).candidates.map(({ schedule }) => JSON.stringify(schedule)).sort(),
    )
  })

  it('ends with its budget of candidates, and a larger one goes on', async () => {
    const store = temporaryStore()
    const few = await tune(await optionsFor(deviceOf(), { store, budget: { ms: 1000, candidates: 4 } }))
    expect(few).toMatchObject({ measured: 4, isComplete: true })
    const more = await tune(await optionsFor(deviceOf(), { store, budget: { ms: 2000, candidates: 6 } }))
    expect(more).toMatchObject({ measured: 2 })
    expect(more.results).toHaveLength(6)
    // More candidates in the same time is a larger budget too.
    const all = await tune(await optionsFor(deviceOf(), { store, budget: { ms: 2000, candidates: Number.POSITIVE_INFINITY } }))
    expect(all).toMatchObject({ measured: 6 })
  })

  it('ends with its budget of time, counted over all runs of the same search', async () => {
    const store = temporaryStore()
    const slow = deviceOf()
    const trials = (): Trials => {
      const made = slow.trials()
      return {
        ...made,
        trial: async (schedule, best) => {
          await new Promise((resolve) => setTimeout(resolve, 20))
          return made.trial(schedule, best)
        },
      }
    }
    const controller = new AbortController()
    const onProgress = ({ tried }: Progress): void => {
      if (tried === 2) controller.abort()
    }
    const budget = { ms: 70, candidates: Number.POSITIVE_INFINITY }
    await tune(await optionsFor({ trials }, { store, budget, signal: controller.signal, onProgress }))
    const second = await tune(await optionsFor({ trials }, { store, budget }))
    expect(second.isComplete).toBe(true)
    // Each takes 20 ms at least: no more than four begin in 70.
    expect(slow.tried.length).toBeLessThanOrEqual(4)
    expect(slow.tried.length).toBeGreaterThanOrEqual(2)
  })

  it('measures only what is new when an axis gets another value, or when there is another axis', async () => {
    const store = temporaryStore()
    await tune(await optionsFor(deviceOf(), { store }))
    const wider = deviceOf()
    const value = await tune(await optionsFor(wider, { store, subject: subjectOf({ axes: { ...axes, b: [1, 2, 3, 4] } }) }))
    expect(wider.tried.map(({ b }) => b)).toEqual([4, 4, 4, 4])
    expect(value).toMatchObject({ measured: 4, best: { a: 3, b: 2 } })
    // What an axis leaves as it was has the text that it had.
    const added = { axes: { ...axes, c: ['plain', 'new'] }, usual: { a: 1, b: 1, c: 'plain' } }
    const other = deviceOf()
    const axis = await tune(await optionsFor(other, { store, subject: subjectOf(added) }))
    expect(other.tried).toHaveLength(12)
    expect(other.tried.every(({ c }) => c === 'new')).toBe(true)
    expect(axis.results).toHaveLength(24)
  })

  it('takes what is slow by mischance no longer for the best once it is timed again', async () => {
    // In the search, a = 4, b = 3 looks fastest; side by side, others are.
    const lucky = deviceOf((schedule) => ({ kind: 'ok', ms: schedule.a === 4 && schedule.b === 3 ? 0.95 : timeAt(schedule) }))
    expect(await tune(await optionsFor(lucky))).toMatchObject({ best: { a: 3, b: 2 } })
  })
})

describe('another version of what writes kernels', () => {
  it('takes over what has the same text, and serves nothing that it would write differently', async () => {
    const store = temporaryStore()
    await tune(await optionsFor(deviceOf(), { store }))
    const same = subjectOf().text
    const text = (schedule: Schedule): string => (schedule.a === 3 ? `better ${same(schedule)}` : same(schedule))
    const device = deviceOf((schedule) => ({ kind: 'ok', ms: 10 * timeAt(schedule) }))
    const next = { store, subject: subjectOf({ text }), generator: 'the next version' }
    const tuned = await tune(await optionsFor(device, next))
    // The best of before, a = 3 and b = 2, is another kernel now.
    expect(device.tried.map(({ a }) => a)).toEqual([3, 3, 3])
    expect(tuned).toMatchObject({ measured: 3, best: expect.not.objectContaining({ a: 3 }) })
    expect(tuned.results).toHaveLength(12)
    const again = await tune(await optionsFor({ trials: () => expect.unreachable() }, next))
    expect(again).toEqual({ ...tuned, measured: 0, compiled: 0, results: expect.any(Array) })
    expect(again.results).toHaveLength(12)
  })
})

describe('what goes wrong', () => {
  const faulty = (schedule: Schedule): Outcome => {
    if (schedule.a === 3) return { kind: 'wrong', message: 'y[0] is 1, not 2' }
    if (schedule.b === 2) return { kind: 'timeout', message: 'took too long' }
    if (schedule.b === 3) return { kind: 'compile-failed', message: 'refused' }
    return schedule.a === 2 ? { kind: 'invalid', message: 'spills' } : { kind: 'ok', ms: timeAt(schedule) }
  }

  it('is an outcome, kept with its source, and never wins', async () => {
    const store = temporaryStore()
    const tuned = await tune(await optionsFor(deviceOf(faulty), { store }))
    expect(tuned.best).toEqual({ a: 4, b: 1 })
    expect(tuned.compiled).toBe(9)
    const outcomeOf = (a: number, b: number): unknown =>
      tuned.results.find(({ schedule }) => schedule.a === a && schedule.b === b)?.outcome
    expect(outcomeOf(3, 1)).toEqual({ kind: 'wrong', message: 'y[0] is 1, not 2', source: subjectOf().text({ a: 3, b: 1 }) })
    expect(outcomeOf(2, 1)).toEqual({ kind: 'invalid', message: 'spills' })
    // They are remembered like any other.
    const again = await tune(await optionsFor(deviceOf(), { store }))
    expect(again.results).toEqual(expect.arrayContaining([...tuned.results]))
  })

  it('is the end where no candidate is to blame, and loses nothing', async () => {
    const store = temporaryStore()
    const device = deviceOf()
    let left = 3
    const trials = (): Trials => {
      const made = device.trials()
      return {
        ...made,
        trial: (schedule, best) => {
          if (left-- === 0) throw new TrialError('the device is gone')
          return made.trial(schedule, best)
        },
      }
    }
    await expect(tune(await optionsFor({ trials }, { store }))).rejects.toThrow('the device is gone')
    expect(device.isOpen()).toBe(false)
    expect(await tune(await optionsFor(deviceOf(), { store }))).toMatchObject({ measured: 9 })
  })

  it('where nothing is right, nothing is best', async () => {
    const device = deviceOf(() => ({ kind: 'wrong', message: 'all' }))
    expect(await tune(await optionsFor(device))).toMatchObject({ best: undefined, bestMs: undefined, measured: 12 })
  })
})

describe('a device without a clock', () => {
  it('has candidates checked, and ranked by the model', async () => {
    const device = deviceOf(({ a }) => (a === 1 ? { kind: 'wrong', message: 'planted' } : { kind: 'ok', ms: null }), false)
    const tuned = await tune(await optionsFor(device, { strategy: 'guided' }))
    expect(tuned).toMatchObject({ isTimed: false, best: { a: 2, b: 1 }, bestMs: undefined, usualMs: undefined, measured: 12 })
    expect(device.again).toEqual([])
  })
})

describe('entries that no tuner has written', () => {
  it('are passed over, whatever they hold', async () => {
    const store = temporaryStore()
    const options = await optionsFor(deviceOf(), { store })
    await tune(options)
    const { folder } = await Memory.of(store, options.key)
    const values = [
      '',
      '[]',
      'null',
      '{"outcome": 3}',
      '{"outcome": {"kind": "ok", "ms": "fast"}, "run": "r", "tookMs": 1, "at": 1}',
    ]
    for (const [k, value] of values.entries())
      await store.put(folder, `c-${k}`, { fields: { key: options.key, schedule: {} }, value: new TextEncoder().encode(value) })
    expect(await tune({ ...options, seed: 2 })).toMatchObject({ measured: 0, best: { a: 3, b: 2 } })
  })

  it('end no run, whatever they say', async () => {
    for (const value of ['', '[]', 'null', '{"exhausted": true}', '{"exhausted": 1, "tried": 0, "spaceSize": 0}']) {
      const store = temporaryStore()
      const options = await optionsFor(deviceOf(), { store, budget: { ms: 60_000, candidates: 4 } })
      await tune(options)
      for (const { folder, name } of await store.list())
        if (name.startsWith('run-'))
          await store.put(folder, name, { fields: { key: options.key }, value: new TextEncoder().encode(value) })
      expect(await tune(options)).toMatchObject({ measured: 0, isComplete: true, spaceSize: 12 })
      expect((await tune(options)).results).toHaveLength(4)
    }
  })
})

describe('a run that came to its end', () => {
  it('goes on where results are gone that it had found', async () => {
    const store = temporaryStore()
    const options = await optionsFor(deviceOf(), { store })
    await tune(options)
    const [lost] = (await store.list()).filter(({ name }) => name.startsWith('c-'))
    expect(await store.remove(lost!)).toBe(true)
    const device = deviceOf()
    expect(await tune({ ...options, trials: device.trials })).toMatchObject({ measured: 1, isComplete: true })
    expect(await tune({ ...options, trials: () => expect.unreachable() })).toMatchObject({ measured: 0, best: { a: 3, b: 2 } })
  })
})

describe('what comes from another machine', () => {
  const importAll = async (store: Store, key: TuneOptions['key']): Promise<void> => {
    const { folder } = await Memory.of(store, key)
    for (const { name } of await store.list(folders.tuning)) {
      const entry = (await store.get(folder, name))!
      await store.put(folder, name, { ...entry, fields: { ...entry.fields, imported: { from: 'elsewhere' } } })
    }
  }

  it('is tried here before it counts for anything', async () => {
    const store = temporaryStore()
    const options = await optionsFor(
      deviceOf((schedule) => ({ kind: 'ok', ms: timeAt(schedule) / 1000 })),
      { store },
    )
    await tune(options)
    await importAll(store, options.key)
    const device = deviceOf()
    const tuned = await tune(await optionsFor(device, { store, seed: 2 }))
    expect(device.tried[0]).toEqual({ a: 3, b: 2 })
    expect(device.tried).toHaveLength(12)
    expect(Math.min(...tuned.results.map(({ outcome }) => timeOf(outcome)))).toBe(1)
  })

  it('neither ends the same search here, nor takes of its budget', async () => {
    const store = temporaryStore()
    const options = await optionsFor(deviceOf(), { store, budget: { ms: 60_000, candidates: 4 } })
    await tune(options)
    const { folder } = await Memory.of(store, options.key)
    for (const { name } of await store.list(folder)) {
      const entry = (await store.get(folder, name))!
      const value = JSON.parse(new TextDecoder().decode(entry.value)) as object
      // An hour, spent elsewhere.
      const spent = new TextEncoder().encode(JSON.stringify({ ...value, ...(name.startsWith('c-') && { tookMs: 3_600_000 }) }))
      await store.put(folder, name, { ...entry, value: spent })
    }
    await importAll(store, options.key)
    const device = deviceOf()
    expect(await tune({ ...options, trials: device.trials })).toMatchObject({ measured: 4, isComplete: true })
    expect(await tune({ ...options, trials: () => expect.unreachable() })).toMatchObject({ measured: 0 })
    const run = (await store.list(folder)).find(({ name }) => name.startsWith('run-'))!
    const value = new TextEncoder().encode(JSON.stringify({ exhausted: true, tried: 4, spaceSize: 12 }))
    await store.put(folder, run.name, { fields: { key: options.key, imported: {} }, value })
    const all = { ...options.budget, candidates: Number.POSITIVE_INFINITY }
    expect(await tune({ ...options, trials: device.trials, budget: all })).toMatchObject({ measured: 8 })
  })
})
