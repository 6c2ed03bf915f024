/** Outputs that show what was done to them: full of what no kernel writes, between bands that nothing may touch. */

/** A byte that makes, of each stored type, a number far from what windows of small numbers have, and no index. */
export const poison = 0xfb

/** What is said of an output whose bands are not as they were; `undefined` where both are. */
export const harmOf = (front: Uint8Array, back: Uint8Array): string | undefined => {
  const isTouched = (band: Uint8Array): boolean => band.some((byte) => byte !== poison)
  if (isTouched(front)) return 'it writes in front of the tensor'
  return isTouched(back) ? 'it writes behind the tensor' : undefined
}
