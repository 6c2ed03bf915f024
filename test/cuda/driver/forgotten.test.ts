/** What nobody refers to any more is given back, as a last resort; and what is still needed is kept. */

import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { runProgram } from './program.ts'
import { compileStandIn } from './stand-in.ts'
import { whyNoStandIn } from './use-stand-in.ts'

let library = ''
let reason: string | undefined
beforeAll(() => {
  reason = whyNoStandIn()
  if (reason === undefined) library = compileStandIn()
})
beforeEach((context) => {
  if (reason !== undefined) context.skip(reason)
})
afterAll(() => {
  if (library !== '') rmSync(dirname(library), { recursive: true, force: true })
})

/** The collector's turns, as many as it needs: what is forgotten is told of in a turn of the event loop after it. */
const collector = `
  const collect = async (until) => {
    for (let turn = 0; turn < (until ? 500 : 20); turn++) {
      gc()
      await new Promise((resolve) => setImmediate(resolve))
      if (until !== undefined && until()) return true
    }
    return until === undefined
  }
`

const run = (text: string): unknown[] => {
  const { status, stdout, stderr, signal } = runProgram(library, collector + text, { flags: ['--expose-gc'] })
  expect([status, signal, stderr]).toEqual([0, null, ''])
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

it('memory, modules and graphs', () => {
  const told = run(`
    const device = await openDriver()
    const kept = device.allocate(16)
    const use = () => {
      const [x, y] = [device.allocate(1000), device.allocate(1000)]
      const tile = device.load(shapes).kernel('tile')
      launch(tile, x, y)
      device.capture(() => launch(tile, x, y)).launch()
      device.load(shapes)
    }
    use()
    tell([standIn.counts.bytes, standIn.counts.modules, standIn.counts.executables])
    tell(await collect(() => standIn.counts.modules === 0 && standIn.counts.executables === 0))
    device.synchronize()
    tell(await collect(() => (device.synchronize(), standIn.counts.bytes === 16)))
    tell([standIn.counts.bytes, standIn.counts.modules, standIn.counts.executables])
    tell([kept.bytes, device.lost === undefined])
    device[Symbol.dispose]()
    tell(standIn.leftovers)
    tell(nothingLeft)
  `)
  expect(told.slice(0, 5)).toEqual([[2016, 2, 1], true, true, [16, 0, 0], [16, true]])
  expect(told[5]).toEqual(told[6])
})

it('but not a module whose graph can still be launched, or whose kernel', () => {
  const told = run(`
    const device = await openDriver()
    const [x, y] = [device.allocate(16), device.allocate(16)]
    x.write(Float32Array.of(1, 2, 3, 4))
    let graph = (() => {
      const tile = device.load(shapes).kernel('tile')
      return device.capture(() => launch(tile, x, y))
    })()
    let tile = device.load(shapes).kernel('tile')
    await collect()
    tell(standIn.counts.modules)
    graph.launch()
    tell(floats(y))
    graph = undefined
    tell(await collect(() => standIn.counts.modules === 1))
    launch(tile, y, x)
    tell(floats(x))
    tile = undefined
    tell(await collect(() => standIn.counts.modules === 0))
    device[Symbol.dispose]()
  `)
  expect(told).toEqual([2, [3, 6, 9, 7], true, [9, 18, 22, 16], true])
})

it('a device with all that is on it, and not before', () => {
  const told = run(`
    let memory = await (async () => {
      const device = await openDriver()
      return device.allocate(16)
    })()
    await collect()
    tell(standIn.counts.contexts)
    memory.write(Float32Array.of(1, 2, 3, 4))
    tell(floats(memory))
    memory = undefined
    tell(await collect(() => standIn.counts.contexts === 0))
    tell(standIn.leftovers)
    tell(nothingLeft)
  `)
  expect(told.slice(0, 3)).toEqual([1, [1, 2, 3, 4], true])
  expect(told[3]).toEqual(told[4])
})

it('asks nothing of a device that was disposed of, or lost, and keeps failures to itself', () => {
  const told = run(`
    const forget = (device) => {
      for (let k = 0; k < 5; k++) device.allocate(100)
      device.load(shapes)
    }
    const disposed = await openDriver()
    forget(disposed)
    disposed[Symbol.dispose]()
    let calls = standIn.allCalls
    await collect()
    tell(standIn.allCalls - calls)

    const failing = await openDriver()
    forget(failing)
    standIn.fail('cuMemFreeAsync', 999)
    tell(await collect(() => standIn.counts.modules === 0))
    failing[Symbol.dispose]()

    const lost = await openDriver()
    forget(lost)
    standIn.fail('cuStreamSynchronize', 719)
    try { lost.synchronize() } catch (error) { tell(error.name) }
    calls = standIn.allCalls
    await collect()
    tell(standIn.allCalls - calls)
    lost[Symbol.dispose]()
  `)
  expect(told).toEqual([0, true, 'CudaFaultError', 0])
})
