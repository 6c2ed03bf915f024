/**
 * The header of a .npy file: a magic number, a version, a length, and a Python dictionary as text. The dictionary is read by
 * a small strict parser that knows the three entries which the format allows, and nothing else of Python.
 */
import { FileError } from '../../dsl/errors.ts'

export interface NpyHeader {
  /** The type of a number, as NumPy writes it: byte order, kind, size. */
  readonly descr: string
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
  /** Where the numbers start. */
  readonly end: number
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
/** NumPy's own limit for headers that it trusts. */
const longestHeader = 10_000
/** NumPy's own limit for dimensions is 64. */
const mostDimensions = 64

export const isNpy = (bytes: Uint8Array): boolean => magic.every((byte, k) => bytes[k] === byte)

const again = "Save it again with numpy.save('FILE.npy', array)."

/** Reads a dictionary's text from left to right. */
class Reader {
  #at = 0
  readonly #text: string
  readonly #name: string

  constructor(text: string, name: string) {
    this.#text = text
    this.#name = name
  }

  fail(what: string): never {
    const rest = this.#text.slice(this.#at, this.#at + 30).trimEnd()
    throw new FileError(`${this.#name}: the header is wrong at '${rest}': ${what}. ${again}`)
  }

  /** The text that a sticky pattern matches here, after blanks. */
  #match(pattern: RegExp): RegExpExecArray | undefined {
    const blank = /[ \t]*/y
    blank.lastIndex = this.#at
    blank.exec(this.#text)
    pattern.lastIndex = blank.lastIndex
    const found = pattern.exec(this.#text) ?? undefined
    if (found) this.#at = pattern.lastIndex
    return found
  }

  take(symbol: '{' | '}' | '(' | ')' | ',' | ':'): boolean {
    return this.#match(new RegExp(`\\${symbol}`, 'y')) !== undefined
  }

  expect(symbol: '{' | '}' | '(' | ')' | ',' | ':'): void {
    if (!this.take(symbol)) this.fail(`'${symbol}' should stand there`)
  }

  string(what: string): string {
    const found = this.#match(/'([^'\\]*)'|"([^"\\]*)"/y)
    return found ? (found[1] ?? found[2] ?? '') : this.fail(`${what} should stand there, in quotes`)
  }

  boolean(): boolean {
    const found = this.#match(/(True|False)\b/y)
    return found ? found[1] === 'True' : this.fail('True or False should stand there')
  }

  size(): number {
    // Python 2 wrote an L after some integers.
    const found = this.#match(/(\d+)L?(?![\w.])/y)
    if (!found) return this.fail('a size, an integer of at least 0, should stand there')
    const size = Number(found[1])
    return Number.isSafeInteger(size) ? size : this.fail(`the size ${found[1]?.slice(0, 40)} is larger than any file`)
  }

  shape(): number[] {
    this.expect('(')
    const shape: number[] = []
    while (!this.take(')')) {
      if (shape.length === mostDimensions) this.fail(`a shape has at most ${mostDimensions} dimensions`)
      shape.push(this.size())
      if (!this.take(',')) {
        if (shape.length === 1) this.fail("the tuple of one size ends in ','")
        this.expect(')')
        break
      }
    }
    return shape
  }

  end(): void {
    if (this.#text.slice(this.#at).trim() !== '') this.fail('nothing should follow the dictionary')
  }
}

const readDictionary = (text: string, name: string): Omit<NpyHeader, 'end'> => {
  const reader = new Reader(text, name)
  let descr: string | undefined
  let fortranOrder: boolean | undefined
  let shape: readonly number[] | undefined
  reader.expect('{')
  while (!reader.take('}')) {
    const key = reader.string('a name')
    reader.expect(':')
    if (key === 'descr' && descr === undefined) descr = reader.string('a type of plain numbers')
    else if (key === 'fortran_order' && fortranOrder === undefined) fortranOrder = reader.boolean()
    else if (key === 'shape' && shape === undefined) shape = reader.shape()
    else reader.fail(`'${key.slice(0, 40)}' stands there twice, or is no part of a header`)
    if (!reader.take(',')) {
      reader.expect('}')
      break
    }
  }
  reader.end()
  if (descr === undefined || fortranOrder === undefined || shape === undefined)
    throw new FileError(`${name}: the header lacks one of descr, fortran_order and shape. ${again}`)
  return { descr, fortranOrder, shape }
}

/**
 * Reads the header of a .npy file.
 * @throws FileError where it is none
 */
export const readHeader = (bytes: Uint8Array, name: string): NpyHeader => {
  if (!isNpy(bytes)) throw new FileError(`${name}: does not start as a .npy file does. ${again}`)
  const [major, minor] = [bytes[6], bytes[7]]
  const lengthBytes = major === 1 ? 2 : 4
  if (bytes.length < 8 + lengthBytes) throw new FileError(`${name}: is cut off within its first bytes. ${again}`)
  if (major === undefined || major < 1 || major > 3 || minor !== 0)
    throw new FileError(`${name}: is of version ${major}.${minor} of the format; Poolwright reads 1.0, 2.0 and 3.0. ${again}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  const start = 8 + lengthBytes
  if (length > longestHeader)
    throw new FileError(`${name}: says that its header takes ${length} bytes; ${longestHeader} are the most. ${again}`)
  if (start + length > bytes.length)
    throw new FileError(`${name}: says that its header takes ${length} bytes, but ${bytes.length - start} follow. ${again}`)
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, start + length))
  return { ...readDictionary(text, name), end: start + length }
}
