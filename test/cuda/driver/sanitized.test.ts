/** The stand-in itself under AddressSanitizer: what judges the binding makes no mistakes of its own. */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { runProgram } from './program.ts'
import { compiler, compileStandIn } from './stand-in.ts'
import { whyNoStandIn } from './use-stand-in.ts'

let library = ''
/** Loaded before all else, since what is compiled with it is loaded by a program that is not. */
let sanitizer = ''
let reason: string | undefined
beforeAll(() => {
  reason = whyNoStandIn()
  if (reason !== undefined) return
  sanitizer = spawnSync(compiler, ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout.trim()
  if (sanitizer.includes('/')) library = compileStandIn(['-fsanitize=address', '-fno-omit-frame-pointer'])
  else reason = `libasan, which comes with ${compiler}, is not here`
})
beforeEach((context) => {
  if (reason !== undefined) context.skip(reason)
})
afterAll(() => {
  if (library !== '') rmSync(dirname(library), { recursive: true, force: true })
})

const run = (text: string) => {
  // Node does not give everything back at its end.
  const environment = { LD_PRELOAD: sanitizer, ASAN_OPTIONS: 'detect_leaks=0' }
  return runProgram(library, text, { environment })
}

it('does all that it is asked to', () => {
  const { status, stdout, stderr } = run(`
    for (const ordinal of [0, 1]) {
      standIn.devices(2)
      const device = await openDriver({ ordinal })
      const [x, y] = [device.allocate(16), device.allocate(16)]
      x.write(Float32Array.of(1, 2, 3, 4))
      const tile = device.load(shapes).kernel('tile')
      launch(tile, x, y)
      tell(floats(y))
      const graph = device.capture(() => launch(tile, y, x))
      tell(device.time(() => graph.launch()))
      const large = device.allocate(1e6)
      large.write(new Uint8Array(1e6))
      large.free()
      // Some of it is left to its end, and some to the destruction of the context.
      if (ordinal === 0) device[Symbol.dispose]()
      standIn.reset()
      tell(standIn.leftovers)
    }
    tell(nothingLeft)
  `)
  expect([status, stderr]).toEqual([0, ''])
  const told = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const nothing = told.at(-1)
  expect(told).toEqual([[3, 6, 9, 7], 0.5, nothing, [3, 6, 9, 7], 0.5, nothing, nothing])
})

it('is really watched', () => {
  const { status, stderr } = run(`
    const device = await openDriver()
    const memory = device.allocate(16)
    standIn.peek(memory.pointer, 17)
  `)
  expect(status).not.toBe(0)
  expect(stderr).toContain('heap-buffer-overflow')
})
