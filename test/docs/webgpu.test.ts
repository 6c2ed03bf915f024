/** What the documents say of WebGPU, held to it where there is an adapter. */
import { describe, expect, it } from 'vitest'
import { folder } from '../cli/call.ts'
import { opened } from '../webgpu/adapter.ts'
import { needsWebGpu, promisedBy } from './code.ts'
import { commandsByDocument, follow, programs, run } from './documents.ts'

describe('programs in the documents', () => {
  it.for(programs.filter(needsWebGpu))('$title prints what it promises', async (program, context) => {
    await opened(context)
    expect(await run(program)).toEqual(promisedBy(program.text))
  })
})

describe('commands in the documents', () => {
  for (const { path, commands } of commandsByDocument) {
    const here = commands.filter(needsWebGpu)
    if (here.length === 0) continue
    const at = folder()
    it(`${path}: each does what it promises`, { timeout: 240_000 }, async (context) => {
      await opened(context)
      await follow(at, here, path)
    })
  }
})
