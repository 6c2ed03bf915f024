/** The schedules of CUDA: the default is never refused, each axis refuses what makes no sense with its reason, and defaults follow what is pinned. */
import { describe, expect, it } from 'vitest'
import { defaultSchedule } from '../../codegen/cuda/default.ts'
import { refuse } from '../../codegen/cuda/refuse.ts'
import { type CudaSchedule, cudaAxes } from '../../codegen/cuda/schedule.ts'
import { type Program, programsOf } from '../../codegen/program.ts'
import { refuseOperator } from '../../dsl/fit.ts'
import { type GeometryOptions, normaliseGeometry } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'
import { storageTypes } from '../../dsl/storage.ts'
import { cudaScheduleFor } from '../../runtime/cuda/target/target.ts'
import { specs } from '../../specs/index.ts'

const geometries: Readonly<Record<string, GeometryOptions>> = {
  k2s2: { kernelSize: [2, 2] },
  k3s2p1: { kernelSize: [3, 3], stride: 2, padding: 1 },
  k3s1p1: { kernelSize: [3, 3], stride: 1, padding: 1 },
  'k3s1p1, channels-last': { kernelSize: [3, 3], stride: 1, padding: 1, layout: 'channels-last' },
  k12: { kernelSize: [12, 12] },
  'k2 in three dimensions': { kernelSize: [2, 2, 2] },
  adaptive: { outputSize: [3, 5] },
  global: { global: true, dims: 2 },
}

const programOf = (operator: string, label: string, direction: 'forward' | 'backward' = 'backward'): Program =>
  programsOf(settle(specs.get(operator)!), normaliseGeometry(geometries[label]!))[direction]

describe('the default schedule', () => {
  it.each(Object.keys(geometries))('can carry out every operator in windows of %s, in every type', (label) => {
    const geometry = normaliseGeometry(geometries[label]!)
    for (const [name, operator] of specs) {
      const checked = settle(operator)
      if (refuseOperator(checked, geometry) !== undefined) continue
      const programs = programsOf(checked, geometry)
      for (const dtype of storageTypes)
        for (const program of [programs.forward, programs.backward])
          expect(refuse(defaultSchedule(program, dtype), program, dtype), `${name}, ${dtype}`).toBeUndefined()
    }
  })

  it('has every axis, and no other', () => {
    expect(Object.keys(defaultSchedule(programOf('max', 'k2s2'))).sort()).toEqual([...cudaAxes].sort())
  })

  it('follows what is pinned, and keeps it', () => {
    const program = programOf('gaussian', 'k3s1p1')
    expect(defaultSchedule(program).unroll).toBe('all')
    const looped = defaultSchedule(program, 'float32', { unroll: 'none' })
    expect(refuse(looped, program)).toBeUndefined()
    expect(looped).toMatchObject({ unroll: 'none', outputsPerThread: [1, 1], vector: 1, phases: 'carried' })
    expect(defaultSchedule(program, 'float32', { threads: 64 })).toMatchObject({ threads: 64 })
  })

  it('is plain JSON', () => {
    const schedule = defaultSchedule(programOf('gaussian', 'k3s2p1'))
    expect(JSON.parse(JSON.stringify(schedule))).toEqual(schedule)
  })
})

/** What is pinned, on which program, and what the reason says; for each axis at least one that is nonsense, and one that does not go together. */
const refused: { readonly [A in keyof CudaSchedule]: readonly (readonly [string, string, Record<string, unknown>, RegExp])[] } = {
  phases: [
    ['max', 'k2s2', { phases: 'both' }, /^phases is "both"; it must be one of carried, fused$/],
    ['max', 'k3s1p1', { phases: 'fused', unroll: 'none' }, /^phases is 'fused'; .*: use 'carried'$/],
  ],
  saved: [
    ['max', 'k2s2', { saved: 'argmax' }, /^saved is "argmax"; it must be a list of carriers' names$/],
    ['gaussian', 'k3s2p1', { saved: ['median'] }, /^saved names 'median'; what can be saved is /],
    ['avg', 'k3s2p1', { saved: ['mean'] }, /^saved names 'mean'; this program has nothing to save$/],
  ],
  unroll: [
    ['max', 'k2s2', { unroll: 'some' }, /^unroll is "some"; it must be one of all, none$/],
    ['max', 'k12', { unroll: 'all' }, /^unroll is 'all'; a window of 144 taps is more than the 128 /],
    ['max', 'global', { unroll: 'all' }, /^unroll is 'all'; the windows of global pooling have no fixed size/],
    ['max', 'adaptive', { unroll: 'all' }, /^unroll is 'all'; the windows of adaptive pooling have no fixed size/],
  ],
  outputsPerThread: [
    ['max', 'k2s2', { outputsPerThread: 2 }, /^outputsPerThread is 2; it must be 2 whole numbers from 1 to 16, one an axis$/],
    ['max', 'k2s2', { outputsPerThread: [1] }, /^outputsPerThread is \[1\]; /],
    ['max', 'k2s2', { outputsPerThread: [1, 17] }, /^outputsPerThread is \[1,17\]; /],
    ['max', 'k12', { outputsPerThread: [1, 2] }, /looped over are taken one by one: use 1$/],
    [
      'gaussian',
      'k3s1p1',
      { outputsPerThread: [16, 16], vector: 1 },
      /some \d+ operations, more than \d+: use fewer, or unroll 'none'$/,
    ],
  ],
  border: [
    ['max', 'k2s2', { border: 'none' }, /^border is "none"; it must be one of predicated, split$/],
    ['max', 'k12', { border: 'split' }, /^border is 'split'; .*: use 'predicated'$/],
  ],
  vector: [
    ['max', 'k2s2', { vector: 3 }, /^vector is 3; for float32 it must be 1 or 2 or 4$/],
    ['max', 'k12', { vector: 4 }, /^vector is 4; windows that are looped over read one by one: use 1$/],
    ['max', 'k3s1p1', { vector: 4, outputsPerThread: [1, 3] }, /^vector is 4; a thread goes on by 3 elements along a row/],
  ],
  packed: [
    ['max', 'k2s2', { packed: 'all' }, /^packed is "all"; it must be one of none, pairs$/],
    ['max', 'k2s2', { packed: 'pairs' }, /^packed is 'pairs'; float32 has no two numbers in a word: use 'none'$/],
  ],
  staging: [
    ['max', 'k2s2', { staging: 'all' }, /^staging is "all"; it must be 'none', /],
    ['max', 'k2s2', { staging: { tile: [8, 8], planes: 2 } }, /; it must be 'none', /],
    ['max', 'k2s2', { staging: { planes: 0 } }, /planes is a whole number from 1 to 1024$/],
    ['max', 'k2s2', { staging: { tile: [8] }, threads: 64 }, /a tile has 2 whole numbers/],
    ['max', 'k2s2', { staging: { tile: [8, 8] }, threads: 128 }, /the product must be 128$/],
    ['max', 'k3s1p1, channels-last', { staging: { planes: 1 } }, /neighbouring threads share no rows: use 'none'$/],
    ['max', 'k12', { staging: { planes: 1 } }, /read memory itself: use 'none'$/],
    [
      'max',
      'k2s2',
      { staging: { tile: [32, 32] }, threads: 1024, outputsPerThread: [4, 4] },
      /bytes, more than \d+: take fewer cells$/,
    ],
  ],
  sums: [['gaussian', 'k3s2p1', { sums: 'blocks' }, /^sums is "blocks"; it must be one of terms, warps$/]],
  threads: [
    ['max', 'k2s2', { threads: 100 }, /^threads is 100; it must be a power of two from 32 to 1024$/],
    ['max', 'k2s2', { threads: 16 }, /^threads is 16; /],
    ['max', 'k2s2', { threads: '256' }, /^threads is /],
  ],
  minBlocks: [
    ['max', 'k2s2', { minBlocks: -1 }, /^minBlocks is -1; it must be a whole number from 0 to 32/],
    ['max', 'k2s2', { minBlocks: 16, threads: 256 }, /^minBlocks is 16; .*no more than 2048 threads in all$/],
  ],
  lanes: [
    ['max', 'global', { lanes: 3 }, /^lanes is 3; it must be 1, 2, 4, 8, 16, 32/],
    ['max', 'global', { lanes: 64 }, /^lanes is 64; /],
    ['max', 'k2s2', { lanes: 32 }, /^lanes is 32; a window that is written out has one thread: use 1$/],
  ],
  extents: [
    ['max', 'k2s2', { extents: 'fixed' }, /^extents is "fixed"; it must be 'dynamic' or 2 sizes of at least 1$/],
    ['max', 'k2s2', { extents: [8] }, /^extents is \[8\]; /],
    ['max', 'k2s2', { extents: [8, 0] }, /^extents is \[8,0\]; /],
  ],
}

describe.each(Object.entries(refused))('the axis %s', (_, rows) => {
  it.each(rows)('is refused on %s in windows of %s: %j', (operator, label, pinned, reason) => {
    const program = programOf(operator, label)
    expect(refuse(defaultSchedule(program, 'float32', pinned), program)).toMatch(reason)
    expect(() => cudaScheduleFor(program, 'float32', pinned)).toThrow('the schedule is refused: ')
  })
})

it('an axis that is none is named with those that there are', () => {
  expect(() => cudaScheduleFor(programOf('max', 'k2s2'), 'float32', { tiles: 2 })).toThrow(
    `the cuda target has no schedule axis 'tiles': it has ${cudaAxes.join(', ')}`,
  )
})
