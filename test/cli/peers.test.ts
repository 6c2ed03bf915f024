/** Other libraries are timed beside our kernels only if they compute the same. */
import { describe, expect, it } from 'vitest'
import { loadPeer, peerNames } from '../../cli/bench/peers/index.ts'
import { type GeometryOptions, normaliseGeometry } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'
import { oracleBackward, oracleForward } from '../../oracle/oracle.ts'
import type { PeerCalls, PeerJob } from '../../runtime/peer.ts'
import { dataFor } from '../../runtime/tuner/trial/data.ts'
import { specs } from '../../specs/index.ts'

const windows = {
  'side by side': { kernelSize: 2 },
  'overlapping, padded': { kernelSize: 3, stride: 2, padding: 1 },
} satisfies Record<string, GeometryOptions>

const jobOf = (name: string, direction: 'forward' | 'backward', options: GeometryOptions) => {
  const operator = settle(specs.get(name)!, {})
  const geometry = normaliseGeometry({ dims: 2, ...options })
  const sizes = { samples: 2, channels: 3, extents: [6, 8] }
  const results = ['y']
  const problem = {
    operator,
    geometry,
    direction,
    results,
    dtype: 'float32',
    pinned: {},
    deterministic: false,
    ...sizes,
  } as const
  const { inputs, cotangents } = dataFor(problem, sizes, 5)
  const { formula, attrs } = operator
  const job: PeerJob = { operator: name, formula, attrs, direction, geometry, inputs, cotangents }
  const made =
    direction === 'forward'
      ? oracleForward(operator, geometry, inputs, { dtype: 'float32', results })
      : oracleBackward(operator, geometry, inputs, cotangents, { dtype: 'float32' })
  return { job, want: Object.entries(made) }
}

const jobs = Object.keys(windows).flatMap((how) =>
  ['max', 'avg', 'gaussian'].flatMap((name) =>
    (['forward', 'backward'] as const).map((direction) => [name, direction, how] as const),
  ),
)

type Job = ReturnType<typeof jobOf>

const expectSame = (got: Awaited<ReturnType<PeerCalls['results']>>, want: Job['want']): void => {
  expect(want.length).toBeGreaterThan(0)
  for (const [result, { data }] of want) {
    expect(got[result]).toHaveLength(data.length)
    for (const [k, value] of data.entries()) expect(Math.abs(Number(got[result]![k]) - Number(value))).toBeLessThan(1e-4)
  }
}

describe.each(peerNames)('%s', (peerName) => {
  it.each(jobs)('computes %s, %s, windows %s', async (name, direction, how) => {
    const { job, want } = jobOf(name, direction, windows[how as keyof typeof windows])
    const calls = await (await loadPeer(peerName)).prepare(job)
    await calls.run()
    expectSame(await calls.results(), want)
    calls.dispose()
  })

  it.each([
    ['softpool', { kernelSize: 2 }, /it has max, avg, gaussian, and no softpool/],
    ['avg', { kernelSize: 2, dilation: 2 }, /it has square windows/],
    ['avg', { kernelSize: [2, 3] }, /it has square windows/],
    ['avg', { kernelSize: 3, padding: 1, countIncludePad: false }, /it has square windows/],
  ])('refuses %s with %j', async (name, options, message) => {
    const { job } = jobOf(name, 'forward', options)
    await expect((async () => (await loadPeer(peerName)).prepare(job))()).rejects.toThrow(message)
  })
})

it('takes channels last, or says that it has them not', async () => {
  const { job, want } = jobOf('gaussian', 'backward', { kernelSize: 2, layout: 'channels-last' })
  const calls = await (await loadPeer('tfjs')).prepare(job)
  expectSame(await calls.results(), want)
  calls.dispose()
  for (const name of ['plain', 'jax-js'])
    await expect((async () => (await loadPeer(name)).prepare(job))()).rejects.toThrow(/channels first only/)
})
