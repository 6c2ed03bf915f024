/**
 * What the type system holds of kernels' arguments and results. Each line marked as an expected error is one; `tsc` fails
 * where it is none. Nothing here runs.
 */
import { attr, input, normal, param, tensor } from '../../dsl/declarations.ts'
import { argmax, flatIndex, max, mean, mul } from '../../dsl/handles.ts'
import { narrow, widen } from '../../dsl/storage.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import { compile, pool } from '../../runtime/pool.ts'
import { specs } from '../../specs/index.ts'

declare const x: Tensor
declare const weight: Tensor
declare const noise: Tensor
declare const cotangent: Tensor
declare const bits: Tensor<Uint16Array>

/** Whether two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <T extends true>(): T | undefined => undefined

const gaussian = pool(
  'gaussian',
  { x: input(), weight: param('channel'), eps: attr(1e-6) },
  'mean(x) + weight * sqrt(max(var(x), eps))',
)
const isp = pool(
  'isp',
  { x: input(), m: param('sample-channel'), noise: normal('position'), other: normal('channel') },
  'mean(x) + m * noise * other',
)
const maximum = pool('max', { x: input() }, ({ x }) => ({ y: max(x), indices: flatIndex(argmax(x)) }))
const dropping = pool('dropping', { x: input() }, 'mean(x * uniform(input))')
const drawing = pool('drawing', { x: input() }, ({ x }) => mean(mul(x, normal('input'))))

export const names = async (): Promise<void> => {
  const kernel = await gaussian.compile({ target: 'js', kernelSize: 3, stride: 2, padding: 1, attrs: { eps: 1e-3 } })
  const { y } = kernel.forward({ x, weight })
  holds<Same<typeof y, Tensor>>()
  const d = kernel.backward({ x, weight, cotangent })
  holds<Same<keyof typeof d, 'x' | 'weight'>>()
  holds<Same<typeof d.weight, Tensor>>()
  kernel.forward({ x, weight: 2 })
  kernel.forward({ x, weight }, { out: { y } })
  kernel.backward({ x, weight, cotangents: { y: cotangent } }, { out: { x } })

  // @ts-expect-error a parameter is missing
  kernel.forward({ x })
  // @ts-expect-error a name is misspelt
  kernel.forward({ x, wieght: weight })
  // @ts-expect-error the input is no number
  kernel.forward({ x: 1, weight })
  // @ts-expect-error an attribute is no argument: it is fixed when the kernel is made
  kernel.forward({ x, weight, eps: 1 })
  // @ts-expect-error no random value is made, so a seed is a mistake
  kernel.forward({ x, weight, seed: 7n })
  // @ts-expect-error a gradient's name is misspelt
  d.wieght
  // @ts-expect-error an attribute has no gradient
  d.eps
  // @ts-expect-error the cotangent is missing
  kernel.backward({ x, weight })
  // @ts-expect-error one cotangent, or several by name, not both
  kernel.backward({ x, weight, cotangent, cotangents: { y: cotangent } })
  // @ts-expect-error a cotangent is no argument of forward
  kernel.forward({ x, weight, cotangent })
  // @ts-expect-error gradients are written by their names
  kernel.backward({ x, weight, cotangent }, { out: { w: weight } })
}

export const options = async (): Promise<void> => {
  await gaussian.compile({ kernelSize: [3, 3], shapes: { weight: 'scalar' } })
  await gaussian.compile({ kernelSize: [3, 3], shapes: { weight: ['channel', 'width'] } })
  await isp.compile({ kernelSize: 2, shapes: { noise: 'window' }, handIn: ['noise'] })
  // @ts-expect-error there is no such parameter
  await gaussian.compile({ kernelSize: 3, shapes: { wieght: 'scalar' } })
  // @ts-expect-error there is no such shape
  await gaussian.compile({ kernelSize: 3, shapes: { weight: 'chanel' } })
  // @ts-expect-error a parameter has no value an input element: that is a tensor
  await gaussian.compile({ kernelSize: 3, shapes: { weight: 'input' } })
  // @ts-expect-error there is no such attribute
  await gaussian.compile({ kernelSize: 3, attrs: { epsilon: 1 } })
  // @ts-expect-error an option is misspelt
  await gaussian.compile({ kernelSize: 3, strides: 2 })
  // @ts-expect-error there is no such target
  await gaussian.compile({ kernelSize: 3, target: 'jss' })
  // @ts-expect-error only random values can be handed in
  await gaussian.compile({ kernelSize: 3, handIn: ['weight'] })
}

export const seeds = async (): Promise<void> => {
  const made = await isp.compile({ kernelSize: 2 })
  made.forward({ x, m: 0, seed: 7n })
  made.forward({ x, m: 0, seed: 7 })
  // @ts-expect-error a seed is missing
  made.forward({ x, m: 0 })
  // @ts-expect-error backward remakes the random values from the seed, which is missing
  made.backward({ x, m: 0, cotangent })
  // @ts-expect-error a random value that is made is not handed in
  made.forward({ x, m: 0, seed: 7n, noise })

  const half = await isp.compile({ kernelSize: 2, handIn: ['noise'] })
  half.forward({ x, m: 0, noise, seed: 7n })
  // @ts-expect-error one of two random values is handed in, the other is made
  half.forward({ x, m: 0, noise })
  // @ts-expect-error what is to be handed in is missing
  half.forward({ x, m: 0, seed: 7n })

  const whole = await isp.compile({ kernelSize: 2, handIn: ['noise', 'other'] })
  whole.forward({ x, m: 0, noise, other: noise })
  // @ts-expect-error all random values are handed in, so a seed is a mistake
  whole.forward({ x, m: 0, noise, other: noise, seed: 7n })

  // What a body draws by itself no declaration tells: the kernel says whether it needs a seed.
  const drops = await dropping.compile({ kernelSize: 2 })
  drops.forward({ x, seed: 7n })
  drops.forward({ x })
  const draws = await drawing.compile({ kernelSize: 2 })
  draws.forward({ x, seed: 7n })
}

export const results = async (): Promise<void> => {
  const kernel = await maximum.compile({ kernelSize: 3 })
  const out = kernel.forward({ x })
  holds<Same<keyof typeof out, 'y' | 'indices'>>()
  // @ts-expect-error a callback's results are known exactly
  out.index
  const only = await maximum.compile({ kernelSize: 3, results: ['y'] })
  // @ts-expect-error only y was asked for
  only.forward({ x }).indices
  // @ts-expect-error there is no such result
  await maximum.compile({ kernelSize: 3, results: ['z'] })

  const single = await drawing.compile({ kernelSize: 2 })
  holds<Same<keyof ReturnType<typeof single.forward>, 'y'>>()

  // A text may name any results: they are there or not.
  const text = await gaussian.compile({ kernelSize: 3 })
  const { other } = text.forward({ x, weight })
  holds<Same<typeof other, Tensor | undefined>>()
}

export const stored = async (): Promise<void> => {
  const kernel = await gaussian.compile({ kernelSize: 3, dtype: 'float16', target: 'oracle' })
  const { y } = kernel.forward({ x: bits, weight }, { out: { y: bits } })
  kernel.backward({ x: bits, weight, cotangent: bits }, { out: { x: bits, weight } })
  kernel.backward({ x: bits, weight, cotangents: { y: bits } })
  holds<Same<ReturnType<typeof narrow<'bfloat16'>>, Uint16Array>>()
  holds<Same<ReturnType<typeof narrow<'float64'>>, Float64Array>>()
  widen(y.data, 'float16').at(0)
  // @ts-expect-error there is no such type
  await gaussian.compile({ kernelSize: 3, dtype: 'float8' })
  // @ts-expect-error a tensor holds numbers that kernels know, or bits of 16
  kernel.forward({ x: { shape: [1], data: new Uint8Array(1) }, weight })
  // @ts-expect-error bits are not written into numbers
  narrow([1], 'float16', new Float32Array(1))
}

export const compiling = async (): Promise<void> => {
  const kernel = await compile(gaussian, { kernelSize: 3 })
  kernel.forward({ x, weight })
  // @ts-expect-error the function infers what the method does
  kernel.forward({ x })
  // @ts-expect-error also that no random value is made
  kernel.forward({ x, weight, seed: 7n })
  // An operator found by its name at run time takes what it is given, and checks it then.
  const found = specs.get('gaussian')
  if (found) (await compile(found, { kernelSize: 3, shapes: { weight: 'scalar' } })).forward({ x, weight })
}

export const declaring = (): void => {
  pool('lip', { x: input(), l: tensor() }, ({ x, l }) => mean(mul(x, l)))
  // @ts-expect-error a callback gets the declared names only
  pool('lip', { x: input() }, ({ l }) => mean(l))
  // @ts-expect-error there is no such shape
  pool('p', { x: input(), p: param('chanel') }, 'mean(p * x)')
  // @ts-expect-error a comparison is no value
  pool('p', { x: input() }, ({ x }) => mean(lessThan(x)))
  // @ts-expect-error a result is a handle
  pool('p', { x: input() }, () => ({ y: 'mean(x)' }))
}
declare const lessThan: (x: unknown) => import('../../dsl/syntax.ts').Condition
