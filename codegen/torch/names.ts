/** Names in generated Python: a formula's own where they can stand, and never a word of the language or of the file around them. */
import { Names } from '../emit/block.ts'

/** Python's keywords, hard and soft, and the one name that nothing can be called. */
const keywords =
  'False None True and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try type while with yield __debug__'.split(
    ' ',
  )

/** What the functions of a generated file read of it, and what they are called there. */
export const ofTheFile: readonly string[] = ['windows', 'torch', 'softplus', 'float', '_forward', '_backward', '_operator']

export const callArguments = [
  'kernel_size',
  'stride',
  'padding',
  'dilation',
  'ceil_mode',
  'count_include_pad',
  'divisor_override',
  'output_size',
  'seed',
] as const

/** What a public function takes or reads beside an operator's own. */
const ofTheCall: ReadonlySet<string> = new Set([...ofTheFile, ...callArguments])

/** `atLeast` as `at_least`. */
export const snake = (name: string): string =>
  name.replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a}_${b.toLowerCase()}`)

/** A name that Python takes, for a module, a function or an argument: `isp-gaussian` is `isp_gaussian`, `lambda` is `lambda_`. */
export const pythonName = (name: string): string => {
  const base = name.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=[0-9])/, '_')
  return keywords.includes(base) ? `${base}_` : base
}

/** The names of a function's body, its arguments taken. */
export const bodyNames = (taken: Iterable<string>): Names => new Names([...keywords, ...ofTheFile, ...taken])

/** An argument's name, apart from those that every call has. */
export const argumentName = (name: string): string => {
  const base = pythonName(name)
  return ofTheCall.has(base) ? `${base}_` : base
}
