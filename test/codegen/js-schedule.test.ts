/**
 * The schedules of JavaScript: the default is never refused, each axis refuses what makes no sense with its reason; the space
 * holds the default and enough else; what is said to keep every bit does; and windows share a shift only where they may.
 */
import { describe, expect, it } from 'vitest'
import { emitJs } from '../../codegen/js/emit.ts'
import { defaultSchedule, type JsSchedule, jsAxes, refuse } from '../../codegen/js/schedule.ts'
import { jsSpace, reorderingAxes } from '../../codegen/js/space.ts'
import { type Program, programsOf } from '../../codegen/program.ts'
import { refuseOperator } from '../../dsl/fit.ts'
import { operatorFromFormula } from '../../dsl/free-formula.ts'
import { type GeometryOptions, normaliseGeometry, outputSize } from '../../dsl/geometry.ts'
import { joinShape } from '../../dsl/layout.ts'
import { paramTensorShape } from '../../dsl/param-shapes.ts'
import { settle } from '../../dsl/settle.ts'
import { elements, type Tensor, type TensorData } from '../../dsl/tensor.ts'
import { jsTarget, scheduleFor } from '../../runtime/js.ts'
import type { Tensors } from '../../runtime/target.ts'
import { specs } from '../../specs/index.ts'

const geometries = {
  k2s2: { kernelSize: [2, 2] },
  k3s2p1: { kernelSize: [3, 3], stride: 2, padding: 1 },
  k3s1p1: { kernelSize: [3, 3], stride: 1, padding: 1 },
  'k3s1p1, channels-last': { kernelSize: [3, 3], stride: 1, padding: 1, layout: 'channels-last' },
  'k3 in one dimension': { kernelSize: [3], stride: 1 },
  'k2 in three dimensions': { kernelSize: [2, 2, 2], stride: 1 },
  adaptive: { outputSize: [3, 5] },
  global: { global: true, dims: 2 },
} as const satisfies Readonly<Record<string, GeometryOptions>>
type Label = keyof typeof geometries
const labels = Object.keys(geometries) as Label[]

const programOf = (operator: string, label: Label, direction: 'forward' | 'backward' = 'backward'): Program =>
  programsOf(settle(specs.get(operator)!), normaliseGeometry(geometries[label]))[direction]

/** All combinations of an axis' values each. */
const product = (space: Readonly<Record<string, readonly unknown[]>>): JsSchedule[] =>
  Object.entries(space).reduce<object[]>(
    (all, [axis, values]) => all.flatMap((schedule) => values.map((value) => ({ ...schedule, [axis]: value }))),
    [{}],
  ) as JsSchedule[]

describe('the default schedule', () => {
  it.each(labels)('can carry out every operator in windows of %s', (label) => {
    const geometry = normaliseGeometry(geometries[label])
    for (const [name, operator] of specs) {
      const checked = settle(operator)
      if (refuseOperator(checked, geometry) !== undefined) continue
      const { forward, backward } = programsOf(checked, geometry)
      for (const program of [forward, backward]) expect(refuse(defaultSchedule(program), program), name).toBeUndefined()
    }
  })

  it('has every axis, and no other', () => {
    expect(Object.keys(defaultSchedule(programOf('max', 'k2s2'))).sort()).toEqual([...jsAxes].sort())
  })
})

/** What is pinned, on which windows, and what the reason says; for each axis at least one that is nonsense. */
const refused: { readonly [Axis in keyof JsSchedule]: readonly (readonly [Label, Record<string, unknown>, RegExp])[] } = {
  phases: [
    ['k2s2', { phases: 'both' }, /^phases is "both"; it must be one of owner, plane, scatter, global$/],
    ['k3s2p1', { phases: 'owner' }, /^phases is 'owner'; windows overlap .*: use 'plane' or 'scatter'$/],
    ['adaptive', { phases: 'owner' }, /^phases is 'owner'; adaptive windows may overlap: use 'scatter'$/],
    ['global', { phases: 'plane' }, /^phases is 'plane'; .*: use 'scatter' for global pooling$/],
  ],
  saved: [
    ['k2s2', { saved: 'argmax' }, /^saved is "argmax"; it must be a list of carriers' names$/],
    ['k2s2', { saved: ['median'] }, /^saved names 'median'; what can be saved is argmax$/],
  ],
  unroll: [
    ['k2s2', { unroll: 'some' }, /^unroll is "some"; it must be one of all, inner, none$/],
    ['global', { unroll: 'all' }, /^unroll is 'all'; .*: use 'none'$/],
  ],
  outputsPerThread: [
    ['k2s2', { outputsPerThread: 0 }, /^outputsPerThread is 0; it must be a whole number from 1 to 16$/],
    ['global', { outputsPerThread: 2 }, /^outputsPerThread is 2; .*: use 1$/],
  ],
  rows: [
    ['k2s2', { rows: '2' }, /^rows is "2"; it must be a whole number from 1 to 8$/],
    ['k3s1p1', { rows: 4, outputsPerThread: 8 }, /^rows is 4; 4 x 8 windows of 9 taps, more than 256 in all, .*: use fewer$/],
    ['k2s2', { rows: 2, unroll: 'inner' }, /^rows is 2; without unroll 'all' windows are taken one by one: use 1$/],
    ['global', { rows: 2 }, /^rows is 2; without unroll 'all'/],
    ['k3 in one dimension', { rows: 2 }, /^rows is 2; in one dimension there is one row: use 1$/],
  ],
  fold: [
    ['k2s2', { fold: 'pairs' }, /^fold is "pairs"; it must be one of columns, rows$/],
    ['k2s2', { fold: 'rows', unroll: 'none' }, /^fold is 'rows'; .* a loop takes taps in their order: use 'columns'$/],
  ],
  extrema: [
    ['k2s2', { extrema: 'sort' }, /^extrema is "sort"; it must be one of keys, select, branch$/],
    ['k3s2p1', { extrema: 'select', unroll: 'inner' }, /^extrema is 'select'; a loop over taps .*: use 'keys' or 'branch'$/],
  ],
  shift: [
    ['k2s2', { shift: 'plane' }, /^shift is "plane"; it must be one of window, block$/],
    ['k2s2', { shift: 'block', unroll: 'none' }, /^shift is 'block'; .* windows are taken one by one: use 'window'$/],
    ['k3s1p1, channels-last', { shift: 'block' }, /^shift is 'block'; channels-last, .*: use 'window'$/],
  ],
  border: [
    ['k2s2', { border: 'padded' }, /^border is "padded"; it must be one of written, looped$/],
    ['k3s2p1', { border: 'looped', unroll: 'inner' }, /^border is 'looped'; .*: use 'written'$/],
  ],
  split: [
    ['k2s2', { split: 9 }, /^split is 9; it must be a whole number from 1 to 8$/],
    ['k2s2', { split: 2 }, /^split is 2; only a global window is one long row of taps: use 1$/],
  ],
  turn: [
    ['global', { turn: 17 }, /^turn is 17; it must be a whole number from 1 to 16$/],
    ['k2s2', { turn: 2 }, /^turn is 2; only a global window is one long row of taps: use 1$/],
  ],
  extents: [
    ['k2s2', { extents: 'fixed' }, /^extents is "fixed"; it must be 'dynamic' or 2 sizes of at least 1$/],
    ['k2s2', { extents: [8, 0] }, /^extents is \[8,0\]; /],
  ],
}

describe.each(Object.entries(refused))('the axis %s', (_, rows) => {
  it.each(rows)('is refused in windows of %s: %j', (label, pinned, reason) => {
    const program = programOf('max', label)
    expect(refuse({ ...defaultSchedule(program), ...pinned } as JsSchedule, program)).toMatch(reason)
    expect(() => scheduleFor(program, pinned)).toThrow('the schedule is refused: ')
  })
})

/** The text of a kernel without the line that names its schedule. */
const codeOf = (program: Program, schedule: JsSchedule): string =>
  emitJs(program, schedule, 'float32').source.replace(/^\/\/ schedule: .*\n/m, '')

describe('what is pinned', () => {
  it.each(labels)('is accepted beside defaults that do not follow it, in windows of %s', (label) => {
    const isSliding = 'kernelSize' in geometries[label]
    for (const name of ['max', 'softpool', 'avg', 'gaussian'])
      for (const direction of ['forward', 'backward'] as const) {
        const program = programOf(name, label, direction)
        const savable = program.carriers.filter((x) => x.savable).map((x) => x.buffer.name)
        for (const pinned of [
          { unroll: 'none' },
          { saved: savable },
          { outputsPerThread: isSliding ? 8 : 1 },
          { unroll: 'none', saved: savable },
        ])
          expect(() => scheduleFor(program, pinned), `${name}, ${direction}`).not.toThrow()
      }
  })

  it('leaves a shift to each window where something is saved', () => {
    const program = programOf('softpool', 'k3s1p1')
    const saved = program.carriers.filter((x) => x.savable).map((x) => x.buffer.name)
    expect(scheduleFor(program, { saved }).shift).toBe('block')
    expect(codeOf(program, scheduleFor(program, { saved }))).toBe(
      codeOf(program, scheduleFor(program, { saved, shift: 'window' })),
    )
  })
})

/** A program's schedules that make a text of their own. */
const textsOf = (program: Program, extents: readonly number[]): Set<string> =>
  new Set(
    product(jsSpace(program, extents))
      .filter((schedule) => refuse(schedule, program) === undefined)
      .map((schedule) => codeOf(program, schedule)),
  )

describe('the space', () => {
  it.each(labels)('has the default of every operator among its values in windows of %s', (label) => {
    const geometry = normaliseGeometry(geometries[label])
    for (const [name, operator] of specs) {
      const checked = settle(operator)
      if (refuseOperator(checked, geometry) !== undefined) continue
      const { forward, backward } = programsOf(checked, geometry)
      for (const program of [forward, backward]) {
        const space = jsSpace(program, [9, 9, 9].slice(3 - geometry.dims))
        expect(Object.keys(space), name).toEqual(jsAxes)
        for (const [axis, value] of Object.entries(defaultSchedule(program)))
          expect(space[axis as keyof JsSchedule], `${name}, ${program.direction}: ${axis}`).toContainEqual(value)
      }
    }
  })

  it.each([
    ['avg', 'k2s2', 'forward'],
    ['avg', 'k2s2', 'backward'],
    ['gaussian', 'k3s2p1', 'forward'],
    ['max', 'k2s2', 'forward'],
    ['softpool', 'k2s2', 'forward'],
    ['max', 'global', 'backward'],
    ['avg', 'global', 'backward'],
  ] as const)('makes sixty different kernels or more of %s in windows of %s, %s', (name, label, direction) => {
    expect(textsOf(programOf(name, label, direction), [56, 56]).size).toBeGreaterThanOrEqual(60)
  })

  it('tries what makes a difference, and nothing else', () => {
    const several = (program: Program): string[] =>
      Object.entries(jsSpace(program, [8, 8])).flatMap(([axis, values]) => (values.length > 1 ? [axis] : []))
    const common = ['unroll', 'outputsPerThread', 'rows']
    expect(several(programOf('avg', 'k2s2', 'forward'))).toEqual([...common, 'fold', 'extents'])
    expect(several(programOf('max', 'k2s2', 'forward'))).toEqual([...common, 'extrema', 'extents'])
    expect(several(programOf('softpool', 'k3s2p1'))).toEqual(['phases', ...common, 'fold', 'shift', 'border', 'extents'])
    expect(several(programOf('gaussian', 'global', 'forward'))).toEqual(['split', 'turn', 'extents'])
  })
})

/** Numbers from -2 to 2 that no pattern of a window repeats. */
const wave = (shape: readonly number[], from: number): Tensor<Float32Array> => ({
  shape,
  data: Float32Array.from({ length: elements(shape) }, (_, i) => 2 * Math.sin(1 + from + i * (i + 3.1))),
})

const bytesOf = (tensors: Tensors): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, [...new Uint8Array(data.slice().buffer)]]))

describe('an axis that is not said to reorder', () => {
  it.each(['k2s2', 'k3s2p1', 'global'] as const)('changes no bit in windows of %s', async (label) => {
    const geometry = normaliseGeometry(geometries[label])
    const sizes = { samples: 2, channels: 2, extents: [9, 10] }
    const outExtents = outputSize(geometry, sizes.extents)
    const context = { ...sizes, outExtents, kernel: undefined }
    const tried = new Set<string>()
    for (const name of ['max', 'avg', 'gaussian', 'softpool', 'logsumexp']) {
      const operator = settle(specs.get(name)!)
      const programs = programsOf(operator, geometry)
      const inputs = Object.fromEntries(
        operator.tensors.map((decl, k) => [
          decl.name,
          wave('shape' in decl ? paramTensorShape(decl.shape, 2, context) : joinShape(geometry, sizes), k),
        ]),
      )
      const y = wave(joinShape(geometry, { ...sizes, extents: outExtents }), 9)
      const run = async (direction: 'forward' | 'backward', schedule: object) => {
        const kernel = await jsTarget.compile(operator, geometry, { dtype: 'float32', schedule: { ...schedule } })
        return bytesOf(direction === 'forward' ? kernel.forward(inputs) : kernel.backward(inputs, { y }))
      }
      for (const direction of ['forward', 'backward'] as const) {
        const program = programs[direction]
        const want = await run(direction, {})
        const reorders = reorderingAxes(program)
        for (const [axis, values] of Object.entries(jsSpace(program, sizes.extents))) {
          if (reorders.some((x) => x === axis) || axis === 'saved') continue
          for (const value of values) {
            if (refuse({ ...defaultSchedule(program), [axis]: value } as JsSchedule, program) !== undefined) continue
            tried.add(axis)
            expect(await run(direction, { [axis]: value }), `${name}, ${direction}, ${axis} ${value}`).toEqual(want)
          }
        }
      }
    }
    expect([...tried]).toContain('extents')
    if (label !== 'global') expect([...tried]).toEqual(expect.arrayContaining(['outputsPerThread', 'rows']))
  })
})

describe('a shift for a block of windows', () => {
  const geometry = normaliseGeometry(geometries.k3s1p1)
  const schedule = { shift: 'block', rows: 2, outputsPerThread: 2 }

  it.each([
    ['near one another', [1, -2, 3, 0.5, -1, 2, -3, 0]],
    ['too far apart for one shift', [1, 2, 900, -800, 3, 0, -5000, 4]],
    ['without a finite greatest', [1, Number.POSITIVE_INFINITY, 2, Number.NaN, Number.NEGATIVE_INFINITY, 3, 4, 5]],
    ['nothing but -inf', [Number.NEGATIVE_INFINITY]],
  ])('gives what a shift for each window gives, for exponents %s', async (_, cycle) => {
    const shape = [1, 2, 7, 9]
    // Columns alike, so that neighbouring windows differ and whole windows are of one kind.
    const x = {
      shape,
      data: Float64Array.from({ length: elements(shape) }, (_, i) => cycle[Math.floor((i % 9) / 2) % cycle.length]!),
    }
    for (const name of ['softpool', 'logsumexp']) {
      const operator = settle(specs.get(name)!)
      const inputs = { x, ...(name === 'logsumexp' && { r: 0.5 }) }
      const cotangents = { y: { shape, data: Float64Array.from(x.data, (_value, i) => 1 + (i % 3)) } }
      const made = async (axes: object): Promise<readonly (readonly [string, TensorData])[]> => {
        const kernel = await jsTarget.compile(operator, geometry, { dtype: 'float64', schedule: { ...schedule, ...axes } })
        expect(kernel.source.forward.includes('too far apart')).toBe(!('shift' in axes))
        return Object.entries({ ...kernel.forward(inputs), ...kernel.backward(inputs, cotangents) }).map(([k, { data }]) => [
          k,
          data,
        ])
      }
      const want = new Map(await made({ shift: 'window' }))
      for (const [result, data] of await made({}))
        data.forEach((value, i) => {
          const w = want.get(result)![i]!
          if (Object.is(value, w)) return
          expect(Math.abs(value - w), `${name}, ${result}[${i}]`).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(w)))
        })
    }
  })

  it('raises each exponent once', async () => {
    const { source } = await jsTarget.compile(
      settle(specs.get('softpool')!),
      normaliseGeometry({ kernelSize: [3, 3], stride: 1 }),
      {
        dtype: 'float32',
        schedule,
      },
    )
    const start = source.forward.indexOf('oh += 2')
    const block = source.forward.slice(source.forward.indexOf('ow += 2', start), source.forward.indexOf('too far apart', start))
    expect(block.match(/Math\.exp\(/g)).toHaveLength(16)
  })

  it('is not shared where an exponential is left that has no other to cancel', () => {
    const program = programsOf(settle(operatorFromFormula('sum(exp(x))', {})), geometry).forward
    const text = (shift: JsSchedule['shift']): string =>
      codeOf(program, { ...defaultSchedule(program), ...schedule, shift } as JsSchedule)
    expect(text('block')).toBe(text('window'))
  })
})
