/** Who tunes. A kernel is compiled the same way everywhere, but trying candidates needs processes and files: Node has them. */
import { ArgumentError } from '../../dsl/errors.ts'
import { moduleBeside } from '../beside.ts'
import type { PinnedEach } from '../pinned.ts'
import type { Problem } from './subject.ts'
import type { Tuning } from './tuning.ts'

/** How far to go: what is remembered, or a search of seconds or minutes where nothing is. */
export type Effort = 'cached' | 'quick' | 'full'

/** Finds schedules for both directions; an empty one where nothing better than the default is known. */
export type TuneBoth = (
  tuning: Tuning,
  problem: Omit<Problem, 'direction' | 'pinned'>,
  pinned: Required<PinnedEach>,
  effort: Effort,
) => Promise<PinnedEach>

/** @throws ArgumentError where no tuner is made for the platform */
export const providedTuner = async (): Promise<TuneBoth> => {
  if (typeof process === 'undefined' || !process.versions?.node)
    throw new ArgumentError('kernels are tuned in Node only: leave tune out, or pin a schedule that was found there')
  // No bundler may follow it: a page has neither processes nor files.
  const ofNode = moduleBeside(import.meta.url, './node/on-compile')
  return ((await import(/* @vite-ignore */ ofNode)) as { readonly tuneBoth: TuneBoth }).tuneBoth
}
