/** The package as it is published, called as its users call it, in a folder of their own. */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject, onTestFinished } from 'vitest'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** A folder of a user's, with these files in it; it goes with the test. Modules in it find the package by its name. */
export const folderWith = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(inject('published'), 'user-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** The house's own example, as it stands in a checkout, beside the photograph that it pools. */
export const exampleIn = (folder: string, name: string): string => {
  cpSync(here(`../../examples/${name}`), join(folder, 'examples', name), { recursive: true })
  cpSync(here('../../examples/photograph.jpg'), join(folder, 'examples/photograph.jpg'))
  return join(folder, 'examples', name)
}

const main = (): string => join(inject('published'), 'dist/cli/main.js')

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs `poolwright` in a folder, to its end. */
export const poolwright = (folder: string, ...words: readonly string[]): Ended => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main(), ...words], { cwd: folder, encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

/** Runs a program of Node's in a folder, to its end. */
export const node = (folder: string, ...words: readonly string[]): Ended => {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

/** `poolwright` that goes on: what it has printed, and its end. */
export const started = (folder: string, ...words: readonly string[]) => {
  const child = spawn(process.execPath, [main(), ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  const waiting = new Set<() => void>()
  const note = (text: Buffer): void => {
    printed += text.toString()
    for (const look of waiting) look()
  }
  child.stdout.on('data', note)
  child.stderr.on('data', note)
  return {
    /** Waits until a text is printed after all that was waited for before. */
    prints: (text: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          const at = printed.indexOf(text)
          if (at < 0) return
          printed = printed.slice(at + text.length)
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    interrupt: (): Promise<number | null> =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.kill('SIGINT')
      }),
  }
}
