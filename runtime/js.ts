/** The JavaScript target: emits a kernel, makes it a function, and hands it to what calls it. */
import { emitJs, type JsKernelText } from '../codegen/js/emit.ts'
import { defaultSchedule, type JsSchedule, jsAxes, refuse } from '../codegen/js/schedule.ts'
import { type Program, programsOf } from '../codegen/program.ts'
import type { Direction } from '../codegen/signed.ts'
import { signedOf } from '../codegen/signed.ts'
import { ArgumentError } from '../dsl/errors.ts'
import type { CheckedOperator } from '../dsl/expression.ts'
import type { Geometry } from '../dsl/geometry.ts'
import { jsStorage } from './js-storage.ts'
import { type JsFunction, type JsLaunch, launchJs } from './launch/js.ts'
import { checkAxes, pinnedOf } from './pinned.ts'
import type { DeviceKernel, Target, TargetOptions } from './target.ts'
import { jsTuningOf } from './tuner/js.ts'
import type { Tuning } from './tuner/tuning.ts'

/** Turns emitted text into its function. The text is the emitter's own: no name or number in it is the user's unchecked. */
export const instantiateJs = ({ name, source }: Pick<JsKernelText, 'name' | 'source'>): JsFunction =>
  new Function(`'use strict'\n${source.replace(/^export /m, '')}\nreturn ${name}`)() as JsFunction

/** The default schedule with the pinned axes put in, or the reason why not. */
export const scheduleFor = (program: Program, pinned: Readonly<Record<string, unknown>> = {}): JsSchedule => {
  checkAxes('js', jsAxes, pinned)
  const schedule = { ...defaultSchedule(program), ...pinned } as JsSchedule
  const reason = refuse(schedule, program)
  if (reason !== undefined) throw new ArgumentError(`the schedule is refused: ${reason}`)
  return schedule
}

/** What is made once, when it is first asked for. */
const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** Both directions of an operator as text, each when it is first asked for, and what their calls are checked against. */
export const jsPrograms = (
  operator: CheckedOperator,
  geometry: Geometry,
  options: Pick<TargetOptions, 'dtype' | 'results' | 'schedule'>,
) => {
  const dtype = jsStorage(options.dtype)
  const programs = programsOf(operator, geometry, options.results)
  const made = (direction: Direction) => {
    const program = programs[direction]
    // A refused schedule is reported when the kernel is made, not at its first launch.
    const schedule = scheduleFor(program, pinnedOf(options.schedule, direction))
    const { extents } = schedule
    return { text: once(() => emitJs(program, schedule, dtype)), fixed: extents === 'dynamic' ? {} : { extents } }
  }
  return { signed: signedOf(programs, dtype), forward: made('forward'), backward: made('backward') }
}

const compileJs = (operator: CheckedOperator, geometry: Geometry, options: TargetOptions): DeviceKernel => {
  const { signed, forward, backward } = jsPrograms(operator, geometry, options)
  const launch = ({ text, fixed }: typeof forward) =>
    once((): JsLaunch => {
      const { arrays, numbers } = text()
      return { arrays, numbers, ...fixed, call: instantiateJs(text()) }
    })
  return {
    ...launchJs(signed, { forward: launch(forward), backward: launch(backward) }),
    source: {
      get forward() {
        return forward.text().source
      },
      get backward() {
        return backward.text().source
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
  get tuning() {
    return jsTuning
  },
  compile: async (operator, geometry, options) => compileJs(operator, geometry, options),
}

export const jsTuning: Tuning = jsTuningOf(jsTarget)
