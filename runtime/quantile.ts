/** Quantiles of samples that are sorted, between two of which the value lies on the line from one to the other. */
export const quantile = (sorted: readonly number[], q: number): number => {
  const at = q * (sorted.length - 1)
  const below = sorted[Math.floor(at)]!
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at))
}
