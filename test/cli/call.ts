/** Calls the command line as a function, in a folder of its own, and keeps what it says. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { main } from '../../cli/program.ts'

export interface Answer {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs `poolwright` with these words. */
export const call = async (...words: string[]): Promise<Answer> => {
  let out = ''
  let err = ''
  const io = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
    watched: false,
  }
  return { code: await main(words, io, '1.2.3'), out, err }
}

/** A folder that is gone after the tests of the file; gives paths in it. */
export const folder = (): ((name: string) => string) => {
  const path = mkdtempSync(join(tmpdir(), 'poolwright-'))
  afterAll(() => rmSync(path, { recursive: true, force: true }))
  return (name) => join(path, name)
}
