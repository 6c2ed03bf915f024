/** In a browser: what callers of WebGPU rely on there, with the browser's own device, memory, errors and losses. */
import { expect, it } from 'vitest'
import { opened } from './opened.ts'

type Page = typeof import('./page/device.ts')

it('NaN, infinities and denormals are as the formula has them', async (context) => {
  const page = await opened<Page>('device', context)
  const { y, gradient } = await page.call('pooled')
  expect(y).toEqual([Number.NaN, 3])
  expect(gradient).toEqual([5, 0, 0, 0, 0, Number.POSITIVE_INFINITY, 0, 0])
  expect(page.complaints).toEqual([])
})

it.for([
  ['mean(x + normal(sample, channel, height, width))'],
  ['max(x) * uniform(sample, channel)'],
  ['sum(x * normal(kernel)) + normal(position)'],
])('draws the random values that the oracle draws: %s', async ([formula], context) => {
  const page = await opened<Page>('device', context)
  for (const seed of ['1', `${2n ** 64n - 1n}`]) {
    const { here, there } = await page.call('drawn', formula!, seed)
    expect(here).toHaveLength(there.length)
    for (const [k, value] of there.entries()) expect(Math.abs(here[k]! - value)).toBeLessThan(2e-5)
  }
})

it('a page’s own device and buffers are taken, and go on when ours is closed', async (context) => {
  const page = await opened<Page>('device', context)
  const { got, want, sizeAfter } = await page.call('onOwnDevice')
  expect(got).toEqual(want)
  expect(sizeAfter).toBe(4)
  expect(page.complaints).toEqual([])
})

it('a lost device is told to who waits, and another can be opened', async (context) => {
  const page = await opened<Page>('device', context)
  const { pending, launching, later, elements } = await page.call('lost')
  const isLost = { name: 'DeviceLostError', message: expect.stringMatching(/lost .*Open another/) }
  expect({ pending, launching, later }).toEqual({ pending: isLost, launching: isLost, later: isLost })
  expect(elements).toBe(54)
})

it('a shader that is refused is told with its line, marked, and what that computes', async (context) => {
  const page = await opened<Page>('device', context)
  const { number, line, thrown } = await page.call('corrupted')
  expect(thrown?.name).toBe('ShaderError')
  const said = thrown!.message.split('\n')
  expect(said[0]).toMatch(new RegExp(`refused at line ${number}: .*nobody`))
  expect(said[1]).toBe(line)
  expect(said[2]!.indexOf('^')).toBe(line.indexOf('nobody'))
  expect(said[3]).toBe('The line computes y.')
})
