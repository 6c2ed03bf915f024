/**
 * One program and one schedule to the text of a JavaScript module with one exported function: typed arrays in and out,
 * scratch handed in, nothing allocated, arithmetic in double and rounded where it is stored.
 */
import { describeGeometry } from '../../dsl/geometry.ts'
import { templates } from '../../templates/compiled.ts'
import type { Program } from '../program.ts'
import type { JsSchedule } from '../schedule.ts'
import { type Argument, Context } from './context.ts'
import { helperText } from './helpers.ts'
import { indent } from './layout.ts'
import { emitParameters } from './parameters.ts'
import { clearingOf, emitWindows, hoist, kernelScalars } from './windows.ts'
import type { Node } from '../ir.ts'

/** An emitted kernel: its text, and what its parameters are, in order. */
export interface JsKernelText {
  readonly name: string
  readonly source: string
  readonly arrays: readonly Argument[]
  /** The parameters that follow the arrays. */
  readonly numbers: readonly string[]
}

const functionName = (program: Program): string => {
  const words = program.operator.name.split(/[^A-Za-z0-9]+/).filter((w) => w !== '')
  const camel = words.map((w, i) => (i === 0 ? w.toLowerCase() : w[0]!.toUpperCase() + w.slice(1))).join('')
  return `${/^[A-Za-z]/.test(camel) ? camel : 'pool'}${program.direction === 'forward' ? 'Forward' : 'Backward'}`
}

/** Emits a program. The schedule must not be refused. */
export const emitJs = (program: Program, schedule: JsSchedule, dtype: 'float32' | 'float64'): JsKernelText => {
  const ctx = new Context(program, schedule, dtype)
  const name = ctx.names.fresh(functionName(program))
  const windowStores = program.stages.flatMap((x) => (x.visits === 'windows' ? x.stores : []))
  const elementStores = program.stages.flatMap((x) => (x.visits === 'elements' ? x.stores : []))
  const values: Node[] = [...windowStores, ...elementStores].map((x) => x.value)
  const hoists = hoist(ctx, values)
  const stage = values.length > 0 ? emitWindows(ctx, windowStores, elementStores, hoists) : { lines: [], functions: [] }
  const later = program.stages.flatMap((x) => (x.visits === 'parameters' ? emitParameters(ctx, x) : []))
  const clearing = elementStores.flatMap((store) => {
    const when = store.to.role === 'gradient' ? clearingOf(ctx, store) : 'never'
    if (when === 'never') return []
    return [`${when === 'always' ? '' : `if (${when}) `}${ctx.arrayOf(store.to)}.fill(0)`]
  })
  const numbers = kernelScalars(ctx)
  const functions = stage.functions.map((f) => ({ ...f, parameters: f.parameters.join(', ') }))
  const points = ctx.axes.map((a) => a.extent).join(' * ')
  const outPoints = ctx.axes.map((a) => a.out).join(' * ')
  const text = templates['js/kernel']({
    header: headerOf(program, schedule, dtype),
    helpers: helperText(ctx.s.used),
    functions,
    name,
    parameters: [...ctx.arguments.map((x) => x.name), ...numbers].join(', '),
    setup: clearing,
    first: ctx.first,
    windows: stage.lines.length > 0 ? [...hoists.block.lines, ...stage.lines] : undefined,
    points: ctx.axes.length > 1 ? `(${points})` : points,
    outPoints: ctx.axes.length > 1 ? `(${outPoints})` : outPoints,
    parametersPass: later,
  })
  return { name, source: indent(text), arrays: ctx.arguments, numbers }
}

const headerOf = (program: Program, schedule: JsSchedule, dtype: string): string[] => {
  const { operator, geometry } = program
  const attrs = Object.entries(operator.attrs).map(([k, v]) => `${k} = ${v}`)
  const formula = operator.formula.trim().replace(/\s*\n\s*/g, ' ')
  const gradient = program.direction === 'backward' ? 'the gradient of ' : ''
  return [
    `${operator.name}: ${gradient}${formula}${attrs.length > 0 ? `, with ${attrs.join(', ')}` : ''}`,
    `${describeGeometry(geometry)}; ${dtype}, ${geometry.layout}`,
    `schedule: ${JSON.stringify(schedule)}`,
  ]
}
