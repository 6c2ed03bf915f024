/**
 * A site on this machine alone: WebGPU exists on secure pages, and those are pages of https or of a loopback address. Files are
 * in memory, or in folders that are named.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize, sep } from 'node:path'

export interface Site {
  /** By path, as `/main.js`. */
  readonly files: ReadonlyMap<string, string | Uint8Array>
  /** Folders of this machine by the path that they are shown under, as `/golden/`. */
  readonly folders?: ReadonlyMap<string, string>
}

export interface Served extends AsyncDisposable {
  /** As `http://127.0.0.1:49152`. */
  readonly origin: string
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
}

const headers = {
  // A page that shares nothing with others has a clock of five microseconds; others have one of a hundred.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cache-Control': 'no-store',
}

const emptyPage = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Poolwright</title>'

/** What stands at a path; `undefined` where nothing does. */
const find = async ({ files, folders = new Map() }: Site, path: string): Promise<string | Uint8Array | undefined> => {
  const file = files.get(path)
  if (file !== undefined) return file
  for (const [prefix, folder] of folders) {
    if (!path.startsWith(prefix)) continue
    const below = normalize(path.slice(prefix.length))
    if (below.startsWith('..') || below.startsWith(sep)) return undefined
    return readFile(join(folder, below)).catch(() => undefined)
  }
  return path === '/' ? emptyPage : undefined
}

/** Serves a site at a free port until it is disposed of. Where it has no `/`, that is a page with nothing on it. */
export const serve = async (site: Site): Promise<Served> => {
  const answer: RequestListener = async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const found = await find(site, path)
    const type = types[extname(path) || '.html'] ?? 'application/octet-stream'
    response.writeHead(found === undefined ? 404 : 200, { ...headers, 'Content-Type': type }).end(found)
  }
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise<void>((resolve, reject) => void server.once('listening', resolve).once('error', reject))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
