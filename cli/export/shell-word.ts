/** Words of a command as a shell reads them. */

/** A word in quotes where a shell would take it for something else. */
export const shellWord = (word: string): string => (/^[\w./:=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
