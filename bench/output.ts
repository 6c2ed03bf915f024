/** Where a benchmark speaks to: to a person while it runs, and into a file when it is done. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What is measured now, on a terminal: the next takes its place. */
export const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

/** Writes a report; its folder is made where it is missing. */
export const keep = async (file: string, report: string): Promise<void> => {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, report)
}
