/**
 * Binaries in the store, by what they are made of: a kernel is compiled once a machine, not once a program. Where the store
 * has nothing, or cannot be read or written, all works, and is compiled each time.
 */
import { hashOf, nameOf } from '../store/hash.ts'
import { type Fields, folders, type Store } from '../store/store.ts'
import { type Compiled, type CompileOptions, type Compiler, nameOf as fileNameOf, flagsOf } from './nvrtc/options.ts'

/** Raised when a value gets another form, or compiling another meaning: what was kept before is then never met. */
const format = 1

/**
 * What a binary is made of: the same text and options under the same NVRTC give the same binary. Files that the text includes
 * are not followed: ours includes none.
 */
const fieldsOf = async (version: Compiler['version'], source: string, options: CompileOptions): Promise<Fields> => ({
  format,
  nvrtc: version.join('.'),
  flags: flagsOf(options),
  file: fileNameOf(options),
  source: await hashOf(source),
})

/** The parts of a value, each after its length. */
const encode = ({ ptx, cubin, log, ptxasLog }: Compiled): Uint8Array => {
  const parts = [Buffer.from(ptx), cubin, Buffer.from(log), Buffer.from(ptxasLog)]
  const lengths = Buffer.alloc(4 * parts.length)
  parts.forEach((part, index) => {
    lengths.writeUInt32LE(part.length, 4 * index)
  })
  return Buffer.concat([lengths, ...parts])
}

const decode = (value: Uint8Array): Compiled | undefined => {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const head = 4 * 4
  if (bytes.length < head) return undefined
  const lengths = [0, 4, 8, 12].map((at) => bytes.readUInt32LE(at))
  if (lengths.reduce((sum, length) => sum + length, head) !== bytes.length) return undefined
  let at = head
  const next = (): Buffer => {
    const from = at
    at += lengths.shift()!
    return bytes.subarray(from, at)
  }
  return { ptx: next().toString(), cubin: new Uint8Array(next()), log: next().toString(), ptxasLog: next().toString() }
}

/** A compiler that compiles what it has not met: neither in this store, nor in a call that is still under way. */
export const cachedCompiler = (compiler: Compiler, store: Store): Compiler => {
  const underWay = new Map<string, Promise<Compiled>>()
  const make = async (name: string, fields: Fields, source: string, options: CompileOptions): Promise<Compiled> => {
    const known = await store.get(folders.binaries, name)
    const whole = known && decode(known.value)
    if (whole) return whole
    const compiled = await compiler.compile(source, options)
    await store.put(folders.binaries, name, { fields, value: encode(compiled) })
    return compiled
  }
  return {
    version: compiler.version,
    async compile(source, options) {
      const fields = await fieldsOf(compiler.version, source, options)
      const name = await nameOf(fields)
      const making = underWay.get(name) ?? make(name, fields, source, options).finally(() => underWay.delete(name))
      underWay.set(name, making)
      return making
    },
  }
}
