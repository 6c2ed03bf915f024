/**
 * Folders to run spec modules from, beside the packages that they import, so that Node finds these. They go when they were used,
 * with the process where that ends before, and a day after a process that was killed.
 */
import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { makeFolder } from '../node/make-folder.ts'

/** A folder to run from. */
export interface Place {
  readonly folder: string
  /** The address of what an import names there. @throws what the import would throw */
  readonly find: (specifier: string) => string
}

/** The place to run a file from: one for all files with the same packages. */
export type PlaceOf = (file: string) => Promise<Place>

const prefix = 'spec-'
const day = 24 * 60 * 60 * 1000

/** What Node answers to this is of the module that asks. */
const asking = 'export const find = (specifier) => import.meta.resolve(specifier)\n'

/** Removes what killed processes left; where another process is at it too, it may. */
const sweep = async (cache: string): Promise<void> => {
  const folders = (await readdir(cache)).filter((name) => name.startsWith(prefix)).map((name) => join(cache, name))
  const removeOld = async (folder: string): Promise<void> => {
    if (Date.now() - (await stat(folder)).mtimeMs > day) await rm(folder, { recursive: true, force: true })
  }
  await Promise.allSettled(folders.map(removeOld))
}

/** In the packages' cache, or else among the system's own. */
const makeScratchFolder = async (packages: string | undefined): Promise<string> => {
  const elsewhere = (): Promise<string> => mkdtemp(join(tmpdir(), `poolwright-${prefix}`))
  if (packages === undefined) return elsewhere()
  const cache = join(packages, '.cache/poolwright')
  try {
    await makeFolder(cache)
    await sweep(cache)
    return await mkdtemp(join(cache, prefix))
  } catch {
    // Packages may be where nobody writes; a spec that imports none but ours runs anywhere.
    return elsewhere()
  }
}

/** The nearest packages above a file. */
const packagesOf = (file: string): string | undefined => {
  const homes: string[] = []
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) homes.push(join(folder, 'node_modules'))
  return homes.find((home) => existsSync(home))
}

/** The folders of this process. */
const used = new Set<string>()
const removeUsed = (): void => {
  for (const folder of used) rmSync(folder, { recursive: true, force: true })
}

const makePlace = async (packages: string | undefined): Promise<Place> => {
  const folder = await makeScratchFolder(packages)
  if (used.size === 0) process.once('exit', removeUsed)
  used.add(folder)
  const module = join(folder, 'find.mjs')
  await writeFile(module, asking)
  const { find } = (await import(pathToFileURL(module).href)) as Pick<Place, 'find'>
  return { folder, find }
}

/** Does work that needs places to run files from. */
export const withScratch = async <T>(work: (placeOf: PlaceOf) => Promise<T>): Promise<T> => {
  const places = new Map<string | undefined, Promise<Place>>()
  const placeOf: PlaceOf = (file) => {
    const packages = packagesOf(file)
    const place = places.get(packages) ?? makePlace(packages)
    places.set(packages, place)
    return place
  }
  try {
    return await work(placeOf)
  } finally {
    for (const { folder } of await Promise.all(places.values())) {
      await rm(folder, { recursive: true, force: true })
      used.delete(folder)
    }
    if (used.size === 0) process.off('exit', removeUsed)
  }
}
