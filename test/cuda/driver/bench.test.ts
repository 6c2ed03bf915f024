/** The benchmark of CUDA kernels, carried out on the stand-in for the driver: its figures mean nothing there, its launches do. */
import { expect, it } from 'vitest'
import { makeJob, type Shape } from '../../../bench/cases.ts'
import { copy } from '../../../bench/cuda/copy.ts'
import { ours } from '../../../bench/cuda/ours.ts'
import { openDriver } from '../../../runtime/cuda/driver/device.ts'
import { cudaTarget } from '../../../runtime/cuda/target/target.ts'
import { loadOrSkip, nvrtcs } from '../nvrtc.ts'
import { useStandIn } from './use-stand-in.ts'

const on = useStandIn()

const shape: Shape = { id: 'S', samples: 1, channels: 2, height: 8, width: 8, kernel: 2, stride: 2, padding: 0, global: false }

it('launches kernels and copies as graphs, or one by one, and leaves nothing behind', async (context) => {
  const nvrtc = await loadOrSkip(nvrtcs[0]!, context)
  const device = await openDriver()
  const options = { arch: 90 }
  const accepted = async (source: string) => {
    const compiled = await nvrtc.compile(source, options)
    on.standIn.accept(compiled)
    return compiled
  }
  const target = cudaTarget('the stand-in', {
    device,
    compiling: { compile: accepted, compileNow: (source) => nvrtc.compileNow(source, options), options },
  })
  for (const operator of ['max', 'avg', 'gaussian'] as const)
    for (const direction of ['forward', 'backward'] as const) {
      const contender = await ours(target, device, makeJob(shape, operator, direction), 2)
      const before = on.standIn.launched.length
      expect(await contender.round()).toBeGreaterThan(0)
      // A kernel at least for each of the two copies.
      expect(on.standIn.launched.length - before).toBeGreaterThanOrEqual(2)
      contender.dispose()
    }
  const contender = await copy({ version: nvrtc.version, compile: accepted }, device, options, 4096, 2)
  expect(await contender.round()).toBeGreaterThan(0)
  contender.dispose()
  expect(on.standIn.findings).toEqual([])
  device[Symbol.dispose]()
})
