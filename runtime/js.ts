/** The JavaScript target: emits a kernel, makes it a function, and binds tensors to its parameters. */

import type { Argument } from '../codegen/js/context.ts'
import { emitJs, type JsKernelText } from '../codegen/js/emit.ts'
import { defaultSchedule, type JsSchedule, jsAxes, refuse } from '../codegen/js/schedule.ts'
import { type Program, programsOf } from '../codegen/program.ts'
import { type CheckedArguments, checkArguments, checkCotangents } from '../dsl/arguments.ts'
import { ArgumentError } from '../dsl/errors.ts'
import type { CheckedOperator } from '../dsl/expression.ts'
import type { Geometry } from '../dsl/geometry.ts'
import { joinShape } from '../dsl/layout.ts'
import { storages } from '../dsl/storage.ts'
import { elements, type Tensor, type TensorData } from '../dsl/tensor.ts'
import { type JsStorage, jsStorage } from './js-storage.ts'
import { levelSize } from './level-size.ts'
import { outTensor } from './out.ts'
import { checkAxes, type Pinned, pinnedOf } from './pinned.ts'
import type { DeviceKernel, Inputs, Kept, LaunchOptions, Target, TargetOptions } from './target.ts'
import { jsTuning } from './tuner/js.ts'

type Launch = (...args: (TensorData | number)[]) => void

/** Turns emitted text into its function. The text is the emitter's own: no name or number in it is the user's unchecked. */
export const instantiateJs = ({ name, source }: Pick<JsKernelText, 'name' | 'source'>): Launch =>
  new Function(`'use strict'\n${source.replace(/^export /m, '')}\nreturn ${name}`)() as Launch

/** The default schedule with the pinned axes put in, or the reason why not. */
export const scheduleFor = (program: Program, pinned: Readonly<Record<string, unknown>> = {}): JsSchedule => {
  checkAxes('js', jsAxes, pinned)
  const schedule = { ...defaultSchedule(program), ...pinned } as JsSchedule
  const reason = refuse(schedule, program)
  if (reason !== undefined) throw new ArgumentError(`the schedule is refused: ${reason}`)
  return schedule
}

/** One direction, compiled when it is first needed. */
class Direction {
  private readonly program: Program
  private readonly dtype: JsStorage
  private readonly pinned: Pinned
  private text: JsKernelText | undefined
  private launch: Launch | undefined
  /** Scratch and sums of the last launch, kept for the next of the same size. */
  private readonly kept = new Map<string, Float64Array>()

  constructor(program: Program, dtype: JsStorage, pinned: Pinned) {
    this.program = program
    this.dtype = dtype
    this.pinned = pinned
  }

  get kernel(): JsKernelText {
    this.text ??= emitJs(this.program, scheduleFor(this.program, this.pinned), this.dtype)
    return this.text
  }

  private scratch(name: string, length: number): Float64Array {
    const known = this.kept.get(name)
    if (known?.length === length) return known.fill(0)
    const made = new Float64Array(length)
    this.kept.set(name, made)
    return made
  }

  /** The array of a saved carrier: written by the forward kernel, read by the backward one. */
  private saved({ buffer }: Argument, checked: CheckedArguments, kept: Kept | undefined): TensorData {
    const Data = buffer.type === 'int' ? Int32Array : Float64Array
    const length = levelSize(buffer.level, checked)
    const known = kept?.[buffer.name]
    const fits = known instanceof Data && known.length === length
    if (this.program.direction === 'backward') {
      if (fits) return known
      throw new ArgumentError(
        `the schedule saves ${buffer.name}: hand to backward, as kept, the record that forward filled from the same arguments`,
      )
    }
    if (fits) return known
    const made = new Data(length)
    if (kept) kept[buffer.name] = made
    return made
  }

  run(checked: CheckedArguments, bind: (argument: Argument) => TensorData, { seed = 0n, kept }: LaunchOptions): void {
    const { arrays, numbers } = this.kernel
    this.launch ??= instantiateJs(this.kernel)
    const { samples, channels, extents, outExtents } = checked
    const fixed = this.pinned.extents
    if (Array.isArray(fixed) && !extents.every((x, d) => x === fixed[d])) {
      throw new ArgumentError(
        `the kernel was made for spatial sizes [${fixed.join(', ')}], but the input has [${extents.join(', ')}]`,
      )
    }
    const spatial = ['depth', 'height', 'width'].slice(3 - extents.length)
    const values = new Map<string, number>([
      ['samples', samples],
      ['channels', channels],
      ['points', elements(extents)],
      ['seedLow', Number(seed & 0xffffffffn)],
      ['seedHigh', Number((seed >> 32n) & 0xffffffffn)],
    ])
    spatial.forEach((name, d) => {
      values.set(name, extents[d]!)
      values.set(`out${name[0]!.toUpperCase()}${name.slice(1)}`, outExtents[d]!)
    })
    const bound = arrays.map((argument) => {
      if (argument.holds === 'sum' || argument.holds === 'scratch') {
        return this.scratch(argument.name, levelSize(argument.buffer.level, checked))
      }
      if (argument.holds === 'saved') return this.saved(argument, checked, kept)
      const data = bind(argument)
      return argument.holds === 'bits' ? new Int32Array(data.buffer, data.byteOffset, data.length) : data
    })
    this.launch(...bound, ...numbers.map((name) => values.get(name)!))
  }
}

const compileJs = (operator: CheckedOperator, geometry: Geometry, options: TargetOptions): DeviceKernel => {
  const dtype = jsStorage(options.dtype)
  const programs = programsOf(operator, geometry, options.results)
  const pinned = { forward: pinnedOf(options.schedule, 'forward'), backward: pinnedOf(options.schedule, 'backward') }
  const forward = new Direction(programs.forward, dtype, pinned.forward)
  const backward = new Direction(programs.backward, dtype, pinned.backward)
  // A refused schedule is reported when the kernel is made, not at its first launch.
  scheduleFor(programs.forward, pinned.forward)
  scheduleFor(programs.backward, pinned.backward)
  const Float = storages[dtype].array
  const dataOf = (inputs: Inputs, name: string): TensorData => {
    const value = inputs[name]!
    if (typeof value !== 'number') return value.data
    const scalar = new Float(1)
    scalar[0] = value
    return scalar
  }
  return {
    forward: (inputs, options = {}) => {
      const { seed, out } = options
      const checked = checkArguments(operator, geometry, inputs, seed, { dtype })
      const shape = joinShape(geometry, { ...checked, extents: checked.outExtents })
      const results: Record<string, Tensor> = {}
      for (const { to } of programs.forward.stages[0]?.stores ?? []) {
        const Data: new (length: number) => TensorData = to.type === 'int' ? Int32Array : Float
        results[to.name] = outTensor(out, to.name, shape, Data)
      }
      forward.run(
        checked,
        ({ buffer }) => (buffer.role === 'result' ? results[buffer.name]!.data : dataOf(inputs, buffer.name)),
        options,
      )
      return results
    },
    backward: (inputs, cotangents, options = {}) => {
      const { seed, out } = options
      const checked = checkArguments(operator, geometry, inputs, seed, { dtype })
      checkCotangents(operator, geometry, cotangents, checked, { dtype })
      const zeros = new Map<string, TensorData>()
      const gradients: Record<string, Tensor> = {}
      for (const { to } of programs.backward.stages.flatMap((stage) => stage.stores)) {
        if (to.role !== 'gradient') continue
        const value = inputs[to.name]!
        const shape = typeof value === 'number' ? [] : value.shape
        gradients[to.name] = outTensor(out, to.name, shape, Float)
      }
      const cotangentOf = (name: string): TensorData => {
        const given = cotangents[name]
        if (given) return given.data
        const absent = zeros.get(name) ?? new Float(checked.samples * checked.channels * elements(checked.outExtents))
        zeros.set(name, absent)
        return absent
      }
      backward.run(
        checked,
        ({ buffer }) => {
          if (buffer.role === 'gradient') return gradients[buffer.name]!.data
          return buffer.role === 'cotangent' ? cotangentOf(buffer.name) : dataOf(inputs, buffer.name)
        },
        options,
      )
      return gradients
    },
    source: {
      get forward() {
        return forward.kernel.source
      },
      get backward() {
        return backward.kernel.source
      },
    },
  }
}

const engine = (): string => {
  const versions = typeof process === 'undefined' ? undefined : process.versions
  return versions?.node ? `Node.js ${versions.node}, V8 ${versions.v8 ?? 'unknown'}` : 'JavaScript engine'
}

/** Kernels in JavaScript, made at run time. */
export const jsTarget: Target = {
  device: engine(),
  tuning: jsTuning,
  compile: async (operator, geometry, options) => compileJs(operator, geometry, options),
}
