/**
 * One program and one schedule to a CUDA source: its kernels in the order in which they are launched, what each is handed,
 * and with how many threads. Kernels are `extern "C"`, so that they keep their names.
 */
import type { StorageType } from '../../dsl/geometry.ts'
import { templates } from '../../templates/compiled.ts'
import { indent } from '../emit/layout.ts'
import { functionName, headerOf } from '../emit/title.ts'
import { fixedExtents } from '../gpu/extents.ts'
import type { Argument, NumberArgument } from '../gpu/kernel.ts'
import { kernelsOf } from '../gpu/kernels.ts'
import type { LaunchShape, Multiples } from '../gpu/launch.ts'
import { type Shared, shared, type Variant } from '../gpu/shared.ts'
import type { Program } from '../program.ts'
import { cudaDialect } from './dialect.ts'
import { helperText } from './helpers.ts'
import type { CudaSchedule } from './schedule.ts'
import { storages } from './storage.ts'

export type { Argument } from '../gpu/kernel.ts'
export type { Variant } from '../gpu/shared.ts'

/** One kernel of a source: its parameters are the arrays, then the numbers. */
export interface CudaKernel {
  readonly name: string
  readonly arrays: readonly Argument[]
  readonly numbers: readonly NumberArgument[]
  readonly launch: LaunchShape
}

export interface CudaSource {
  readonly source: string
  /** In the order in which they are launched. */
  readonly kernels: readonly CudaKernel[]
  /** What sizes must be multiples of; all 1 where any will do. Arrays must begin at a multiple of as many elements. */
  readonly multiples: Multiples
}

/** What a kernel is handed: arrays that do not overlap, then numbers. */
const parametersOf = (
  { storage: { element, real } }: Shared,
  arrays: readonly Argument[],
  numbers: readonly NumberArgument[],
): string[] => {
  const types = { storage: element, real, int: 'int' } as const
  return [
    ...arrays.map((x) => `${x.written ? '' : 'const '}${types[x.element]}* __restrict__ ${x.name}`),
    ...numbers.map(({ name, type }) => `${type} ${name}`),
  ]
}

/** Emits a program, for tensors of one kind. The schedule must not be refused. */
export const emitCuda = (program: Program, schedule: CudaSchedule, dtype: StorageType, variant: Variant): CudaSource => {
  const of = shared(cudaDialect, program, schedule, storages[dtype], variant)
  const kernels = kernelsOf(of, functionName(program))
  const { minBlocks } = schedule
  const body = kernels.map((x) => x.lines.join('\n')).join('\n')
  const { real, narrow } = of.storage
  const functions = helperText(body, real, dtype)
  const all = [body, ...functions].join('\n')
  const conversion =
    narrow && /\b(widen|narrow)\b/.test(all) ? [templates[dtype === 'float16' ? 'cuda/float16' : 'cuda/bfloat16']({})] : []
  const text = templates['cuda/kernel']({
    header: headerOf(program, schedule, dtype),
    helpers: [
      ...fixedExtents(program, schedule, (name, value) => `constexpr int ${name} = ${value};`),
      ...conversion,
      ...functions,
    ],
    kernels: kernels.map(({ name, comment, arrays, numbers, lines, launch }) => ({
      name,
      comment,
      parameters: parametersOf(of, arrays, numbers).join(', '),
      lines,
      bounds: minBlocks > 0 ? `${launch.threads}, ${minBlocks}` : String(launch.threads),
    })),
  })
  return {
    source: indent(text),
    multiples: {
      width: of.vectors.row,
      outWidth: of.vectors.row > 1 ? schedule.outputsPerThread.at(-1)! : 1,
      channels: of.vectors.channels,
    },
    kernels: kernels.map(({ name, arrays, numbers, launch }) => ({ name, arrays, numbers, launch })),
  }
}
