/** Spaces: each schedule that is accepted, each text once, the default first. */
import { describe, expect, it } from 'vitest'
import { jsTuning } from '../../runtime/js.ts'
import { pointsOf, spaceOf } from '../../runtime/tuner/space.ts'
import type { Schedule, Subject } from '../../runtime/tuner/subject.ts'
import { searched } from '../../runtime/tuner/subject.ts'
import { problemOf } from './problems.ts'

const made = (more: Partial<Subject>): Subject => ({
  ...jsTuning.subject(problemOf('max')),
  axes: { a: [1, 2, 3], b: ['x', 'y'] },
  usual: { a: 2, b: 'y', c: true },
  refuse: () => undefined,
  text: (schedule) => JSON.stringify(schedule),
  ...more,
})

describe('points', () => {
  it('are all of a grid, the last axis fastest', () => {
    expect([...pointsOf([2, 3])]).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
      [1, 2],
    ])
    expect([...pointsOf([])]).toEqual([[]])
    expect([...pointsOf([2, 0])]).toEqual([])
  })
})

describe('a space', () => {
  it('begins with the default, and keeps what no axis says', async () => {
    const { candidates, usual } = await spaceOf(made({}))
    expect(usual).toBe(candidates[0])
    expect(usual.schedule).toEqual({ a: 2, b: 'y', c: true })
    expect(candidates.map(({ schedule: { a, b, c } }) => [a, b, c])).toEqual([
      [2, 'y', true],
      [2, 'x', true],
      [1, 'y', true],
      [1, 'x', true],
      [3, 'y', true],
      [3, 'x', true],
    ])
  })

  it('has a default that no axis names as a value of its own', async () => {
    const { axes, candidates } = await spaceOf(made({ usual: { a: 9, b: 'y' } }))
    expect(axes.a).toEqual([9, 1, 2, 3])
    expect(candidates).toHaveLength(8)
  })

  it('leaves out what is refused, and counts it', async () => {
    const { candidates, refused } = await spaceOf(made({ refuse: ({ a, b }) => (a === 3 && b === 'x' ? 'no' : undefined) }))
    expect(candidates).toHaveLength(5)
    expect(refused).toBe(1)
  })

  it('has each text once, for whatever schedule, and finds it at every point', async () => {
    const text = ({ a, b }: Schedule): string => (a === 1 ? 'one' : `${String(a)} ${String(b)}`)
    const space = await spaceOf(made({ text }))
    expect(space.candidates).toHaveLength(5)
    expect(space.duplicates).toBe(1)
    expect(space.at([1, 0])).toBe(space.at([1, 1]))
    expect(space.at([1, 1])?.schedule).toEqual({ a: 1, b: 'y', c: true })
  })

  it('tells texts apart but for the line of each header that tells the schedule', async () => {
    const kernel = ({ a, b }: Schedule): string => `// name\n// schedule: ${String(a)}\nbody ${String(b)}\n`
    const text = (schedule: Schedule): string => kernel(schedule) + kernel(schedule)
    const { candidates } = await spaceOf(made({ text }))
    expect(candidates).toHaveLength(2)
  })

  it('is refused where the default is', async () => {
    await expect(spaceOf(made({ refuse: () => 'never' }))).rejects.toThrow('the default schedule is refused: never')
  })

  it('makes texts of a large one when their turn comes, and duplicates are still known by their text', async () => {
    let texts = 0
    const subject = made({
      axes: { a: Array.from({ length: 2000 }, (_, k) => k) },
      usual: { a: 0 },
      text: ({ a }) => `${++texts && Number(a) % 2}`,
    })
    const space = await spaceOf(subject)
    expect([space.candidates.length, texts]).toEqual([2000, 0])
    const [first, second] = await Promise.all([0, 2].map((k) => space.identify(space.candidates[k]!)))
    expect(first).toBe(second)
    await space.identify(space.candidates[0]!)
    expect(texts).toBe(2)
  })
})

describe('what is searched', () => {
  const axes = { a: [1, 2], b: [1, 2], c: [1, 2] }
  it('is neither pinned, nor, where bits must not change, what reorders sums', () => {
    expect(Object.keys(searched(axes, ['b'], { pinned: { a: 1 }, deterministic: false }))).toEqual(['b', 'c'])
    expect(Object.keys(searched(axes, ['b'], { pinned: {}, deterministic: true }))).toEqual(['a', 'c'])
  })
})
