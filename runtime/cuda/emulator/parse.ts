/**
 * PTX text to a module. Strict: a statement, directive or name that is not known is an error with its line, since a parser
 * that skips what it does not know gives plausible, wrong results.
 */
import { PtxError } from './errors.ts'
import { Reader } from './lex.ts'
import { readOperand } from './operands.ts'
import type { Instruction, KernelCode, Module, Operand, Parameter, Register, Variable } from './ptx.ts'
import { bytesOf, type ScalarType } from './types.ts'
import { readAlign, readExtents, readType, readVariables } from './variables.ts'

/** WebAssembly engines take 50,000 locals a function. */
const mostRegisters = 40_000
const mostParameterBytes = 32_764

const linkage = new Set(['.visible', '.extern', '.weak', '.common'])

/** A kernel's body while it is being read. */
class Body {
  readonly registers: Register[] = []
  readonly variables: Variable[] = []
  readonly instructions: Instruction[] = []
  readonly labels = new Map<string, number>()
  readonly branchTables = new Map<string, readonly string[]>()
  /** Register names to numbers, the innermost scope last. */
  readonly scopes: Map<string, number>[] = [new Map()]
  sourceLine: number | null = null

  readonly find = (name: string): number | undefined => {
    for (let k = this.scopes.length - 1; k >= 0; k--) {
      const found = this.scopes[k]!.get(name)
      if (found !== undefined) return found
    }
    return undefined
  }

  declare(name: string, type: ScalarType, line: number): void {
    const scope = this.scopes.at(-1)!
    if (scope.has(name)) throw new PtxError(line, `register ${name} is declared twice`)
    if (this.registers.length >= mostRegisters) throw new PtxError(line, `more than ${mostRegisters} registers`)
    scope.set(name, this.registers.length)
    this.registers.push({ name, type })
  }
}

/** `.reg .b32 %r<12>, %t;` */
const readRegisters = (reader: Reader, body: Body): void => {
  const type = readType(reader)
  do {
    const { text, line } = reader.kind('word', "a register's name")
    if (reader.take('<')) {
      const count = reader.count('the number of registers', mostRegisters)
      reader.expect('>')
      for (let k = 0; k < count; k++) body.declare(`${text}${k}`, type, line)
    } else body.declare(text, type, line)
  } while (reader.take(','))
  reader.expect(';')
}

/** `.loc file line column[, function_name label[+offset], inlined_at file line column]`: the file's own line wins. */
const readLocation = (reader: Reader): number => {
  const file = reader.count('a file', 2 ** 31)
  const line = reader.count('a line', 2 ** 31)
  reader.count('a column', 2 ** 31)
  if (!reader.take(',')) return line
  reader.expect('function_name')
  reader.kind('word', 'a label')
  if (reader.take('+')) reader.count('an offset', 2 ** 31)
  reader.expect(',')
  reader.expect('inlined_at')
  const outerFile = reader.count('a file', 2 ** 31)
  const outer = reader.count('a line', 2 ** 31)
  reader.count('a column', 2 ** 31)
  return file === outerFile ? line : outer
}

const readGuard = (reader: Reader, body: Body): Instruction['guard'] => {
  if (!reader.take('@')) return null
  const negated = reader.take('!')
  const { text, line } = reader.kind('word', 'a predicate')
  const register = body.find(text)
  if (register === undefined || body.registers[register]!.type !== 'pred')
    throw new PtxError(line, `${text} guards an instruction, but is no predicate`)
  return { register, negated }
}

const readInstruction = (reader: Reader, body: Body): void => {
  const ptxLine = reader.line
  const guard = readGuard(reader, body)
  const { text, line } = reader.kind('word', 'an instruction')
  const [opcode = '', ...modifiers] = text.split('.')
  // Calls have a syntax of their own; the translator refuses them by the name of what they call.
  if (opcode === 'call') {
    const named: string[] = []
    while (!reader.is(';')) named.push(reader.next().text)
    const callee = named.filter((word) => /^[a-zA-Z_$][\w$]*$/.test(word) && !/^(?:param|retval)\d*$/.test(word))[0]
    throw new PtxError(line, `a call of '${callee ?? '?'}': the emulator has no calls, declare the function __forceinline__`)
  }
  const operands: Operand[] = []
  if (!reader.is(';')) {
    do operands.push(readOperand(reader, body.find))
    while (reader.take(','))
  }
  reader.expect(';')
  body.instructions.push({ opcode, modifiers, operands, guard, ptxLine, sourceLine: body.sourceLine })
}

const readLabel = (reader: Reader, body: Body): void => {
  const { text, line } = reader.next()
  reader.expect(':')
  if (body.labels.has(text) || body.branchTables.has(text)) throw new PtxError(line, `label ${text} is declared twice`)
  if (!reader.take('.branchtargets')) {
    body.labels.set(text, body.instructions.length)
    return
  }
  const targets: string[] = []
  do targets.push(reader.kind('word', 'a label').text)
  while (reader.take(','))
  reader.expect(';')
  body.branchTables.set(text, targets)
}

const readStatement = (reader: Reader, body: Body): void => {
  const token = reader.peek()
  if (token?.text === '@') {
    readInstruction(reader, body)
    return
  }
  if (token?.kind === 'word') {
    reader.peek(1)?.text === ':' ? readLabel(reader, body) : readInstruction(reader, body)
    return
  }
  const { text, line } = reader.next()
  switch (text) {
    case '{':
      body.scopes.push(new Map())
      return
    case ';':
      return
    case '.reg':
      readRegisters(reader, body)
      return
    case '.local':
      body.variables.push(...readVariables(reader, 'local'))
      return
    case '.shared':
      body.variables.push(...readVariables(reader, 'shared'))
      return
    case '.loc':
      body.sourceLine = readLocation(reader)
      return
    case '.pragma':
      reader.kind('string', "a pragma's text")
      reader.expect(';')
      return
    default:
      throw new PtxError(line, `'${text}' begins no statement that the emulator knows`)
  }
}

const readParameters = (reader: Reader): readonly Parameter[] => {
  const parameters: Parameter[] = []
  let end = 0
  if (!reader.take('(') || reader.take(')')) return parameters
  do {
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
  const body = new Body()
  reader.expect('{')
  while (body.scopes.length > 1 || !reader.is('}')) {
    if (reader.take('}')) body.scopes.pop()
    else readStatement(reader, body)
  }
  reader.expect('}')
  const { registers, variables, instructions, labels, branchTables } = body
  return { name, line, parameters, registers, variables, instructions, labels, branchTables, maxThreads }
}

/** A device function: only what calls it matters, and calls are refused where they stand. */
const skipFunction = (reader: Reader): void => {
  while (!reader.is('{') && !reader.is(';')) reader.next()
  if (!reader.take(';')) reader.skipBraces()
}

export const parsePtx = (text: string): Module => {
  const reader = new Reader(text)
  const kernels: KernelCode[] = []
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
      case '.func':
        skipFunction(reader)
        break
      default:
        throw new PtxError(line, `'${head}' begins no declaration that the emulator knows`)
    }
  }
  if (target === undefined) throw new PtxError(1, 'no .target: this is not PTX, or it is cut off')
  const twice = kernels.find(({ name }, k) => kernels.findIndex((other) => other.name === name) < k)
  if (twice) throw new PtxError(twice.line, `kernel ${twice.name} is declared twice`)
  return { target, variables, kernels }
}
