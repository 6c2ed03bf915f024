/** In a page: kernels that are tuned when they are compiled, and what the page's database keeps of it. */

import { IndexedDbStore } from '../../../runtime/store/indexed-db.ts'
import type { IdbFactory } from '../../../runtime/store/indexed-db-types.ts'
import { folders } from '../../../runtime/store/store.ts'
import type { Target } from '../../../runtime/target.ts'
import { openWebGpu } from '../../../runtime/webgpu/index.ts'
import { avgPool } from '../../../specs/index.ts'
import { fewCandidates } from '../../webgpu/few-candidates.ts'

const input = [1, 2, 8, 8]
const x = { shape: input, data: Float32Array.from({ length: 128 }, (_, k) => k) }

/** The entries of the page's database, by whether they are of candidates. */
const remembered = async () => {
  const { indexedDB } = globalThis as unknown as { readonly indexedDB: IdbFactory }
  const listed = await new IndexedDbStore(indexedDB).list(folders.tuning)
  return { candidates: listed.filter(({ name }) => name.startsWith('c-')).length, entries: listed.length }
}

/** How often places are opened where candidates are tried. */
const countingOpens = (target: Target): { readonly target: Target; readonly count: () => number } => {
  let opens = 0
  const { tuning } = target
  const open = () => {
    opens++
    return tuning!.open()
  }
  return { target: { ...target, tuning: { ...tuning!, open } }, count: () => opens }
}

/** Compiles a shader with tuning, and tells what it computes, what was opened for it, and what is remembered now. */
export const shaders = async (tune: 'quick' | 'cached') => {
  const gpu = await openWebGpu()
  const { target, count } = countingOpens(gpu.target)
  const kernel = await avgPool.compile({ kernelSize: 2, target, tune, input, schedule: fewCandidates })
  const [first] = await gpu.read(kernel.forward({ x }).y)
  gpu[Symbol.dispose]()
  return { first, opened: count(), source: kernel.source.forward, clock: target.tuning!.device.clock, ...(await remembered()) }
}

/** The same in JavaScript. */
export const host = async (tune: 'quick' | 'cached') => {
  const schedule = { unroll: 'all', rows: 1, fold: 'columns', outputsPerThread: 2 }
  const kernel = await avgPool.compile({ kernelSize: 2, tune, input, schedule })
  return { first: kernel.forward({ x }).y.data[0], source: kernel.source.forward, ...(await remembered()) }
}
