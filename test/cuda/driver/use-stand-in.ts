/** The stand-in for the driver in a test file: as new before each test, and held to be empty after each. */
import { spawnSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { compiler, compileStandIn, nothingLeft, StandIn } from './stand-in.ts'

/** Why it cannot be here; `undefined` where it can. Where nothing may be skipped, its lack fails the tests. */
export const whyNoStandIn = (): string | undefined => {
  if (process.platform === 'linux' && spawnSync(compiler, ['--version']).status === 0) return undefined
  const reason = `${compiler} on Linux, which compiles the stand-in for the CUDA driver, is not here`
  if (process.env.POOLWRIGHT_MUST_HAVE?.split(',').includes('nvrtc')) throw new Error(reason)
  return reason
}

export const useStandIn = (): { readonly standIn: StandIn } => {
  let standIn: StandIn | undefined
  let reason: string | undefined
  beforeAll(async () => {
    reason = whyNoStandIn()
    if (reason === undefined) standIn = await StandIn.open(compileStandIn())
  })
  beforeEach((context) => {
    if (reason !== undefined) context.skip(reason)
    standIn?.reset()
  })
  afterEach(() => {
    if (standIn) expect(standIn.leftovers).toEqual(nothingLeft)
  })
  afterAll(() => standIn?.end())
  return {
    get standIn() {
      return standIn!
    },
  }
}
