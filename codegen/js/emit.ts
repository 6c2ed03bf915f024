/**
 * One program and one schedule to the text of a JavaScript module with one exported function: typed arrays in and out,
 * scratch handed in, nothing allocated, arithmetic in double and rounded where it is stored.
 */
import { outputSize } from '../../dsl/geometry.ts'
import { templates } from '../../templates/compiled.ts'
import { indent } from '../emit/layout.ts'
import { functionName, headerOf } from '../emit/title.ts'
import type { Node } from '../ir.ts'
import type { Program, Store } from '../program.ts'
import { kernelScalars, sharedParameters } from './bands.ts'
import { type Argument, Context } from './context.ts'
import { emitElements } from './elements.ts'
import { helperText } from './helpers.ts'
import { hoist } from './hoist.ts'
import { emitParameters } from './parameters.ts'
import type { JsSchedule } from './schedule.ts'
import { clearingOf, emitWindows } from './windows.ts'

/** An emitted kernel: its text, and what its parameters are, in order. */
export interface JsKernelText {
  readonly name: string
  readonly source: string
  readonly arrays: readonly Argument[]
  /** The parameters that follow the arrays. */
  readonly numbers: readonly string[]
}

/** Emits a program. The schedule must not be refused. */
export const emitJs = (program: Program, schedule: JsSchedule, dtype: 'float32' | 'float64'): JsKernelText => {
  const ctx = new Context(program, schedule, dtype)
  const name = ctx.names.fresh(functionName(program))
  const gathers = schedule.phases === 'plane' || schedule.phases === 'global'
  const storesOf = (visits: 'windows' | 'elements'): Store[] =>
    program.stages.flatMap((x) => (x.visits === visits ? x.stores : []))
  const elementStores = storesOf('elements')
  const carried = elementStores.length > 0 && gathers
  // What is saved is made by the forward kernel; the rest of the carriers by this one, where its elements gather.
  const isSaved = (name: string): boolean => schedule.saved.includes(name)
  const made = program.carriers.filter((x) =>
    program.direction === 'forward' ? isSaved(x.buffer.name) : carried && !isSaved(x.buffer.name),
  )
  const carriers = made.map((x): Store => ({ to: x.buffer, value: x.value, how: 'set' }))
  const windowStores = [...storesOf('windows'), ...carriers]
  const values: Node[] = [...windowStores, ...elementStores].map((x) => x.value)
  const hoists = hoist(ctx, values)
  const none = { lines: [], functions: [] }
  // Both stages name their arrays before either is given its parameters.
  const windows =
    windowStores.length > 0 || !carried ? emitWindows(ctx, windowStores, carried ? [] : elementStores, hoists) : none
  const elements = carried ? emitElements(ctx, elementStores, hoists) : none
  const later = program.stages.flatMap((x) => (x.visits === 'parameters' ? emitParameters(ctx, x) : []))
  const clearing = elementStores.flatMap((store) => {
    const when = store.to.role === 'gradient' ? clearingOf(ctx, store) : 'never'
    if (when === 'never' || carried) return []
    return [`${when === 'always' ? '' : `if (${when}) `}${ctx.arrayOf(store.to)}.fill(0)`]
  })
  const numbers = kernelScalars(ctx)
  const functions = [...windows.functions, ...elements.functions].map((f) => ({
    ...f,
    tables: f.tables ?? [],
    parameters: [...sharedParameters(ctx, hoists, f), ...f.own].join(', '),
  }))
  const counter = ctx.first ? 'plane' : 'n'
  const points = ctx.axes.map((a) => a.extent).join(' * ')
  const outPoints = ctx.axes.map((a) => a.out).join(' * ')
  const text = templates['js/kernel']({
    header: [...headerOf(program, schedule, dtype), ...legend(ctx)],
    helpers: [...fixedExtents(ctx), ...helperText(ctx.s.used)],
    functions,
    name,
    parameters: [...ctx.arguments.map((x) => x.name), ...numbers].join(', '),
    setup: clearing,
    first: ctx.first,
    passes: passesOf(schedule, hoists.block.lines, windows.lines, elements.lines),
    inPlane: `${counter} * ${ctx.axes.length > 1 ? `(${points})` : points}`,
    outPlane: outPoints === '1' ? counter : `${counter} * ${ctx.axes.length > 1 ? `(${outPoints})` : outPoints}`,
    parametersPass: later,
  })
  return { name, source: indent(text), arrays: ctx.arguments, numbers }
}

/** What a reader has to know of keys, where there are any. */
const legend = ({ s }: Context): string[] =>
  s.used.has('key') || s.used.has('placeKey')
    ? ['a key is the bits of a float32 made to order as the floats do, NaN on top: an integer comparison needs no branch']
    : []

/** The spatial sizes as constants beside the kernel, where the schedule fixes them. */
const fixedExtents = (ctx: Context): string[] => {
  const { extents } = ctx.schedule
  if (extents === 'dynamic') return []
  const { geometry } = ctx.program
  const product = (sizes: readonly number[]): number[] =>
    geometry.kind === 'global' ? [sizes.reduce((a, b) => a * b, 1)] : [...sizes]
  const inputs = product(extents)
  const outputs = product(outputSize(geometry, extents))
  return ctx.axes.flatMap((axis, d) => [
    `const ${axis.extent} = ${inputs[d]!}`,
    ...(axis.out === '1' ? [] : [`const ${axis.out} = ${outputs[d]!}`]),
  ])
}

/** The loops over planes: one with both stages, or one for each where carriers of all planes are kept. */
const passesOf = (
  schedule: JsSchedule,
  hoisted: readonly string[],
  ...stages: (readonly string[])[]
): { lines: readonly string[] }[] => {
  const some = stages.filter((lines) => lines.length > 0)
  if (schedule.phases === 'global') return some.map((lines) => ({ lines: [...hoisted, ...lines] }))
  return some.length > 0
    ? [{ lines: [...hoisted, ...some.flatMap((lines) => (some.length > 1 ? ['{', ...lines, '}'] : lines))] }]
    : []
}
