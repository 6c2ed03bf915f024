/** Which names a formula may give to things, and which name a misspelt one was meant to be. */
import { functions, randomFunctions, windowValues } from './functions.ts'

/** Names of functions and of values of the window: what a formula can call or read without a declaration. */
export const functionNames: readonly string[] = [...functions.map((row) => row.name), ...randomFunctions]

const keywords: readonly string[] = ['let', ...windowValues]
/** What a kernel's argument record holds beside its tensors. */
const arguments_: readonly string[] = ['seed', 'cotangent', 'cotangents']
/** Names that every JavaScript object has: a record of tensors cannot hold them safely. */
const inherited: readonly string[] = [...Object.getOwnPropertyNames(Object.prototype), 'prototype']

const reserved: ReadonlyMap<string, string> = new Map([
  ...inherited.map((name) => [name, 'every JavaScript object has it'] as const),
  ...arguments_.map((name) => [name, 'it is an argument of every kernel'] as const),
  ...keywords.map((name) => [name, 'it is a word of the language'] as const),
  ...functionNames.map((name) => [name, 'it is a function'] as const),
])

/** Why a name cannot be declared, or undefined where it can. */
export const whyReserved = (name: string): string | undefined => reserved.get(name)

/** Whether a text has the form of a name: a letter or `_`, then letters, digits and `_`. */
export const isName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name)

/** The fewest insertions, removals, replacements and swaps of neighbours that turn one text into the other. */
export const editDistance = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j++) {
      const changed = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : changed
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, changed, swapped))
    }
  }
  return at(a.length, b.length)
}

/** The candidate that a misspelt name most likely meant; undefined where none is near. */
export const nearest = (name: string, candidates: Iterable<string>): string | undefined => {
  if (name.length > 100) return undefined
  let best: string | undefined
  // One slip in a short name, two in a longer one; a difference of case is no distance at all.
  let least = name.length <= 2 ? 1 : name.length <= 5 ? 2 : 3
  for (const candidate of candidates) {
    if (candidate.length > 100 || candidate === name) continue
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    // A name that shares no letter with the other is no misspelling of it.
    if (distance < least && distance < Math.max(name.length, candidate.length)) {
      best = candidate
      least = distance
    }
  }
  return best
}
