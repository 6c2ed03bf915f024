/**
 * What is behind an open device, and the one object by which all that a user holds reaches it: the device, its memory, modules
 * and graphs each hold the lease, so that the device stays open as long as any of them can be used, and closes when all are
 * forgotten. What frees forgotten things refers to the session only, which keeps no lease alive.
 */
import { whenForgotten } from './belongings.ts'
import { Context } from './context.ts'
import type { DriverLibrary } from './library.ts'
import { type Pool, poolOf } from './pool.ts'
import { Staging } from './staging.ts'
import { DeviceStream } from './stream.ts'

export interface Session {
  readonly context: Context
  readonly stream: DeviceStream
  readonly staging: Staging
  readonly pool: Pool
}

export interface Lease {
  readonly session: Session
}

/** In a scope of its own, where nothing holds the lease. */
const closing = (context: Context) => (): void => context.close()

const makeLease = (context: Context): Lease => {
  const stream = new DeviceStream(context)
  const session = { context, stream, staging: new Staging(context, stream), pool: poolOf(context, stream) }
  const lease: Lease = { session }
  whenForgotten(lease, closing(context))
  return lease
}

/** @throws CudaMissingError, CudaOutOfMemoryError or DriverError where the device cannot be opened; nothing is left of it then */
export const openSession = (library: DriverLibrary, ordinal: number): Lease => {
  const context = new Context(library, ordinal)
  try {
    return context.within(() => makeLease(context))
  } catch (error) {
    try {
      context.close()
    } catch {
      // Why it could not be opened says more than what failed afterwards.
    }
    throw error
  }
}
