/** What takes part in a round on the GPU: something that is prepared once, and then timed by the GPU's own clock. */

export interface GpuContender {
  readonly name: string
  /** Milliseconds of one call: the mean over a few, which go through more memory than the second-level cache holds. */
  round(): number | Promise<number>
  /** What a reader has to know of its figure; absent where there is nothing. */
  readonly note?: string
  dispose(): void
}

/** So many copies of a row's tensors that none is in the cache when its turn comes. */
export const copiesFor = (bytes: number, cacheBytes: number): number =>
  Math.max(2, Math.min(16, Math.ceil((4 * cacheBytes) / bytes)))
