/** How long the GPU takes, by its own clock: the host's counts the driver's work, and the wait for it, too. */
import type { Session } from './session.ts'

/**
 * Milliseconds from the beginning of the first to the end of the last of what `work` enqueues, on callers' streams too.
 * @throws what `work` throws; CaptureError, DisposedError, CudaFaultError, DriverError
 */
export const timeOf = ({ context, stream }: Session, work: () => void): number => {
  context.refuseInCapture('timing')
  const make = () => context.within(() => stream.makeEvent('time'))
  const start = make()
  try {
    const end = make()
    try {
      context.within(() => stream.record(start.event))
      work()
      return context.within(() => {
        stream.record(end.event)
        context.must(context.functions.cuEventSynchronize(end.event), 'cuEventSynchronize', 'waiting for what is timed')
        const out = new Float32Array(1)
        context.must(context.functions.cuEventElapsedTime(out, start.event, end.event), 'cuEventElapsedTime', 'timing')
        return out[0]!
      })
    } finally {
      end.end()
    }
  } finally {
    start.end()
  }
}
