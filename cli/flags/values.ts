/** Reads the values of flags. What is wrong is collected, not thrown, so that one call tells of every mistake. */
import { UsageError } from '../exit.ts'

/** The mistakes found so far. */
export class Problems {
  readonly #all: string[] = []

  add(problem: string): undefined {
    this.#all.push(problem)
    return undefined
  }

  /** @throws UsageError where there are any */
  refuse(): void {
    if (this.#all.length > 0) throw new UsageError(this.#all)
  }
}

/** Gathers a flag that may be given more than once. */
export const gather = (word: string, words: readonly string[] | undefined): readonly string[] => [...(words ?? []), word]

const integer = /^[+-]?\d+$/
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** A finite number as people write it. */
export const readNumber = (text: string): number | undefined => {
  const value = decimal.test(text.trim()) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

/** An integer that a double holds exactly. */
export const readInteger = (text: string): number | undefined => {
  const value = integer.test(text.trim()) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : undefined
}

/** One integer for all dimensions, or a list with one for each: `3` or `3,5`. */
export const readPerDim = (
  flag: string,
  text: string | undefined,
  problems: Problems,
): number | readonly number[] | undefined => {
  if (text === undefined) return undefined
  const values = text.split(',').map(readInteger)
  const numbers = values.filter((value) => value !== undefined)
  if (numbers.length < values.length)
    return problems.add(`${flag} ${text}: write an integer, or one for each dimension: ${flag} 3 or ${flag} 3,5`)
  return numbers.length === 1 ? numbers[0] : numbers
}

export type Padding = readonly (number | readonly [number, number])[]

/** Padding for each dimension, or for all where it is one: `1`, `1,2`, `0:1`, `0:1,2`. */
export const readPadding = (text: string | undefined, problems: Problems): Padding | undefined => {
  if (text === undefined) return undefined
  const sides = text.split(',').map((part): number | readonly [number, number] | undefined => {
    const [low, high, more] = part.split(':').map(readInteger)
    if (part.split(':').length === 1) return low
    return low === undefined || high === undefined || more !== undefined || part.split(':').length > 2 ? undefined : [low, high]
  })
  const read = sides.filter((side) => side !== undefined)
  if (read.length === sides.length) return read
  return problems.add(`--padding ${text}: write an integer or low:high, one for each dimension: --padding 1 or --padding 0:1,2`)
}

/** `NAME=VALUE` words by name, each name once. */
export const readPairs = (
  flag: string,
  words: readonly string[] | undefined,
  problems: Problems,
): ReadonlyMap<string, string> => {
  const pairs = new Map<string, string>()
  for (const word of words ?? []) {
    const at = word.indexOf('=')
    const [name, value] = [word.slice(0, at), word.slice(at + 1)]
    if (at < 1 || value === '') problems.add(`${flag} ${word}: write a name and a value, as in ${flag} NAME=VALUE`)
    else if (pairs.has(name)) problems.add(`${flag} ${word}: ${name} is given twice; give it once`)
    else pairs.set(name, value)
  }
  return pairs
}

/** `NAME=NUMBER` words by name. */
export const readNumbers = (flag: string, words: readonly string[] | undefined, problems: Problems): Record<string, number> => {
  const numbers: Record<string, number> = {}
  for (const [name, text] of readPairs(flag, words, problems)) {
    const value = readNumber(text)
    if (value === undefined) problems.add(`${flag} ${name}=${text}: an attribute is a number, as in ${flag} ${name}=2`)
    else Object.defineProperty(numbers, name, { value, enumerable: true })
  }
  return numbers
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }

/** Milliseconds of a time as people write it: `90s`, `2m`, `500ms`; a plain number is seconds. */
export const readTime = (flag: string, text: string, problems: Problems): number => {
  const [, number = '', unit = 's'] = /^([\d.]+)\s*([a-z]+)?$/i.exec(text.trim()) ?? []
  const [value, factor] = [readNumber(number), units[unit.toLowerCase()]]
  if (value !== undefined && value > 0 && factor !== undefined) return value * factor
  problems.add(`${flag} ${text}: write a time above 0, as in ${flag} 60s, ${flag} 5m or ${flag} 500ms`)
  return 0
}

/** A seed: an integer of 64 bits. */
export const readSeed = (text: string | undefined, problems: Problems): bigint | undefined => {
  if (text === undefined) return undefined
  const seed = /^\d{1,20}$/.test(text) || /^0x[\da-f]{1,16}$/i.test(text) ? BigInt(text) : -1n
  return seed >= 0n && seed < 1n << 64n ? seed : problems.add(`--seed ${text}: a seed is an integer from 0 to 2^64 - 1`)
}

/** One of a few words. */
export const readChoice = <T extends string>(
  flag: string,
  text: string | undefined,
  choices: readonly T[],
  problems: Problems,
): T | undefined => {
  const found = choices.find((choice) => choice === text)
  if (text === undefined || found !== undefined) return found
  return problems.add(`${flag} ${text}: choose one of ${choices.join(', ')}`)
}

/** An architecture of CUDA: `80` or `sm_80`. */
export const readArch = (text: string | undefined, problems: Problems): number | undefined => {
  if (text === undefined) return undefined
  const arch = /^(?:sm_)?([1-9]\d{1,2})$/.exec(text)?.[1]
  return arch === undefined ? problems.add(`--arch ${text}: write an architecture, as in --arch sm_80`) : Number(arch)
}
