/** How long a kernel's text takes to become a function and to be called once: what a program waits for before its first result. */
import { emitJs } from '../codegen/js/emit.ts'
import { programsOf } from '../codegen/program.ts'
import { normaliseGeometry } from '../dsl/geometry.ts'
import { settle } from '../dsl/settle.ts'
import { instantiateJs, scheduleFor } from '../runtime/js.ts'
import { timingOf } from '../runtime/timing.ts'
import { type Direction, declared, directions, type Operator, operators } from './cases.ts'
import type { StartRow } from './report.ts'

const extent = 8
const outExtent = 4

/** The engine keeps what it compiled by its text, so each sample is a text of its own. */
let copies = 0

const sample = (name: string, source: string, args: (Float32Array | Float64Array | Int32Array | number)[]): number => {
  const text = `${source}\n// ${copies++}\n`
  const start = performance.now()
  instantiateJs({ name, source: text })(...args)
  return performance.now() - start
}

const timeStart = (operator: Operator, direction: Direction, samples: number): StartRow => {
  const geometry = normaliseGeometry({ dims: 2, kernelSize: 3, stride: 2, padding: 1 })
  const results = operator === 'max' ? ['y'] : undefined
  const program = programsOf(settle(declared[operator], {}), geometry, results)[direction]
  const { name, source, arrays, numbers } = emitJs(program, scheduleFor(program), 'float32')
  const values: Readonly<Record<string, number>> = {
    samples: 1,
    channels: 1,
    height: extent,
    width: extent,
    outHeight: outExtent,
    outWidth: outExtent,
  }
  // Every array may be as long as the longest: the kernel goes by the extents.
  const bound = arrays.map(({ holds }) => {
    if (holds === 'bits') return new Int32Array(extent * extent)
    return holds === 'tensor' ? new Float32Array(extent * extent) : new Float64Array(extent * extent)
  })
  const args = [...bound, ...numbers.map((number) => values[number] ?? 0)]
  for (let i = 0; i < 20; i++) sample(name, source, args)
  return {
    operator,
    direction,
    characters: source.length,
    timing: timingOf(Array.from({ length: samples }, () => sample(name, source, args))),
  }
}

export const timeStarts = (samples: number): StartRow[] =>
  operators.flatMap((operator) => directions.map((direction) => timeStart(operator, direction, samples)))
