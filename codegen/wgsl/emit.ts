/**
 * One program and one schedule to WGSL: a shader for each kernel, in the order in which they are dispatched, with what each is
 * handed. Numbers come first, in one uniform; arrays behind them, each a binding.
 */
import type { StorageType } from '../../dsl/geometry.ts'
import { templates } from '../../templates/compiled.ts'
import { indent } from '../emit/layout.ts'
import { functionName, headerOf } from '../emit/title.ts'
import type { EmittedKernel } from '../gpu/cells.ts'
import { fixedExtents } from '../gpu/extents.ts'
import type { Argument, NumberArgument } from '../gpu/kernel.ts'
import { kernelsOf } from '../gpu/kernels.ts'
import type { LaunchShape, Multiples } from '../gpu/launch.ts'
import { type Shared, shared } from '../gpu/shared.ts'
import type { Program } from '../program.ts'
import { type Abilities, everywhere } from './abilities.ts'
import { wgslDialect, workgroupVariable } from './dialect.ts'
import { helperText } from './helpers.ts'
import { declared } from './memory.ts'
import { asGpu, type WgslSchedule } from './schedule.ts'
import { storageFor, type WgslStorage } from './storage.ts'

export type { Argument } from '../gpu/kernel.ts'

/** One shader, of one entry point of its name. */
export interface WgslKernel {
  readonly name: string
  readonly source: string
  /** In the order of their bindings, which follow that of the numbers. */
  readonly arrays: readonly Argument[]
  readonly numbers: readonly NumberArgument[]
  readonly launch: LaunchShape
  /** What sizes must be multiples of, where vectors are read or written; where they are not, the next kernel of the name is launched. */
  readonly multiples?: Multiples
}

/** Whether a line declares memory that a workgroup shares, which functions do not. */
const isShared = (line: string): boolean => line.startsWith(workgroupVariable)

const isMentioned = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text)

/** Emits one kernel as a shader of its own. */
const emitShader = (of: Shared, dtype: StorageType, header: readonly string[], kernel: EmittedKernel): WgslKernel => {
  const { name, comment, arrays, accessors, numbers, lines, launch } = kernel
  const memory = arrays.map((one) => declared(one, accessors, of.storage))
  const functions = memory.flatMap((one) => one.functions)
  const own = lines.join('\n')
  const helpers = helperText([own, ...functions].join('\n'), launch.threads, dtype)
  // The names of dispatches and of numbers stand before what reads them.
  const places = [
    ...(isMentioned(own, 'block') ? ['let block = i32(group.y * groups.x + group.x);'] : []),
    ...(isMentioned(own, 'thread') ? ['let thread = i32(invocation.x);'] : []),
    ...numbers.map((x) => `let ${x.name} = numbers.${x.name};`),
  ]
  const first = numbers.length > 0 ? 1 : 0
  const text = templates['wgsl/kernel']({
    header,
    comment,
    name,
    enables: memory.some(({ type }) => /\bf16\b/.test(type)) ? ['f16'] : [],
    numbers: numbers.map((x) => `${x.name}: ${x.type === 'int' ? 'i32' : 'u32'}`),
    arrays: arrays.map((x, k) => ({
      binding: k + first,
      access: x.written ? 'read_write' : 'read',
      name: x.name,
      type: memory[k]!.type,
    })),
    helpers: [
      ...fixedExtents(of.program, of.schedule, (name, value) => `const ${name} = ${value};`),
      ...lines.filter(isShared),
      ...helpers,
      ...functions,
    ],
    threads: launch.threads,
    lines: [...places, ...lines.filter((line) => !isShared(line))],
  })
  return { name, source: indent(text), arrays, numbers, launch }
}

/** Whether a kernel reads or writes several elements at once. */
const hasVectors = ({ accessors }: EmittedKernel): boolean => accessors.some(({ width }) => width > 1)

/**
 * Emits a program: in the order in which they are launched, one kernel of each name. Where there are two, the first is for
 * sizes that are multiples of its vectors. The schedule must not be refused, nor the storage type.
 * @param abilities - of the device that the text is for
 */
export const emitWgsl = (
  program: Program,
  schedule: WgslSchedule,
  dtype: StorageType = 'float32',
  abilities: Abilities = everywhere,
): readonly WgslKernel[] => {
  const storage = storageFor(dtype as WgslStorage, abilities)
  const header = headerOf(program, schedule, dtype)
  const base = functionName(program)
  const made = (vectors: boolean) => {
    const of = shared(wgslDialect, program, asGpu(schedule), storage, { wide: false, vectors, staged: true })
    return { of, kernels: kernelsOf(of, base) }
  }
  const [plain, wide] = [made(false), made(true)]
  const { row, channels } = wide.of.vectors
  const multiples = { width: row, outWidth: row > 1 ? schedule.outputsPerThread.at(-1)! : 1, channels }
  return plain.kernels.flatMap((kernel, k) => {
    const own = emitShader(plain.of, dtype, header, kernel)
    const other = wide.kernels[k]!
    return hasVectors(other) ? [{ ...emitShader(wide.of, dtype, header, other), multiples }, own] : [own]
  })
}
