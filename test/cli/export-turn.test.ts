/** Turns at a folder: one at a time, and what is left of the dead is in nobody's way. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { inTurn } from '../../cli/export/turn.ts'
import { FileError } from '../../dsl/errors.ts'
import { folder } from './call.ts'

const at = folder()

/** A folder as a process of this number leaves it, or has it. */
const takenBy = (name: string, owner: number): string => {
  mkdirSync(at(`${name}/work/made`), { recursive: true })
  writeFileSync(at(`${name}/process-${owner}`), '')
  return at(name)
}

it('gives each a folder of its own, one after the other, and takes it away', async () => {
  const log: string[] = []
  const work = (own: string, k: number) => async (): Promise<number> => {
    log.push(`${k} begins with ${readdirSync(own).length}`)
    writeFileSync(`${own}/${k}`, '')
    await sleep(30)
    log.push(`${k} ends`)
    return k
  }
  const turns = [0, 1, 2].map((k) => inTurn(at('turns'), (own) => work(own, k)()))
  expect(await Promise.all(turns)).toEqual([0, 1, 2])
  expect(log.filter((_, k) => k % 2 === 0).sort()).toEqual(['0 begins with 0', '1 begins with 0', '2 begins with 0'])
  for (const [k, line] of log.entries()) if (k % 2 === 1) expect(line[0]).toBe(log[k - 1]![0])
  expect(existsSync(at('turns'))).toBe(false)
})

it('ends with what the work throws, and the next has its turn', async () => {
  const failed = inTurn(at('failing'), () => Promise.reject(new Error('no')))
  await expect(failed).rejects.toThrow('no')
  expect(existsSync(at('failing'))).toBe(false)
})

it('takes away what is left of a process that was killed', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  const path = takenBy('left', pid)
  const turns = [0, 1, 2].map(() => inTurn(path, async (own) => readdirSync(own)))
  expect(await Promise.all(turns)).toEqual([[], [], []])
  expect(existsSync(path)).toBe(false)
})

it('waits for one that runs, though not for ever', async () => {
  const path = takenBy('held', process.pid)
  await expect(inTurn(path, async () => 'mine', 50)).rejects.toThrow(FileError)
  await expect(inTurn(path, async () => 'mine', 50)).rejects.toThrow(/held: another export is at work there\. Wait for its end/)
  const turn = inTurn(path, async () => 'mine')
  await sleep(50)
  rmSync(path, { recursive: true })
  expect(await turn).toBe('mine')
})
