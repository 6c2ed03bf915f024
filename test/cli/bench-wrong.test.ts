/** A default kernel that is wrong is nothing to compare with: a mistake of ours, told as such, and the device is let go of. */
import '../children.ts'
import { expect, it, vi } from 'vitest'
import { jsTuning } from '../../runtime/js.ts'
import { open } from '../tuner/planted.ts'
import { call, folder } from './call.ts'

it('ends with the exit code of a bug, and the reason', async () => {
  vi.stubEnv('POOLWRIGHT_CACHE', folder()('store'))
  let closed = 0
  vi.spyOn(jsTuning, 'open').mockResolvedValue({ ...open({ wrong: 0 }), close: () => void closed++ })
  const { code, out, err } = await call('bench', 'avg', '--kernel', '2', '--input', '1,2,8,8')
  expect([code, out]).toEqual([70, ''])
  expect(err).toMatch(/mistake in Poolwright/)
  expect(err).toMatch(/the default kernel of avg, forward, cannot be a reference/)
  expect(closed).toBe(1)
})
