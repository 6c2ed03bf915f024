/** Variables of PTX, `.shared .align 4 .b8 tile[1024];`, with their initial values. */
import { PtxError } from './errors.ts'
import type { Reader } from './lex.ts'
import { numberOf } from './operands.ts'
import type { Space, Variable } from './ptx.ts'
import { bytesOf, isFloat, isScalarType, type ScalarType } from './types.ts'

const mostBytes = 2 ** 28

/** `.b32` and the like. */
export const readType = (reader: Reader): ScalarType => {
  const { text, line } = reader.kind('directive', 'a type')
  const name = text.slice(1)
  if (isScalarType(name)) return name
  throw new PtxError(line, `${text} is no type that the emulator knows`)
}

/** `.align 16`, where it stands. */
export const readAlign = (reader: Reader): number | undefined => {
  if (!reader.take('.align')) return undefined
  const { line } = reader
  const align = reader.count('an alignment', 4096)
  if (align === 0 || (align & (align - 1)) !== 0) throw new PtxError(line, `an alignment is a power of two, not ${align}`)
  return align
}

/** The elements of `[4][8]`: 1 without brackets, `null` for `[]`. */
export const readExtents = (reader: Reader): number | null => {
  let elements = 1
  while (reader.take('[')) {
    if (reader.take(']')) return null
    elements *= reader.count('an extent', mostBytes)
    if (elements > mostBytes) throw new PtxError(reader.line, `a variable of more than ${mostBytes} elements`)
    reader.expect(']')
  }
  return elements
}

const writeNumber = (view: DataView, at: number, type: ScalarType, reader: Reader): void => {
  const negative = reader.take('-')
  const { text, line } = reader.kind('number', 'a number as initial value (addresses of variables are not supported)')
  const value = numberOf(text, negative, line)
  const bytes = bytesOf(type)
  if (value.kind === 'decimal' || (value.kind === 'float' ? value.width !== bytes * 8 : isFloat(type)))
    throw new PtxError(line, `${text} is no value of type .${type}`)
  const bits = BigInt.asUintN(64, value.kind === 'float' ? value.bits : value.value)
  for (let k = 0; k < bytes; k++) view.setUint8(at + k, Number((bits >> BigInt(8 * k)) & 0xffn))
}

const readInitial = (reader: Reader, type: ScalarType, size: number): Uint8Array => {
  const initial = new Uint8Array(size)
  const view = new DataView(initial.buffer)
  let at = 0
  const readOne = (): void => {
    if (at + bytesOf(type) > size) throw new PtxError(reader.line, 'more initial values than the variable has elements')
    writeNumber(view, at, type, reader)
    at += bytesOf(type)
  }
  // Nested braces follow the extents; since all are written out in full, only their order counts.
  let depth = 0
  do {
    while (reader.take('{')) depth++
    readOne()
    while (depth > 0 && reader.take('}')) depth--
  } while (depth > 0 && reader.take(','))
  if (depth > 0) throw new PtxError(reader.line, `'}' is expected after initial values, but '${reader.peek()?.text}' found`)
  return initial
}

/** What follows the space of a variable, up to the semicolon; several may share one declaration. */
export const readVariables = (reader: Reader, space: Space): readonly Variable[] => {
  const align = readAlign(reader)
  const type = readType(reader)
  const variables: Variable[] = []
  do {
    const { text: name, line } = reader.kind('word', "a variable's name")
    const elements = readExtents(reader)
    if (elements === null && space !== 'shared')
      throw new PtxError(line, `'${name}' has no extent: only shared memory may be dynamic`)
    const bytes = elements === null ? null : elements * bytesOf(type)
    if (bytes !== null && bytes > mostBytes) throw new PtxError(line, `'${name}' is larger than ${mostBytes} bytes`)
    const initial = bytes !== null && reader.take('=') ? readInitial(reader, type, bytes) : null
    if (initial && (space === 'shared' || space === 'local'))
      throw new PtxError(line, `'${name}' lies in ${space} memory, which has no initial values`)
    variables.push({ name, space, align: align ?? bytesOf(type), bytes, initial })
  } while (reader.take(','))
  reader.expect(';')
  return variables
}
