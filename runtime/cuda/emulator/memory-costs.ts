/** What an access of a warp costs: sectors of global memory, passes over the banks of shared memory. */

const sectorShift = 5

/** Addresses of lanes: `count` of them, from a place on. Aligned accesses touch one sector each. */
export const sectorsOf = (addresses: Int32Array, from: number, count: number): number => {
  let sectors = 1
  let last = addresses[from]! >>> sectorShift
  for (let at = from + 1; at < from + count; at++) {
    const sector = addresses[at]! >>> sectorShift
    // Mostly they rise; where they do not, the different ones are collected.
    if (sector < last) return new Set(addresses.subarray(from, from + count).map((address) => address >>> sectorShift)).size
    if (sector > last) sectors++
    last = sector
  }
  return sectors
}

const bankCount = 32
/** The different words that each bank of four bytes is asked for, how many they are, and in which round they were. */
const bankWords = new Int32Array(bankCount * bankCount)
const bankCounts = new Int32Array(bankCount)
const bankRounds = new Int32Array(bankCount)
let bankRound = 0

/** Passes beyond the first. Wide accesses go half or a quarter of a warp at a time. */
export const conflictsOf = (addresses: Int32Array, from: number, count: number, bytes: number): number => {
  const words = Math.max(1, bytes >> 2)
  const together = Math.max(1, bankCount / words)
  let conflicts = 0
  for (let first = from; first < from + count; first += together)
    conflicts += passesOf(addresses, first, Math.min(from + count, first + together), words) - 1
  return conflicts
}

/** How many words the bank is asked for that is asked for most, by the addresses from one to before another. */
const passesOf = (addresses: Int32Array, first: number, end: number, words: number): number => {
  let least = addresses[first]! >>> 2
  let most = least
  for (let at = first + 1; at < end; at++) {
    const word = addresses[at]! >>> 2
    if (word < least) least = word
    if (word > most) most = word
  }
  // As many words in a row as there are banks are of different banks.
  if (most + words - least <= bankCount) return 1
  bankRound = (bankRound + 1) | 0
  let passes = 1
  for (let at = first; at < end; at++) {
    const word = addresses[at]! >>> 2
    for (let n = word; n < word + words; n++) passes = Math.max(passes, askBank(n))
  }
  return passes
}

/** Asks a word's bank for it, and says how many words of that bank were asked for by now. */
const askBank = (word: number): number => {
  const bank = word & (bankCount - 1)
  const list = bank * bankCount
  const count = bankRounds[bank] === bankRound ? bankCounts[bank]! : 0
  for (let k = 0; k < count; k++) if (bankWords[list + k] === word) return count
  bankRounds[bank] = bankRound
  bankWords[list + count] = word
  bankCounts[bank] = count + 1
  return count + 1
}
