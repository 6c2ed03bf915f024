/**
 * What a kernel takes of a multiprocessor, read from its binary: registers, local and shared memory, and where its parameters
 * lie. So occupancy is known before, and without, a device, and the packing of arguments can be checked against the compiler's.
 */
import { type ElfFile, type ElfSection, readElf, readSymbols } from './elf.ts'
import { CubinError } from './errors.ts'

export interface KernelParameter {
  /** Its place in the declaration, from 0. */
  readonly ordinal: number
  readonly offset: number
  readonly size: number
}

export interface KernelResources {
  readonly name: string
  /** Of one thread. */
  readonly registers: number
  /** Local memory of one thread in bytes: its arrays, and what did not fit into registers. */
  readonly frame: number
  /** Shared memory that the kernel declares, in bytes; without what the system reserves for each block. */
  readonly shared: number
  /** What `__launch_bounds__` allows, by dimension; absent where the kernel has none. */
  readonly maxThreads?: readonly [number, number, number]
  readonly parameters: readonly KernelParameter[]
  /** Of all parameters together. */
  readonly parameterBytes: number
  /** Of machine code. */
  readonly codeBytes: number
}

export interface Cubin {
  /** What it is compiled for: 80 for sm_80. */
  readonly arch: number
  readonly kernels: readonly KernelResources[]
}

const cudaMachine = 190
/** From this ABI version on, the flags hold the architecture one byte further up. */
const abiWithArchInSecondByte = 8
/** From sm_90 on, a section of shared memory counts what the system reserves too. */
const archWithReserve = 90
const reservedShared = 1024

/** The attributes that we read, by their number in `.nv.info` records. */
const attribute = {
  maxThreads: 0x05,
  frameSize: 0x11,
  parameter: 0x17,
  parameterBytes: 0x19,
  registerCount: 0x2f,
} as const

/** A record's format in which a length stands in its u16 and the value follows; in others the u16 is the value. */
const formatSized = 4

interface InfoRecord {
  readonly attribute: number
  /** Where the value is, and its bytes. */
  readonly at: number
  readonly size: number
}

const recordsOf = ({ view }: ElfFile, { name, offset, size }: ElfSection): InfoRecord[] => {
  const records: InfoRecord[] = []
  const end = offset + size
  for (let at = offset; at < end; ) {
    view.within(at, 4, name)
    const sized = view.u8(at, name) === formatSized
    const word = view.u16(at + 2, name)
    const record = {
      attribute: view.u8(at + 1, name),
      at: sized ? at + 4 : at + 2,
      size: sized ? word : 2,
    }
    if (record.at + record.size > end)
      throw new CubinError(`the cubin is torn: a record of ${name} at ${at} leaves its section. Compile it anew.`)
    records.push(record)
    at = record.at + record.size
  }
  return records
}

/** A word of a record's value, which must be long enough. */
const wordOf = ({ view }: ElfFile, { at, size }: InfoRecord, word: number, what: string): number => {
  if (size < word * 4 + 4) throw new CubinError(`the cubin is torn: ${what} has ${size} bytes only. Compile it anew.`)
  return view.u32(at + word * 4, what)
}

/** What `.nv.info` says of symbols: helper functions have entries there too, so each is kept by its symbol's name. */
const countsBySymbol = (file: ElfFile): Record<'registers' | 'frames', ReadonlyMap<string, number>> => {
  const registers = new Map<string, number>()
  const frames = new Map<string, number>()
  const section = file.sections.find(({ name }) => name === '.nv.info')
  const symbols = readSymbols(file)
  for (const record of section ? recordsOf(file, section) : []) {
    if (record.attribute !== attribute.registerCount && record.attribute !== attribute.frameSize) continue
    const symbol = symbols[wordOf(file, record, 0, '.nv.info')]
    const counts = record.attribute === attribute.registerCount ? registers : frames
    if (symbol !== undefined) counts.set(symbol, wordOf(file, record, 1, '.nv.info'))
  }
  return { registers, frames }
}

type Launch = Pick<KernelResources, 'maxThreads' | 'parameters' | 'parameterBytes'>

/** What `.nv.info.KERNEL` says of how it is launched. */
const launchOf = (file: ElfFile, section: ElfSection | undefined): Launch => {
  const parameters: KernelParameter[] = []
  let parameterBytes = 0
  let maxThreads: readonly [number, number, number] | undefined
  if (section === undefined) return { parameters, parameterBytes }
  const word = (record: InfoRecord, index: number) => wordOf(file, record, index, section.name)
  for (const record of recordsOf(file, section)) {
    switch (record.attribute) {
      case attribute.parameterBytes:
        parameterBytes = file.view.u16(record.at, section.name)
        break
      case attribute.maxThreads:
        maxThreads = [word(record, 0), word(record, 1), word(record, 2)]
        break
      case attribute.parameter:
        parameters.push({
          ordinal: word(record, 1) & 0xffff,
          offset: word(record, 1) >>> 16,
          size: word(record, 2) >>> 18,
        })
        break
    }
  }
  parameters.sort((a, b) => a.ordinal - b.ordinal)
  return { parameters, parameterBytes, ...(maxThreads && { maxThreads }) }
}

/**
 * Reads a binary that NVRTC made, of CUDA 11 or later.
 * @throws CubinError for anything else, and for one that is torn
 */
export const readCubin = (bytes: Uint8Array): Cubin => {
  const file = readElf(bytes)
  if (file.machine !== cudaMachine)
    throw new CubinError(`this ELF file is for machine ${file.machine}, and so no cubin: CUDA's is ${cudaMachine}`)
  const arch = (file.abiVersion >= abiWithArchInSecondByte ? file.flags >>> 8 : file.flags) & 0xff
  const { registers, frames } = countsBySymbol(file)
  const sections = new Map(file.sections.map((section) => [section.name, section]))
  const kernels = file.sections
    .filter(({ name }) => name.startsWith('.text.'))
    .map((text): KernelResources => {
      const name = text.name.slice('.text.'.length)
      const shared = sections.get(`.nv.shared.${name}`)?.size ?? 0
      return {
        name,
        registers: registers.get(name) ?? 0,
        frame: frames.get(name) ?? 0,
        shared: Math.max(0, shared - (arch >= archWithReserve ? reservedShared : 0)),
        ...launchOf(file, sections.get(`.nv.info.${name}`)),
        codeBytes: text.size,
      }
    })
  return { arch, kernels }
}
