/** Axes of shaders pinned, so that a search of what is left, the size of a workgroup, takes seconds on any adapter. */
export const fewCandidates = {
  phases: 'carried',
  unroll: 'all',
  outputsPerThread: [1, 2],
  border: 'predicated',
  vector: 1,
  staging: 'none',
  sums: 'terms',
  lanes: 1,
  extents: 'dynamic',
} as const
