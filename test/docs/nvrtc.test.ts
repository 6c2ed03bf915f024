/** What the documents say of CUDA, held to it where NVRTC is. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { folder } from '../cli/call.ts'
import { loadOrSkip, nvrtcs } from '../cuda/nvrtc.ts'
import { needsNvrtc, promisedBy } from './code.ts'
import { commandsByDocument, follow, programs, run } from './documents.ts'

beforeEach(async (context) => {
  const { path } = await loadOrSkip(nvrtcs[0]!, context)
  vi.stubEnv('POOLWRIGHT_NVRTC', path)
  context.onTestFinished(() => void vi.unstubAllEnvs())
})

describe('programs in the documents', () => {
  it.each(programs.filter(needsNvrtc))('$title prints what it promises', async (program) => {
    expect(await run(program)).toEqual(promisedBy(program.text))
  })
})

describe('commands in the documents', () => {
  for (const { path, commands } of commandsByDocument) {
    const here = commands.filter(needsNvrtc)
    if (here.length === 0) continue
    const at = folder()
    it(`${path}: each does what it promises`, { timeout: 240_000 }, () => follow(at, here, path))
  }
})
