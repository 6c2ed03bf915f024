/**
 * Binaries on disk, by what they are made of: a kernel is compiled once a machine, not once a program. An entry is one file,
 * whole or not there, that proves itself by a checksum; what is torn is a miss, and the next compilation heals it. Where the
 * folder cannot be read or written, all works, and is compiled each time.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Compiled, type CompileOptions, type Compiler, flagsOf, nameOf } from './nvrtc/options.ts'

/** Raised when entries get another format, or compiling another meaning: entries of before are then never met. */
const format = 1

/** The folder of all caches: the one given, `POOLWRIGHT_CACHE`, or the user's own. */
export const cacheFolder = (given?: string, environment: Readonly<Record<string, string | undefined>> = process.env): string => {
  const { POOLWRIGHT_CACHE, XDG_CACHE_HOME } = environment
  return resolve(given ?? (POOLWRIGHT_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'poolwright')))
}

/**
 * What a binary is made of, as one name: the same text and options under the same NVRTC give the same binary. Files that the
 * text includes are not followed: ours includes none.
 */
export const cacheKey = (version: readonly [number, number], source: string, options: CompileOptions): string => {
  const parts = JSON.stringify([format, version, flagsOf(options), nameOf(options), source])
  return createHash('sha256').update(parts).digest('hex')
}

const magic = Buffer.from('poolwright cuda\n')
const checksumBytes = 32
/** Larger than any binary of ours: what claims more is not read at all. */
const mostBytes = 256 << 20

/** The checksum covers the key too, so that a file under another's name is no entry. */
const checksum = (key: string, body: Uint8Array): Buffer => createHash('sha256').update(key).update(body).digest()

const encode = (key: string, { ptx, cubin, log, ptxasLog }: Compiled): Buffer => {
  const parts = [Buffer.from(ptx), cubin, Buffer.from(log), Buffer.from(ptxasLog)]
  const lengths = Buffer.alloc(4 * parts.length)
  parts.forEach((part, index) => {
    lengths.writeUInt32LE(part.length, 4 * index)
  })
  const body = Buffer.concat([lengths, ...parts])
  return Buffer.concat([magic, checksum(key, body), body])
}

const decode = (key: string, bytes: Buffer): Compiled | undefined => {
  const start = magic.length + checksumBytes
  const body = bytes.subarray(start)
  if (!bytes.subarray(0, magic.length).equals(magic)) return undefined
  if (!bytes.subarray(magic.length, start).equals(checksum(key, body))) return undefined
  let at = 4 * 4
  const part = (index: number): Buffer => {
    const from = at
    at += body.readUInt32LE(4 * index)
    return body.subarray(from, at)
  }
  const [ptx, cubin, log, ptxasLog] = [part(0), part(1), part(2), part(3)]
  return { ptx: `${ptx}`, cubin: new Uint8Array(cubin), log: `${log}`, ptxasLog: `${ptxasLog}` }
}

/** Entries in a folder. Programs that share it do not disturb each other. */
export class BinaryCache {
  readonly folder: string

  /** @param folder - where entries are; `cacheFolder` gives the usual one. It is made when something is first kept. */
  constructor(folder: string = cacheFolder()) {
    this.folder = join(folder, 'cuda')
  }

  private pathOf(key: string): string {
    return join(this.folder, `${key}.bin`)
  }

  /** The entry, or `undefined` where there is none that proves itself; what does not is removed. */
  async get(key: string): Promise<Compiled | undefined> {
    const path = this.pathOf(key)
    try {
      if ((await stat(path)).size <= mostBytes) {
        const entry = decode(key, await readFile(path))
        if (entry !== undefined) return entry
      }
      await rm(path, { force: true })
    } catch {
      // Not there, not readable, or not removable: to compile is always right.
    }
    return undefined
  }

  /** Keeps an entry; gives the reason where it cannot be kept. */
  async put(key: string, compiled: Compiled): Promise<Error | undefined> {
    const temporary = join(this.folder, `.${key}.${randomBytes(6).toString('hex')}`)
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 })
      const file = await open(temporary, 'wx', 0o600)
      try {
        await file.writeFile(encode(key, compiled))
        // A name must never reach the disk before its content does.
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, this.pathOf(key))
      return undefined
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      return error instanceof Error ? error : new Error(String(error))
    }
  }
}

/** A compiler that compiles what it has not met: neither on this disk, nor in a call that is still under way. */
export const cachedCompiler = (compiler: Compiler, cache: BinaryCache): Compiler => {
  const underWay = new Map<string, Promise<Compiled>>()
  const make = async (key: string, source: string, options: CompileOptions): Promise<Compiled> => {
    const known = await cache.get(key)
    if (known) return known
    const compiled = await compiler.compile(source, options)
    await cache.put(key, compiled)
    return compiled
  }
  return {
    version: compiler.version,
    async compile(source, options) {
      const key = cacheKey(compiler.version, source, options)
      const making = underWay.get(key) ?? make(key, source, options).finally(() => underWay.delete(key))
      underWay.set(key, making)
      return making
    },
  }
}
