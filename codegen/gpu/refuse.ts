/** Which schedules no GPU's kernels can carry out, and why: the rules of the axes that all languages share. */
import type { Program } from '../program.ts'
import { isDense, operationsIn, tapsOf, textBudget, unrollBudget } from './cost.ts'
import type { GpuSchedule } from './schedule.ts'

export const isPowerOfTwo = (n: unknown): n is number =>
  typeof n === 'number' && Number.isInteger(n) && n > 0 && (n & (n - 1)) === 0

const choices = { phases: ['carried', 'fused'], unroll: ['all', 'none'], border: ['predicated', 'split'] } as const

type Common = Pick<GpuSchedule, 'phases' | 'unroll' | 'outputsPerThread' | 'border' | 'extents'>

/** @param more - axes of one language's own, with the words that they may be */
export const refuseChoices = (schedule: object, more: Readonly<Record<string, readonly string[]>> = {}): string | undefined => {
  for (const [axis, values] of Object.entries({ ...choices, ...more })) {
    const given: unknown = (schedule as Readonly<Record<string, unknown>>)[axis]
    if (!values.some((x) => x === given)) return `${axis} is ${JSON.stringify(given)}; it must be one of ${values.join(', ')}`
  }
  return undefined
}

export const refuseSaved = ({ saved }: Pick<GpuSchedule, 'saved'>, program: Program): string | undefined => {
  if (!Array.isArray(saved) || !saved.every((x) => typeof x === 'string'))
    return `saved is ${JSON.stringify(saved)}; it must be a list of carriers' names`
  const savable = program.carriers.filter((x) => x.savable).map((x) => x.buffer.name)
  const unsaved = saved.find((name) => !savable.includes(name))
  if (unsaved !== undefined)
    return `saved names '${unsaved}'; ${savable.length > 0 ? `what can be saved is ${savable.join(', ')}` : 'this program has nothing to save'}`
  return undefined
}

export const refuseWindows = ({ outputsPerThread }: Common, program: Program): string | undefined => {
  const { dims } = program.geometry
  if (
    !Array.isArray(outputsPerThread) ||
    outputsPerThread.length !== dims ||
    !outputsPerThread.every((x) => Number.isInteger(x) && x >= 1 && x <= 16)
  )
    return `outputsPerThread is ${JSON.stringify(outputsPerThread)}; it must be ${dims} whole numbers from 1 to 16, one an axis`
  return undefined
}

export const refuseThreads = (threads: unknown, most: number): string | undefined =>
  isPowerOfTwo(threads) && threads >= 32 && threads <= most
    ? undefined
    : `threads is ${JSON.stringify(threads)}; it must be a power of two from 32 to ${most}`

/** Sizes that are constants, and how long a text of windows that are written out may be. */
export const refuseText = (
  { extents, unroll, outputsPerThread, phases, border }: Common,
  program: Program,
  { channels, with: words }: { readonly channels: number; readonly with: string },
): string | undefined => {
  const { geometry } = program
  if (extents !== 'dynamic') {
    if (!Array.isArray(extents) || extents.length !== geometry.dims || !extents.every((x) => Number.isInteger(x) && x > 0))
      return `extents is ${JSON.stringify(extents)}; it must be 'dynamic' or ${geometry.dims} sizes of at least 1`
  }
  if (unroll !== 'all') return undefined
  if (geometry.kind !== 'sliding')
    return `unroll is 'all'; the windows of ${geometry.kind} pooling have no fixed size, so their loops stay: use 'none'`
  const taps = tapsOf(program)
  if (taps > unrollBudget)
    return `unroll is 'all'; a window of ${taps} taps is more than the ${unrollBudget} that are written out: use 'none'`
  const operations = operationsIn(program, { outputsPerThread, phases, border, channels })
  if (operations > textBudget.most)
    return `outputsPerThread is ${JSON.stringify(outputsPerThread)}; with border '${border}'${words} a thread's text would have some ${operations} operations, more than ${textBudget.most}: use fewer, or unroll 'none'`
  return undefined
}

/** What windows that are looped over cannot have. */
export const refuseLoops = ({ unroll, outputsPerThread, border, phases }: Common, program: Program): string | undefined => {
  if (unroll !== 'none') return undefined
  if (outputsPerThread.some((x) => x !== 1))
    return `outputsPerThread is ${JSON.stringify(outputsPerThread)}; windows that are looped over are taken one by one: use 1`
  if (border !== 'predicated')
    return `border is '${border}'; loops run over the taps inside, with no text for the border: use 'predicated'`
  if (isDense(program) && phases === 'fused' && program.geometry.kind !== 'global')
    return "phases is 'fused'; windows that are looped over are not made again for each element: use 'carried'"
  return undefined
}
