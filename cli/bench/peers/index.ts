/** Whom our kernels can be timed beside: by name those that are known here, by a path anybody's module. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ArgumentError } from '../../../dsl/errors.ts'
import { nearest } from '../../../dsl/names.ts'
import type { Peer } from '../../../runtime/peer.ts'
import { CannotError } from '../../exit.ts'

interface PeerModule {
  readonly peer: Peer
}

/** A peer is a file here, and a row: the packages that it needs are its users' to install. */
const known: Readonly<Record<string, { readonly packages: string; readonly load: () => Promise<PeerModule> }>> = {
  plain: { packages: '', load: () => import('./plain.ts') },
  tfjs: { packages: '@tensorflow/tfjs-core @tensorflow/tfjs-backend-cpu', load: () => import('./tfjs.ts') },
  'jax-js': { packages: '@jax-js/jax', load: () => import('./jax.ts') },
}

export const peerNames = Object.keys(known)

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_MODULE_NOT_FOUND'

const isPeer = (value: unknown): value is Peer => {
  const { name, notes, prepare } = (value ?? {}) as Partial<Peer>
  return typeof name === 'string' && Array.isArray(notes) && typeof prepare === 'function'
}

const fromFile = async (path: string): Promise<Peer> => {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!isFile) throw new ArgumentError(`--peer ${path}: there is no such file`)
  let loaded: Partial<PeerModule>
  try {
    loaded = (await import(pathToFileURL(resolve(path)).href)) as Partial<PeerModule>
  } catch (error) {
    throw new ArgumentError(`--peer ${path}: it cannot be loaded: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (isPeer(loaded.peer)) return loaded.peer
  throw new ArgumentError(
    `--peer ${path}: it exports no peer; export const peer = { name, notes: [], prepare(job) { ... } }, as examples/peer.js shows`,
  )
}

/**
 * @param name - one of {@link peerNames}, or the path of a module that exports `peer`
 * @throws ArgumentError for a name that is none; CannotError where a peer's packages are not installed
 */
export const loadPeer = async (name: string): Promise<Peer> => {
  const row = Object.hasOwn(known, name) ? known[name] : undefined
  if (!row) {
    if (/[./\\]/.test(name)) return fromFile(name)
    const meant = nearest(name, peerNames)
    throw new ArgumentError(
      `--peer ${name}: ${meant ? `did you mean ${meant}?` : `there are ${peerNames.join(', ')}; a module of your own is named by its path`}`,
    )
  }
  try {
    return (await row.load()).peer
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new CannotError(`--peer ${name}: its packages are not installed: npm install ${row.packages}`)
  }
}
