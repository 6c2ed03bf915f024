/** The interpreter as a target: the compiled stages by a plain evaluator, in double or rounding as float32 does. */
import { programsOf } from '../codegen/program.ts'
import { type CheckedArguments, checkArguments, checkCotangents } from '../dsl/arguments.ts'
import type { CheckedOperator, TensorDecl } from '../dsl/expression.ts'
import type { Geometry } from '../dsl/geometry.ts'
import { joinShape } from '../dsl/layout.ts'
import { storageByName, storageOf, widenAll } from '../dsl/storage.ts'
import { elements, type Tensor } from '../dsl/tensor.ts'
import { interpret, type Reader } from '../interpreter/evaluate.ts'
import { type Space, spaceOf } from '../interpreter/space.ts'
import { storeAll } from './out.ts'
import type { Inputs, Target, Tensors } from './target.ts'

/** Where each index of a tensor of the input's or output's kind stands, for a layout. */
const planar = (tensor: Tensor, geometry: Geometry, channels: number, points: number, at: 'i' | 'o'): Reader => {
  const { data } = tensor
  return geometry.layout === 'channels-last'
    ? (p) => data[(p.n * points + p[at]) * channels + p.c]!
    : (p) => data[(p.n * channels + p.c) * points + p[at]]!
}

/** A parameter or a random value that is handed in, broadcast by the axes whose size is 1; channels-first in any layout. */
const broadcast = (value: Tensor | number, decl: TensorDecl | undefined, space: Space): Reader => {
  if (typeof value === 'number') return () => value
  const { shape, data } = value
  if (decl?.role === 'noise' && decl.shape === 'input') {
    const points = elements(space.extents)
    return (p) => data[(p.n * space.channels + p.c) * points + p.i]!
  }
  if (decl?.role === 'noise' && decl.shape === 'window') {
    const windows = elements(space.outExtents)
    const taps = elements(shape.slice(2 + space.outExtents.length))
    return (p) => data[((p.n * space.channels + p.c) * windows + p.o) * taps + p.t]!
  }
  if (data.length === 1) return () => data[0]!
  if (shape.length === space.outExtents.length) return (p) => data[p.t]!
  return (p) => {
    const where = [p.n, p.c, ...space.coordinates(p.o, space.outExtents)]
    return data[where.reduce((flat, x, d) => flat * shape[d]! + (shape[d] === 1 ? 0 : x), 0)]!
  }
}

const reader =
  (operator: CheckedOperator, geometry: Geometry, space: Space, inputs: Inputs, cotangents: Tensors) =>
  (name: string, role: string): Reader => {
    const windows = elements(space.outExtents)
    if (role === 'cotangent') {
      const given = cotangents[name]
      return given ? planar(given, geometry, space.channels, windows, 'o') : () => 0
    }
    const value = inputs[name]!
    const decl = operator.tensors.find((x) => x.name === name)
    if (typeof value !== 'number' && (decl?.role === 'input' || decl?.role === 'tensor')) {
      return planar(value, geometry, space.channels, elements(space.extents), 'i')
    }
    return broadcast(value, decl, space)
  }

const fill = (
  shape: readonly number[],
  type: 'float' | 'int',
  at: (flat: number) => number,
): Tensor<Float64Array | Int32Array> => {
  const data = new (type === 'int' ? Int32Array : Float64Array)(elements(shape))
  for (let k = 0; k < data.length; k++) data[k] = at(k)
  return { shape, data }
}

/** The interpreter at one precision. */
export const interpreterTarget = (arith: 'f32' | 'f64' = 'f64'): Target => ({
  device: `interpreter of compiled stages, ${arith}`,
  compile: async (operator, geometry, options) => {
    const { dtype } = options
    const programs = programsOf(operator, geometry, options.results)
    const gradientStorage = storageByName(operator, dtype)
    const spaceFor = (checked: CheckedArguments): Space =>
      spaceOf(geometry, checked.samples, checked.channels, checked.extents, checked.outExtents)
    const run = (
      direction: 'forward' | 'backward',
      inputs: Inputs,
      cotangents: Tensors,
      seed: bigint | undefined,
    ): Record<string, Tensor<Float64Array | Int32Array>> => {
      const checked = checkArguments(operator, geometry, inputs, seed, { dtype })
      checkCotangents(operator, geometry, cotangents, checked, { dtype })
      const space = spaceFor(checked)
      const taps = checked.kernel ? elements(checked.kernel) : elements(checked.extents)
      const read = reader(operator, geometry, space, widenAll(inputs, dtype), widenAll(cotangents, dtype))
      const values = interpret(programs[direction], space, read, {
        arith: options.arith ?? arith,
        seed: seed ?? 0n,
        taps,
      })
      const tensors: Record<string, Tensor<Float64Array | Int32Array>> = {}
      for (const [name, { buffer, at }] of values) {
        const value = inputs[name]
        const whole = buffer.role === 'result' || buffer.level.place === 'in'
        const spatial = buffer.role === 'result' ? space.outExtents : space.extents
        const shape =
          buffer.role === 'result'
            ? joinShape(geometry, { ...checked, extents: spatial })
            : typeof value === 'object'
              ? value.shape
              : []
        const last = geometry.layout === 'channels-last'
        tensors[name] = fill(shape, buffer.type, (flat) => {
          const p = { n: 0, c: 0, o: 0, t: 0, i: 0 }
          if (!whole) return at({ ...p, ...parameterPlace(shape, flat, space) })
          const points = elements(spatial)
          const place = last ? Math.floor(flat / space.channels) % points : flat % points
          const c = last ? flat % space.channels : Math.floor(flat / points) % space.channels
          return at({ n: Math.floor(flat / (points * space.channels)), c, o: place, t: 0, i: place })
        })
      }
      return tensors
    }
    return {
      forward: (inputs, { seed, out } = {}) => storeAll(run('forward', inputs, {}, seed), () => storageOf(dtype, 'result'), out),
      backward: (inputs, cotangents, { seed, out } = {}) =>
        storeAll(run('backward', inputs, cotangents, seed), gradientStorage, out),
      source: { forward: '', backward: '' },
    }
  },
})

/** Where an element of a parameter's gradient stands. */
const parameterPlace = (
  shape: readonly number[],
  flat: number,
  space: Space,
): { n?: number; c?: number; o?: number; t?: number } => {
  if (shape.length === space.outExtents.length) return { t: flat }
  if (shape.length !== space.outExtents.length + 2) return {}
  const [n, c, ...o] = space.coordinates(flat, shape)
  return { n: n!, c: c!, o: o.reduce((at, x, d) => at * space.outExtents[d]! + x, 0) }
}
