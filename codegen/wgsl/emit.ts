/**
 * One program and one schedule to WGSL: a shader for each kernel, in the order in which they are dispatched, with what each is
 * handed. Numbers come first, in one uniform; arrays behind them, each a binding.
 */
import { outputSize } from '../../dsl/geometry.ts'
import { templates } from '../../templates/compiled.ts'
import { indent } from '../emit/layout.ts'
import { functionName, headerOf } from '../emit/title.ts'
import type { Argument, NumberArgument } from '../gpu/kernel.ts'
import { kernelsOf } from '../gpu/kernels.ts'
import type { LaunchShape } from '../gpu/launch.ts'
import { shared } from '../gpu/shared.ts'
import type { Program } from '../program.ts'
import { wgslDialect } from './dialect.ts'
import { helperText } from './helpers.ts'
import { asGpu, type WgslSchedule } from './schedule.ts'
import { float32 } from './storage.ts'

export type { Argument } from '../gpu/kernel.ts'

/** One shader, of one entry point of its name. */
export interface WgslKernel {
  readonly name: string
  readonly source: string
  /** In the order of their bindings, which follow that of the numbers. */
  readonly arrays: readonly Argument[]
  readonly numbers: readonly NumberArgument[]
  readonly launch: LaunchShape
}

const isMentioned = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text)

/** The spatial sizes as constants, where the schedule fixes them. */
const fixedExtents = ({ geometry }: Program, { extents }: WgslSchedule): string[] => {
  if (extents === 'dynamic') return []
  const names = ['depth', 'height', 'width'].slice(3 - geometry.dims)
  const out = outputSize(geometry, extents)
  return names.flatMap((name, d) => [
    `const ${name} = ${extents[d]!};`,
    `const out${name[0]!.toUpperCase()}${name.slice(1)} = ${out[d]!};`,
  ])
}

/** Emits a program, for tensors in float32. The schedule must not be refused. */
export const emitWgsl = (program: Program, schedule: WgslSchedule): readonly WgslKernel[] => {
  const variant = { wide: false, vectors: false, staged: false }
  const of = shared(wgslDialect, program, asGpu(schedule), float32, variant)
  const header = headerOf(program, schedule, 'float32')
  return kernelsOf(of, functionName(program)).map(({ name, comment, arrays, numbers, lines, launch }) => {
    const own = lines.join('\n')
    const helpers = helperText(own, launch.threads)
    // The names of dispatches and of numbers stand before what reads them.
    const places = [
      ...(isMentioned(own, 'block') ? ['let block = i32(group.y * groups.x + group.x);'] : []),
      ...(isMentioned(own, 'thread') ? ['let thread = i32(local.x);'] : []),
      ...numbers.map((x) => `let ${x.name} = numbers.${x.name};`),
    ]
    const first = numbers.length > 0 ? 1 : 0
    const text = templates['wgsl/kernel']({
      header,
      comment,
      name,
      numbers: numbers.map((x) => `${x.name}: ${x.type === 'int' ? 'i32' : 'u32'}`),
      arrays: arrays.map((x, k) => ({
        binding: k + first,
        access: x.written ? 'read_write' : 'read',
        name: x.name,
        type: x.element === 'int' ? 'i32' : 'f32',
      })),
      helpers: [...fixedExtents(program, schedule), ...helpers],
      threads: launch.threads,
      lines: [...places, ...lines],
    })
    return { name, source: indent(text), arrays, numbers, launch }
  })
}
