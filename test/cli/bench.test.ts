/** `poolwright bench` as it is called: who takes part, what it says of them, and what it says to mistakes. */
import '../children.ts'
import { writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { call, folder } from './call.ts'

const here = folder()
let stores = 0
beforeEach(() => {
  vi.stubEnv('POOLWRIGHT_CACHE', here(`store-${stores++}`))
  return () => vi.unstubAllEnvs()
})

const words = ['bench', 'avg', '--kernel', '2', '--input', '2,3,8,8', '--budget', '10ms']

interface Told {
  readonly devices: Record<string, string>
  readonly contenders: readonly {
    readonly name: string
    readonly schedule: Record<string, unknown> | null
    readonly outcome: string
    readonly ms: number | null
    readonly lower?: number
    readonly upper?: number
    readonly times?: number
    readonly samples?: number
    readonly message?: string
    readonly notes: readonly string[]
  }[]
}

const told = async (...more: string[]): Promise<Told & { readonly code: number }> => {
  const { code, out, err } = await call(...words, '--json', ...more)
  expect(err).toBe('')
  return { ...(JSON.parse(out) as Told), code }
}

/** A module of a peer, whose `prepare` has this body. */
const peerFile = (name: string, body: string): string => {
  const path = here(`${name}.mjs`)
  writeFileSync(path, `export const peer = { name: '${name}', notes: ['by hand'], prepare(job) { ${body} } }\n`)
  return path
}

describe('bench', () => {
  it('times the default, what is pinned, and a plain loop, as multiples of the first', async () => {
    const { code, contenders } = await told('--schedule', '{"unroll":"none"}', '--peer', 'plain')
    expect(code).toBe(0)
    expect(contenders.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['js default', 'ok'],
      ['js {"unroll":"none"}', 'ok'],
      ['plain', 'ok'],
    ])
    const [usual, pinned] = contenders
    expect([usual!.times, pinned!.schedule!.unroll]).toEqual([1, 'none'])
    for (const { ms, lower, upper, times, samples } of contenders) {
      expect(lower! <= ms! && ms! <= upper!).toBe(true)
      expect(times).toBeCloseTo(ms! / usual!.ms!)
      expect(samples).toBeGreaterThanOrEqual(7)
    }
  })

  it('has what tuning found take part', async () => {
    const { contenders } = await told()
    expect(contenders[0]!.notes.join()).toMatch(/nothing is remembered .* poolwright tune/)
    expect((await call('tune', ...words.slice(1, -2), '--candidates', '4')).code).toBe(0)
    const after = await told()
    const names = after.contenders.map(({ name }) => name)
    if (names.length === 1) expect(after.contenders[0]!.notes).toEqual(['tuning has found nothing faster'])
    else expect(names).toEqual(['js default', 'js tuned'])
  })

  it('holds a peer of anybody’s against the definition, and hands it all that the kernel has', async () => {
    const right = peerFile(
      'right',
      `const { inputs: { x }, geometry } = job
       const [n, c, h, w] = x.shape
       const y = new Float32Array((n * c * h * w) / 4)
       const run = () => {
         for (let p = 0; p < n * c; p++) for (let i = 0; i < h / 2; i++) for (let j = 0; j < w / 2; j++) {
           const at = (p * h + 2 * i) * w + 2 * j
           y[(p * h / 2 + i) * w / 2 + j] = (x.data[at] + x.data[at + 1] + x.data[at + w] + x.data[at + w + 1]) / geometry.axes[0].kernel ** 2
         }
       }
       return { run, results: () => ({ y }), dispose() { globalThis.disposed = (globalThis.disposed ?? 0) + 1 } }`,
    )
    const wrong = peerFile('wrong', 'const y = new Float32Array(96); return { run() {}, results: () => ({ y }), dispose() {} }')
    const short = peerFile('short', 'return { run() {}, results: () => ({ y: new Float32Array(3) }), dispose() {} }')
    const throws = peerFile('throws', 'return { run() { throw new Error("out of luck") }, results: () => ({}), dispose() {} }')
    const refuses = peerFile('refuses', 'throw new Error("no " + job.operator + ", " + job.direction)')
    const later = peerFile('later', 'return { async run() {}, async results() { return {} }, dispose() {} }')
    const peers = [right, wrong, short, throws, refuses, later].flatMap((path) => ['--peer', path])
    const { code, contenders } = await told(...peers)
    expect(code).toBe(1)
    expect(contenders.slice(1).map(({ name, outcome, message }) => [name, outcome, message])).toEqual([
      ['right', 'ok', undefined],
      ['wrong', 'wrong', expect.stringContaining('times what rounding explains')],
      ['short', 'wrong', 'y: 3 numbers, where 96 are expected'],
      ['throws', 'launch-failed', 'out of luck'],
      ['refuses', 'refused', 'no avg, forward'],
      ['later', 'wrong', 'y: is missing'],
    ])
    expect((globalThis as { disposed?: number }).disposed).toBeGreaterThan(0)
    // Who cannot do the job is told of, and is no fault.
    expect((await told('--peer', refuses)).code).toBe(0)
  })

  it('tells people', async () => {
    const { code, out } = await call(...words, '--backward', '--peer', 'plain', '--schedule', '{"unroll":"none"}')
    expect(code).toBe(0)
    const lines = out.split('\n')
    expect(lines[0]).toBe('avg, backward, 2 x 3 x 8 x 8, window 2x2, stride 2, float32')
    expect(lines[1]).toMatch(/^js: Node/)
    expect(lines[3]).toMatch(/median +quartiles +times js default$/)
    expect(lines[4]).toMatch(/^js default +[\d.]+ [µn]?m?s +[\d.]+ [µn]?m?s - [\d.]+ [µn]?m?s +1.00$/)
    expect(out).toMatch(/js \{"unroll":"none"\}: unroll none\n/)
    expect(out).toMatch(/plain: a plain loop/)
  })

  it('makes the results that are asked for', async () => {
    const max = ['bench', 'max', '--kernel', '2', '--input', '1,1,4,4', '--budget', '10ms', '--json']
    const resultsOf = async (...more: string[]) =>
      (JSON.parse((await call(...max, ...more)).out) as { results: string[] }).results
    expect(await resultsOf()).toEqual(['y', 'indices'])
    expect(await resultsOf('--results', 'y')).toEqual(['y'])
    const { code, err } = await call(...max, '--results', 'z')
    expect([code, err]).toEqual([2, "max has no result 'z': it gives y, indices\n"])
  })

  it.each([
    [['--peer', 'tfsj'], /--peer tfsj: did you mean tfjs\?/],
    [['--peer', 'something'], /there are plain, tfjs, jax-js; a module of your own is named by its path/],
    [['--peer', './nowhere.js'], /there is no such file/],
    [['--target', 'oracle'], /has no schedules/],
    [['--target', 'jss'], /did you mean js\?/],
    [['--device', '0'], /leave it out/],
    [['--schedule', '{"unrol":"none"}'], /--schedule \{"unrol":"none"\}: .*unrol/],
    [['--schedule', 'none'], /a schedule is a JSON object/],
    [['--budget', 'long'], /write a time/],
    [['--input', '8'], /a shape is 3 to 5 sizes/],
    [['--kernel', '0'], /from 1 to/],
  ])('refuses %j', async (flags, message) => {
    const { code, out, err } = await call(...words, ...flags)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
  })

  it('says what a module lacks to be a peer', async () => {
    const path = here('no-peer.mjs')
    writeFileSync(path, 'export const other = 1\n')
    expect(await call(...words, '--peer', path)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/it exports no peer; export const peer/),
    })
    writeFileSync(here('broken.mjs'), 'export const = 1\n')
    expect(await call(...words, '--peer', here('broken.mjs'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/it cannot be loaded/),
    })
  })
})
