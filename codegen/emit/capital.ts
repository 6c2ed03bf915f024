/** A word as the second of a name in camel case. */
export const capital = (word: string): string => `${word[0]!.toUpperCase()}${word.slice(1)}`
