/**
 * How shaders are timed: what a call enqueues is recorded once, and a sample is many calls in one pass, so that neither the host
 * nor the queue is timed with them. Where the device has timestamps it says itself how long the pass took; elsewhere the host
 * waits for it, which takes a while of its own.
 */
import { inTurn, type Timed } from '../../timing.ts'
import type { GpuDevice } from '../api.ts'
import type { Bound, WebGpuDevice } from '../device.ts'

/** Milliseconds of a pass. */
type PassClock = (dispatches: readonly Bound[]) => Promise<number>

/** Browsers tell timestamps in steps of 0.1 ms, and Dawn in Node in such of 0.07; a host is told of an end some time later. */
const grains = { timestamps: 0.1, host: 1 } as const

const feature = 'timestamp-query'

/** What times are taken by on a device: they cannot be compared with those of the other. */
export const clockOf = ({ features }: Pick<GpuDevice, 'features'>): keyof typeof grains =>
  features.has(feature) ? 'timestamps' : 'host'

const byTimestamps = (device: WebGpuDevice): PassClock => {
  const querySet = device.device.createQuerySet({ type: 'timestamp', count: 2 })
  const into = device.pool.take(16, 'times', 'timestamps')
  return async (dispatches) => {
    device.replay(dispatches, { querySet, into })
    const [begin, end] = new BigUint64Array(await device.bytesOf({ buffer: into, size: 16 }))
    // Devices may count anew at any time; such a sample tells nothing.
    return end! > begin! ? Number(end! - begin!) / 1e6 : 0
  }
}

const byHost =
  (device: WebGpuDevice): PassClock =>
  async (dispatches) => {
    const start = performance.now()
    device.replay(dispatches)
    return (await device.done()) - start
  }

/** Makes calls ready to be timed: their tensors are on the device. */
export const timedOn = (device: WebGpuDevice): ((calls: readonly (() => void)[]) => Timed) => {
  const clock = clockOf(device.device)
  const passTime = (clock === 'timestamps' ? byTimestamps : byHost)(device)
  return (calls) => {
    const recorded = calls.map((call) => device.record(call))
    const pass: Bound[] = []
    return {
      call: inTurn(
        recorded.map(
          ({ dispatches }) =>
            () =>
              void pass.push(...dispatches),
        ),
      ),
      time: async (work) => {
        await work()
        return passTime(pass.splice(0))
      },
      grain: grains[clock],
      release: () => {
        for (const { release } of recorded) release()
      },
    }
  }
}
