/**
 * Who tunes. A kernel is compiled the same way everywhere; candidates are tried, and results kept, by what a platform has: Node
 * processes and files, a page itself and its database. Neither is loaded before somebody tunes.
 */
import { moduleBeside } from '../beside.ts'
import type { TuneBoth } from './on-compile.ts'

export const providedTuner = async (): Promise<TuneBoth> => {
  if (typeof process === 'undefined' || !process.versions?.node) return (await import('./page.ts')).tuneBoth
  // No bundler may follow it: a page has neither processes nor files.
  const ofNode = moduleBeside(import.meta.url, './node/on-compile')
  return ((await import(/* @vite-ignore */ ofNode)) as { readonly tuneBoth: TuneBoth }).tuneBoth
}
