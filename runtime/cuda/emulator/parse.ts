/**
 * PTX text to a module. Strict: a statement, directive or name that is not known is an error with its line, since a parser
 * that skips what it does not know gives plausible, wrong results.
 */
import { readBody } from './body.ts'
import { PtxError } from './errors.ts'
import { Reader } from './lex.ts'
import type { FunctionCode, KernelCode, Module, Parameter, Variable } from './ptx.ts'
import { bytesOf } from './types.ts'
import { readAlign, readExtents, readType, readVariables } from './variables.ts'

const mostParameterBytes = 32_764

const linkage = new Set(['.visible', '.extern', '.weak', '.common'])

/** Parameters in parentheses, laid out one behind the other. */
const readParameters = (reader: Reader): readonly Parameter[] => {
  const parameters: Parameter[] = []
  let end = 0
  if (!reader.take('(') || reader.take(')')) return parameters
  do {
    if (reader.is('.reg')) throw new PtxError(reader.line, 'parameters in registers are not supported: they are passed as .param')
    reader.expect('.param')
    let align = readAlign(reader)
    const type = readType(reader)
    // What a pointer points at: of use to an optimiser only.
    if (reader.take('.ptr')) {
      while (reader.take('.global') || reader.take('.const') || reader.take('.shared') || reader.take('.local')) {}
      readAlign(reader)
    }
    align ??= bytesOf(type)
    const { text: name, line } = reader.kind('word', "a parameter's name")
    const count = readExtents(reader)
    if (count === null || type === 'pred') throw new PtxError(line, `parameter ${name} has no size`)
    const offset = Math.ceil(end / align) * align
    end = offset + count * bytesOf(type)
    if (end > mostParameterBytes) throw new PtxError(line, `parameters of more than ${mostParameterBytes} bytes`)
    parameters.push({ name, type, offset, count })
  } while (reader.take(','))
  reader.expect(')')
  return parameters
}

/** Launch bounds, between the parameters and the body. */
const readBounds = (reader: Reader): number | null => {
  let most: number | null = null
  for (;;) {
    if (reader.take('.maxntid') || reader.take('.reqntid')) {
      most = 1
      do most *= reader.count('a number of threads', 1024)
      while (reader.take(','))
    } else if (reader.take('.minnctapersm') || reader.take('.maxnreg') || reader.take('.maxclusterrank')) {
      reader.count('a bound', 2 ** 31)
    } else return most
  }
}

const readKernel = (reader: Reader): KernelCode => {
  const { text: name, line } = reader.kind('word', "a kernel's name")
  const parameters = readParameters(reader)
  const maxThreads = readBounds(reader)
  return { name, line, parameters, maxThreads, ...readBody(reader) }
}

/** A device function; `null` where it is only declared. */
const readFunction = (reader: Reader): FunctionCode | null => {
  const results = reader.is('(') ? readParameters(reader) : []
  const { text: name, line } = reader.kind('word', "a function's name")
  const parameters = readParameters(reader)
  reader.take('.noreturn')
  return reader.take(';') ? null : { name, line, results, parameters, ...readBody(reader) }
}

/** The first of several that share a name. */
const twiceIn = <T extends { readonly name: string }>(all: readonly T[]): T | undefined =>
  all.find(({ name }, k) => all.findIndex((other) => other.name === name) < k)

export const parsePtx = (text: string): Module => {
  const reader = new Reader(text)
  const kernels: KernelCode[] = []
  const functions: FunctionCode[] = []
  const variables: Variable[] = []
  let target: string | undefined
  while (!reader.done) {
    const { text: head, line } = reader.next()
    if (linkage.has(head)) continue
    switch (head) {
      case '.version':
        reader.kind('number', 'a version')
        break
      case '.target':
        target = reader.kind('word', 'a target').text
        while (reader.take(',')) reader.kind('word', 'an option of the target')
        break
      case '.address_size':
        if (reader.count('the size of addresses', 64) !== 64) throw new PtxError(line, 'addresses are of 64 bits')
        break
      case '.file':
        reader.count("a file's number", 2 ** 31)
        reader.kind('string', "a file's name")
        while (reader.take(',')) reader.kind('number', "a file's time or size")
        break
      case '.section':
        reader.next()
        reader.skipBraces()
        break
      case '.pragma':
        reader.kind('string', "a pragma's text")
        reader.expect(';')
        break
      case '.global':
        variables.push(...readVariables(reader, 'global'))
        break
      case '.const':
        variables.push(...readVariables(reader, 'const'))
        break
      case '.shared':
        variables.push(...readVariables(reader, 'shared'))
        break
      case '.entry':
        kernels.push(readKernel(reader))
        break
      case '.func': {
        const read = readFunction(reader)
        if (read) functions.push(read)
        break
      }
      default:
        throw new PtxError(line, `'${head}' begins no declaration that the emulator knows`)
    }
  }
  if (target === undefined) throw new PtxError(1, 'no .target: this is not PTX, or it is cut off')
  const twice = twiceIn([...kernels, ...functions])
  if (twice) throw new PtxError(twice.line, `${twice.name} is declared twice`)
  return { target, variables, kernels, functions: new Map(functions.map((one) => [one.name, one])) }
}
