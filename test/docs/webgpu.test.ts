/** What the documents say of WebGPU, held to it where there is an adapter. */
import { describe, expect, it } from 'vitest'
import { opened } from '../webgpu/adapter.ts'
import { needsWebGpu, promisedBy } from './code.ts'
import { programs, run } from './documents.ts'

describe('programs in the documents', () => {
  it.for(programs.filter(needsWebGpu))('$title prints what it promises', async (program, context) => {
    await opened(context)
    expect(await run(program)).toEqual(promisedBy(program.text))
  })
})
