/**
 * Sections and symbols of a 64-bit little-endian ELF file, which is what a cubin is. The file may be torn or made up: every
 * offset and size in it is held against its length before it is followed.
 */
import { CubinError } from './errors.ts'

export interface ElfSection {
  readonly name: string
  readonly type: number
  readonly offset: number
  readonly size: number
  /** Of a symbol table: the index of its strings. */
  readonly link: number
}

export interface ElfFile {
  readonly machine: number
  readonly flags: number
  readonly abiVersion: number
  readonly sections: readonly ElfSection[]
  readonly view: ElfView
}

/** Of sections and symbols: as many names as a file claims are each looked through no further than this for their end. */
const longestName = 1 << 16

/** Numbers of a file by offset, each within its bounds. */
export class ElfView {
  readonly length: number
  private readonly bytes: Uint8Array
  private readonly data: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.length = bytes.length
    this.data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** @throws CubinError where the range leaves the file */
  within(offset: number, size: number, what: string): void {
    if (offset < 0 || size < 0 || offset + size > this.length)
      throw new CubinError(
        `the cubin is torn: ${what} should be ${size} bytes at ${offset}, but the file ends at ${this.length}. Compile it anew.`,
      )
  }

  u8(offset: number, what: string): number {
    this.within(offset, 1, what)
    return this.data.getUint8(offset)
  }

  u16(offset: number, what: string): number {
    this.within(offset, 2, what)
    return this.data.getUint16(offset, true)
  }

  u32(offset: number, what: string): number {
    this.within(offset, 4, what)
    return this.data.getUint32(offset, true)
  }

  /** Offsets and sizes are 64 bits wide; beyond 2^53 none can lie in a file, and rounding one keeps it outside. */
  u64(offset: number, what: string): number {
    this.within(offset, 8, what)
    return Number(this.data.getBigUint64(offset, true))
  }

  /** The text up to a NUL, which must come before `end`. */
  text(offset: number, end: number, what: string): string {
    this.within(offset, end - offset, what)
    const room = this.bytes.subarray(offset, Math.min(end, offset + longestName))
    const nul = room.indexOf(0)
    if (nul < 0) throw new CubinError(`the cubin is torn: ${what} at ${offset} does not end. Compile it anew.`)
    return new TextDecoder().decode(room.subarray(0, nul))
  }
}

const magic = 0x464c457f
const class64 = 2
const littleEndian = 1
const sectionHeaderBytes = 64
/** A section that takes no room in the file (SHT_NOBITS), however large it is. */
const noBits = 8

/** @throws CubinError for bytes that are no such ELF file */
export const readElf = (bytes: Uint8Array): ElfFile => {
  const view = new ElfView(bytes)
  if (bytes.length < 64 || view.u32(0, 'magic') !== magic)
    throw new CubinError('these bytes are no ELF file, and so no cubin: a cubin begins with 7f 45 4c 46')
  if (view.u8(4, 'class') !== class64 || view.u8(5, 'byte order') !== littleEndian)
    throw new CubinError('this ELF file is not 64 bits wide and little-endian, as a cubin is')
  const table = view.u64(40, 'section table')
  const each = view.u16(58, 'section header size')
  const count = view.u16(60, 'section count')
  const namesIndex = view.u16(62, 'section names')
  if (count > 0 && each < sectionHeaderBytes)
    throw new CubinError(`the cubin is torn: a section header cannot have ${each} bytes. Compile it anew.`)
  view.within(table, count * each, 'section table')

  const headers = Array.from({ length: count }, (_, index) => {
    const at = table + index * each
    const header = {
      name: view.u32(at, 'section'),
      type: view.u32(at + 4, 'section'),
      offset: view.u64(at + 24, 'section'),
      size: view.u64(at + 32, 'section'),
      link: view.u32(at + 40, 'section'),
    }
    if (header.type !== noBits) view.within(header.offset, header.size, `section ${index}`)
    return header
  })
  const names = headers[namesIndex]
  if (count > 0 && (names === undefined || names.type === noBits))
    throw new CubinError(`the cubin is torn: section ${namesIndex}, which should hold names, is not there. Compile it anew.`)
  const sections = headers.map((header) => ({
    ...header,
    name: names ? view.text(names.offset + header.name, names.offset + names.size, 'section name') : '',
  }))
  return {
    machine: view.u16(18, 'machine'),
    flags: view.u32(48, 'flags'),
    abiVersion: view.u8(8, 'ABI version'),
    sections,
    view,
  }
}

const symbolTable = 2
const symbolBytes = 24

/** The names of the file's symbols by index; empty where it has no symbol table. */
export const readSymbols = ({ sections, view }: ElfFile): readonly string[] => {
  const symbols = sections.find((section) => section.type === symbolTable)
  if (symbols === undefined) return []
  const strings = sections[symbols.link]
  if (strings === undefined || strings.type === noBits)
    throw new CubinError(`the cubin is torn: section ${symbols.link}, which should name symbols, is not there. Compile it anew.`)
  const end = strings.offset + strings.size
  return Array.from({ length: Math.floor(symbols.size / symbolBytes) }, (_, index) =>
    view.text(strings.offset + view.u32(symbols.offset + index * symbolBytes, 'symbol'), end, 'symbol name'),
  )
}
