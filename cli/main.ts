#!/usr/bin/env node
/** The program `poolwright`: the process's words and streams, handed to the command line. */
import { readFileSync } from 'node:fs'
import { exit } from './exit.ts'
import { systemReason } from './files/system-reason.ts'
import { main } from './program.ts'

const packageText = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
const { version } = JSON.parse(packageText) as { version: string }

// A reader that has seen enough, such as `head`, closes the pipe; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exit.done)
  process.stderr.write(`what was found cannot be printed: ${systemReason(error)}. Print it to where there is room.\n`)
  process.exit(exit.cannot)
})

const io = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
  watched: process.stderr.isTTY === true,
}

process.exitCode = await main(process.argv.slice(2), io, version)
