/** Tensors of a call, as a workplace has them: what is read, and outputs that show what was done to them. */
import { outputSize } from '../../../dsl/geometry.ts'
import { joinShape } from '../../../dsl/layout.ts'
import { arrays } from '../../../dsl/storage.ts'
import { elements, type Tensor } from '../../../dsl/tensor.ts'
import type { DeviceKernel, LaunchOptions, Tensors } from '../../target.ts'
import type { Problem } from '../subject.ts'
import type { Sizes, TrialData } from './data.ts'
import { type Made, storedBy } from './right.ts'
import type { Guarded, Workplace } from './workplace.ts'

export interface Copy {
  readonly given: Readonly<Record<string, Tensor>>
  readonly cotangents: Tensors
  readonly out: Readonly<Record<string, Guarded>>
  readonly options: LaunchOptions
}

const mapped = <T, U>(of: Readonly<Record<string, T>>, make: (value: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, make(value, name)]))

/** Lays data out at a workplace, with room for what is made of it. */
export const copyOf = (problem: Problem, place: Workplace, data: TrialData, { samples, channels, extents }: Sizes): Copy => {
  const { operator, geometry, direction, results } = problem
  const stored = storedBy(problem)
  const outShape = joinShape(geometry, { samples, channels, extents: outputSize(geometry, extents) })
  const differentiated = operator.tensors.filter(({ role }) => role !== 'noise')
  const out =
    direction === 'forward'
      ? Object.fromEntries(results.map((name) => [name, outShape] as const))
      : Object.fromEntries(differentiated.map(({ name }) => [name, data.inputs[name]!.shape] as const))
  return {
    given: mapped(data.inputs, (tensor, name) => place.given(tensor, stored(name))),
    cotangents: mapped(data.cotangents, (tensor, name) => place.given(tensor, stored(name))),
    out: mapped(out, (shape, name) => place.guarded(shape, stored(name))),
    options: data.seed === undefined ? {} : { seed: data.seed },
  }
}

/** The bytes that a call writes. */
export const bytesWritten = (problem: Problem, { out }: Copy): number => {
  const stored = storedBy(problem)
  const bytes = Object.entries(out).map(([name, { tensor }]) => elements(tensor.shape) * arrays[stored(name)].BYTES_PER_ELEMENT)
  return bytes.reduce((a, b) => a + b, 0)
}

/** A call of a kernel on a copy. */
export const callOn = (
  kernel: DeviceKernel,
  direction: Problem['direction'],
  { given, cotangents, out, options }: Copy,
): (() => void) => {
  const launch: LaunchOptions = { ...options, out: mapped(out, ({ tensor }) => tensor) }
  return direction === 'forward'
    ? () => void kernel.forward(given, launch)
    : () => void kernel.backward(given, cotangents, launch)
}

/** What a call has made, and where it has written beside its tensors. */
export const seenIn = async ({ out }: Copy): Promise<{ readonly made: Made; readonly harm: string | undefined }> => {
  const looks = await Promise.all(
    Object.entries(out).map(async ([name, guarded]) => ({ name, shape: guarded.tensor.shape, ...(await guarded.look()) })),
  )
  const harmed = looks.find(({ harm }) => harm !== undefined)
  return {
    made: Object.fromEntries(looks.map(({ name, shape, data }) => [name, { shape, data }])),
    harm: harmed && `${harmed.name}: ${harmed.harm}`,
  }
}
