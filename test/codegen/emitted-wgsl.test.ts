/**
 * No change alters an emitted shader unseen: the whole text of a few small ones. `npx vitest run test/codegen/emitted-wgsl.test.ts
 * -u` accepts a change; its diff belongs into the review.
 */
import { describe, expect, it } from 'vitest'
import { programsOf } from '../../codegen/program.ts'
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
  ])('refuse %j, with the reason', (axes, reason) => {
    expect(refuse({ ...usual, ...(axes as object) }, program)).toMatch(reason)
    expect(() => wgslScheduleFor(program, axes)).toThrow(/^the schedule is refused: /)
  })

  it('name an axis that they have not', () => {
    expect(() => wgslScheduleFor(program, { lanes: 2 })).toThrow(/the webgpu target has no schedule axis 'lanes'/)
  })
})
