/** Reads the shapes of parameters and random values as people write them, in a formula or in a declaration. */
import { nearest } from './names.ts'
import { type Axis, namedShapes, type ParamShape, type RandomShape } from './shapes.ts'

export const axes = ['sample', 'channel', 'depth', 'height', 'width'] as const satisfies readonly Axis[]
const randomOnly = ['input', 'window'] as const
const words: readonly string[] = [...namedShapes, ...randomOnly, ...axes]

export type ShapeReading = { readonly shape: RandomShape } | { readonly wrong: string; readonly suggestion: string | undefined }

const named = (text: string): RandomShape | undefined => [...namedShapes, ...randomOnly].find((shape) => shape === text)
const axis = (text: string): Axis | undefined => axes.find((one) => one === text)

/** Reads a shape from words: one name of a shape, or names of axes. */
export const readRandomShape = (given: readonly string[]): ShapeReading => {
  const written = given.map((word) => word.replace(/\s+/g, ''))
  const whole = written.length === 1 ? named(written[0] ?? '') : undefined
  if (whole !== undefined) return { shape: whole }
  const read = written.map(axis)
  const list = read.filter((one) => one !== undefined)
  // In the order of the tensor's own axes, however they were written, and each once.
  if (list.length === read.length && list.length > 0) return { shape: axes.filter((one) => list.includes(one)) }
  const wrong = written[read.indexOf(undefined)] ?? ''
  return { wrong, suggestion: nearest(wrong, words) }
}

/** Reads a shape as a declaration or an option gives it; plain JavaScript may give anything. */
export const readShape = (given: unknown): ShapeReading => {
  if (typeof given === 'string') return readRandomShape([given])
  if (Array.isArray(given) && given.length === 0) return { shape: 'scalar' }
  if (Array.isArray(given)) return readRandomShape(given.map(String))
  return { wrong: String(given), suggestion: undefined }
}

export const isParamShape = (shape: RandomShape): shape is ParamShape => shape !== 'input' && shape !== 'window'
