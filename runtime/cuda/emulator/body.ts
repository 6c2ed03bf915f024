/** The body of a kernel or a function: registers, variables, labels, instructions. */
import { PtxError } from './errors.ts'
import type { Reader } from './lex.ts'
import { type Names, readOperand } from './operands.ts'
import type { Code, Instruction, Operand, Register, Variable } from './ptx.ts'
import type { ScalarType } from './types.ts'
import { readType, readVariables } from './variables.ts'

/** Registers are objects here, so that a number out of nowhere is refused before it is counted to. */
export const mostRegisters = 400_000

/** The body of a kernel or a function while it is being read. */
class Body implements Names {
  readonly registers: Register[] = []
  readonly variables: Variable[] = []
  readonly instructions: Instruction[] = []
  readonly labels = new Map<string, number>()
  readonly branchTables = new Map<string, readonly string[]>()
  /** Register names to numbers, and names of what calls pass to those of variables; the innermost scope last. */
  readonly scopes: { readonly registers: Map<string, number>; readonly passed: Map<string, string> }[] = []
  sourceLine: number | null = null

  constructor() {
    this.open()
  }

  open(): void {
    this.scopes.push({ registers: new Map(), passed: new Map() })
  }
  register(name: string): number | undefined {
    return this.scopes.findLast(({ registers }) => registers.has(name))?.registers.get(name)
  }
  variable(name: string): string {
    return this.scopes.findLast(({ passed }) => passed.has(name))?.passed.get(name) ?? name
  }

  declare(name: string, type: ScalarType, line: number): void {
    const scope = this.scopes.at(-1)!.registers
    if (scope.has(name)) throw new PtxError(line, `register ${name} is declared twice`)
    if (this.registers.length >= mostRegisters) throw new PtxError(line, `more than ${mostRegisters} registers`)
    scope.set(name, this.registers.length)
    this.registers.push({ name, type })
  }
  /**
   * What a call passes. It lies in local memory; calls follow one after the other and their names repeat, so that those of one
   * size share a place.
   */
  pass({ name, bytes, align, ...more }: Variable): void {
    const shared = `${name}:${bytes}:${align}`
    this.scopes.at(-1)!.passed.set(name, shared)
    if (this.variables.every((one) => one.name !== shared)) this.variables.push({ ...more, name: shared, bytes, align })
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
  const register = body.register(text)
  if (register === undefined || body.registers[register]!.type !== 'pred')
    throw new PtxError(line, `${text} guards an instruction, but is no predicate`)
  return { register, negated }
}

/** Names in parentheses. */
const readNames = (reader: Reader, body: Body): Operand => {
  const elements: Operand[] = []
  reader.expect('(')
  if (!reader.is(')'))
    do elements.push(readOperand(reader, body))
    while (reader.take(','))
  reader.expect(')')
  return { kind: 'vector', elements }
}

/** `call (result), function, (arguments);`: three operands, of which the outer ones are lists. */
const readCall = (reader: Reader, body: Body): readonly Operand[] => {
  const none: Operand = { kind: 'vector', elements: [] }
  const results = reader.is('(') ? readNames(reader, body) : none
  if (results !== none) reader.expect(',')
  const callee = readOperand(reader, body)
  const passed = reader.take(',') ? readNames(reader, body) : none
  if (reader.is(','))
    throw new PtxError(reader.line, 'a call through a pointer: the emulator calls functions by their names only')
  reader.expect(';')
  return [results, callee, passed]
}

const readInstruction = (reader: Reader, body: Body): void => {
  const ptxLine = reader.line
  const guard = readGuard(reader, body)
  const { text } = reader.kind('word', 'an instruction')
  const [opcode = '', ...modifiers] = text.split('.')
  if (opcode === 'call') {
    body.instructions.push({ opcode, modifiers, operands: readCall(reader, body), guard, ptxLine, sourceLine: body.sourceLine })
    return
  }
  const operands: Operand[] = []
  if (!reader.is(';')) {
    do operands.push(readOperand(reader, body))
    while (reader.take(','))
  }
  reader.expect(';')
  body.instructions.push({ opcode, modifiers, operands, guard, ptxLine, sourceLine: body.sourceLine })
}

const readLabel = (reader: Reader, body: Body): void => {
  const { text, line } = reader.next()
  reader.expect(':')
  if (body.labels.has(text) || body.branchTables.has(text)) throw new PtxError(line, `label ${text} is declared twice`)
  if (reader.is('.callprototype'))
    throw new PtxError(line, 'a call through a pointer: the emulator calls functions by their names only')
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
      body.open()
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
    case '.param':
      for (const variable of readVariables(reader, 'local')) body.pass(variable)
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

/** What stands in braces behind a kernel's or a function's head. */
export const readBody = (reader: Reader): Omit<Code, 'name' | 'line' | 'parameters'> => {
  const body = new Body()
  reader.expect('{')
  while (body.scopes.length > 1 || !reader.is('}')) {
    if (reader.take('}')) body.scopes.pop()
    else readStatement(reader, body)
  }
  reader.expect('}')
  const { registers, variables, instructions, labels, branchTables } = body
  return { registers, variables, instructions, labels, branchTables }
}
