/** `poolwright tune` as it should not be called, and where it cannot do its work: what it says, and how the process ends. */
import '../children.ts'
import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { CannotError } from '../../cli/exit.ts'
import { ofTrials } from '../../cli/tune/errors.ts'
import { PoolwrightError } from '../../dsl/errors.ts'
import { TrialError, WrongReferenceError } from '../../runtime/tuner/trial/errors.ts'
import { call, folder } from './call.ts'

const here = folder()
beforeEach(() => {
  vi.stubEnv('POOLWRIGHT_CACHE', here('store'))
  return () => vi.unstubAllEnvs()
})

const words = ['tune', 'avg', '--kernel', '2', '--input', '1,2,8,8', '--candidates', '2', '--budget', '60s']

const refusal = async (...all: readonly string[]): Promise<string> => {
  const { code, out, err } = await call(...all)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  return err
}

describe('a call of tune that means nothing', () => {
  it('is told by its bounds and by what was expected', async () => {
    const much = '9'.repeat(20)
    const err = await refusal('tune', 'avg', 'max', ...words.slice(2), '--budget', '0s', '--seed', much)
    for (const part of [
      "'max' is one word too many: OPERATOR is expected",
      '--budget 0s: write a time above 0',
      `--seed ${much}: write a whole number of at least 1, and of at most 9007199254740991`,
    ])
      expect(err).toContain(part)
    expect(await refusal(...words, '--tensor', 'q')).toBe("avg has no further tensor 'q': it has none, leave --tensor out\n")
  })

  it.each([
    ['{"unrol": "all"}', "the js target has no schedule axis 'unrol': did you mean 'unroll'?"],
    ['{"__proto__": 1}', "the js target has no schedule axis '__proto__': it has phases, saved, "],
    ['{"extents": [9, 9]}', 'extents is [9,9], but the input to tune for has [8,8]: pin these, or "dynamic"'],
  ])('is no mistake of ours, as where it pins %s', async (schedule, reason) => {
    const err = await refusal(...words, '--schedule', schedule)
    expect(err).toContain(reason)
    expect(err).not.toContain('mistake')
  })

  it('names files that can be written, or nothing is measured', async () => {
    symlinkSync(here('nothing.html'), here('link.html'))
    for (const path of [here('nowhere/a.html'), here('link.html')])
      expect(await refusal(...words, '--report', path)).toContain(path)
    expect(existsSync(here('store'))).toBe(false)
  })
})

describe('a machine on which nothing can be tuned', () => {
  it('has not memory enough', async () => {
    expect(await call('tune', 'avg', '--kernel', '2', '--input', '100000,100000,1000,1000')).toMatchObject({
      code: 3,
      err: expect.stringContaining('this machine has not memory enough for tensors of that size'),
    })
  })

  it('is told from a kernel of ours that is wrong', () => {
    const told = ofTrials(new TrialError('no process can be started'))
    expect(told).toBeInstanceOf(CannotError)
    expect(told).toMatchObject({ message: 'no process can be started' })
    expect(ofTrials(new WrongReferenceError('wrong'))).not.toBeInstanceOf(PoolwrightError)
    const other = new Error('other')
    expect(ofTrials(other)).toBe(other)
  })
})

describe('a store that is none', () => {
  it('is told in plain words, and keeps nobody from tuning', async () => {
    writeFileSync(here('file'), '')
    vi.stubEnv('POOLWRIGHT_CACHE', here('file'))
    const { code, out, err } = await call(...words)
    expect(code).toBe(0)
    expect(out).toContain('2 tried so far, 2 of them now')
    expect(err).toMatch(/^the store cannot be read, .*\nthe store cannot be written, .*POOLWRIGHT_CACHE\.\n$/)
  })
})
