/**
 * No change alters an emitted shader unseen: the whole text of a few small ones. `npx vitest run test/codegen/emitted-wgsl.test.ts
 * -u` accepts a change; its diff belongs into the review.
 */
import { describe, expect, it } from 'vitest'
import { programsOf } from '../../codegen/program.ts'
import { everywhere } from '../../codegen/wgsl/abilities.ts'
import { defaultSchedule } from '../../codegen/wgsl/default.ts'
import { refuse } from '../../codegen/wgsl/refuse.ts'
import { wgslAxes } from '../../codegen/wgsl/schedule.ts'
import { type GeometryOptions, normaliseGeometry } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'
import { textOf, wgslScheduleFor, wgslSources } from '../../runtime/webgpu/target.ts'
import { specs } from '../../specs/index.ts'

const k3s2p1: GeometryOptions = { kernelSize: [3, 3], stride: 2, padding: 1 }

it.each([
  // Windows that share nothing, maxima with their places.
  ['max', 'k2s2', { kernelSize: [2, 2] }, 'forward'],
  // Windows that overlap, carriers that elements gather, a gradient that is summed.
  ['gaussian', 'k3s2p1', k3s2p1, 'backward'],
  // Loops.
  ['avg', 'global', { global: true, dims: 2 }, 'forward'],
  // Functions of our own.
  ['softpool', 'k2s2', { kernelSize: [2, 2] }, 'forward'],
] as const)('%s, %s, %s, %s: the whole text', async (operator, label, geometry, direction) => {
  const sources = wgslSources(settle(specs.get(operator)!), normaliseGeometry(geometry), { dtype: 'float32' })
  await expect(textOf(sources[direction].kernels)).toMatchFileSnapshot(`emitted/${operator}-${label}-${direction}.wgsl`)
})

it.each([
  // Two elements of 16 bits in a word: whole words where vectors are written, atomics where not; and memory that has such elements.
  ['max', 'k2s2-float16-vectors', { kernelSize: [2, 2] }, { dtype: 'float16', results: ['y'] }, {}],
  ['avg', 'k2s2-float16', { kernelSize: [2, 2] }, { dtype: 'float16', schedule: { vector: 1, outputsPerThread: [1, 1] } }, {}],
  ['avg', 'k2s2-float16-halves', { kernelSize: [2, 2] }, { dtype: 'float16' }, { halves: true }],
  // Vectors along a row, of which some are read by their elements.
  ['avg', 'k2s2-vectors', { kernelSize: [2, 2] }, { schedule: { vector: 4, outputsPerThread: [1, 2] } }, {}],
  // A tile in the memory of a workgroup.
  [
    'avg',
    'k3s1p1-tile',
    { kernelSize: [3, 3], stride: 1, padding: 1 },
    { schedule: { staging: { tile: [8, 8] }, outputsPerThread: [1, 1] } },
    {},
  ],
  // Invocations that share a window, and look for a place.
  ['max', 'global-lanes', { global: true, dims: 1 }, { schedule: { lanes: 8 } }, {}],
] as const)('%s, %s, %j, %j: the whole text', async (operator, label, geometry, options, abilities) => {
  const sources = wgslSources(
    settle(specs.get(operator)!),
    normaliseGeometry(geometry),
    { dtype: 'float32', ...options },
    { ...everywhere, ...abilities },
  )
  await expect(textOf(sources.forward.kernels)).toMatchFileSnapshot(`emitted/${operator}-${label}-forward.wgsl`)
})

it('of two kernels of a name the first is for multiples, and the last for all sizes', () => {
  const kernels = (operator: string, schedule: object) =>
    wgslSources(settle(specs.get(operator)!), normaliseGeometry(k3s2p1), {
      dtype: 'float32',
      schedule: { ...schedule },
    }).backward.kernels.map(({ name, multiples }) => [name, multiples])
  expect(kernels('gaussian', { vector: 4, outputsPerThread: [1, 2] })).toEqual([
    ['gaussianBackwardWindows', { width: 4, outWidth: 2, channels: 1 }],
    ['gaussianBackwardWindows', undefined],
    ['gaussianBackwardElements', { width: 4, outWidth: 2, channels: 1 }],
    ['gaussianBackwardElements', undefined],
    ['gaussianBackwardWeightSumTotal', undefined],
    ['gaussianBackwardWeightGrad', undefined],
  ])
  expect(kernels('gaussian', {}).map(([, multiples]) => multiples)).not.toContainEqual(expect.anything())
})

describe('schedules of shaders', () => {
  const program = programsOf(settle(specs.get('max')!), normaliseGeometry({ kernelSize: [2, 2] })).forward
  const usual = defaultSchedule(program)

  it('have every axis, and a default that is not refused, for every operator of the house', () => {
    expect(Object.keys(usual).sort()).toEqual([...wgslAxes].sort())
    const geometries = [
      { kernelSize: [2, 2] },
      k3s2p1,
      { global: true, dims: 2 },
      { outputSize: [3, 3] },
      { kernelSize: [13, 13] },
    ]
    for (const [name, spec] of specs)
      for (const geometry of geometries) {
        if ((name.startsWith('isp') || name === 'gated' || name === 'mixed') && !('kernelSize' in geometry)) continue
        const programs = programsOf(settle(spec), normaliseGeometry(geometry))
        for (const one of [programs.forward, programs.backward]) expect(refuse(defaultSchedule(one), one)).toBeUndefined()
      }
  })

  it.each([
    [{ phases: 'merged' }, /phases is "merged"; it must be one of carried, fused/],
    [{ outputsPerThread: [1] }, /must be 2 whole numbers from 1 to 16/],
    [{ outputsPerThread: [1, 17] }, /must be 2 whole numbers from 1 to 16/],
    [{ threads: 100 }, /threads is 100; it must be a power of two from 32 to 256/],
    [{ threads: 512 }, /power of two from 32 to 256/],
    [{ threads: '64' }, /threads is "64"/],
    [{ extents: [0, 3] }, /must be 'dynamic' or 2 sizes/],
    [{ unroll: 'none', outputsPerThread: [1, 2] }, /windows that are looped over are taken one by one/],
    [{ unroll: 'none', outputsPerThread: [1, 1], border: 'split' }, /no text for the border/],
    [{ vector: 3 }, /vector is 3; for float32 it must be 1 or 2 or 4/],
    [{ vector: 4, outputsPerThread: [1, 1] }, /goes on by 2 elements along a row, which is no multiple/],
    [{ saved: ['mean'] }, /saved names 'mean'/],
    [{ staging: { tile: [8, 16] } }, /a block of 64 threads has a cell for each/],
    [{ staging: { tile: [2, 128], planes: 1 } }, /must be 'none', /],
    [{ staging: { tile: [8, 32] }, threads: 256, outputsPerThread: [4, 4] }, /65536 bytes, more than 16384: take fewer cells/],
    [{ staging: { planes: 2 } }, /of a size that stands in its text: pin extents too/],
    [{ staging: { planes: 2 }, extents: [64, 64] }, /32768 bytes, more than maxComputeWorkgroupStorageSize, which is 16384/],
    [{ sums: 'planes' }, /sums is "planes"; it must be one of terms, warps/],
    [{ lanes: 8 }, /a window that is written out has one thread: use 1/],
    [{ unroll: 'none', outputsPerThread: [1, 1], lanes: 64 }, /lanes is 64; it must be 1, 2, 4, 8, 16, 32, 'block' or/],
    [
      { unroll: 'none', outputsPerThread: [1, 1], lanes: { blocks: 2 } },
      /only a global window is long enough for several blocks/,
    ],
  ])('refuse %j, with the reason', (axes, reason) => {
    expect(refuse({ ...usual, ...(axes as object) }, program)).toMatch(reason)
    expect(() => wgslScheduleFor(program, 'float32', axes)).toThrow(/^the schedule is refused: /)
  })

  it('name an axis that they have not', () => {
    expect(() => wgslScheduleFor(program, 'float32', { packed: 'pairs' })).toThrow(
      /the webgpu target has no schedule axis 'packed'/,
    )
  })
})
