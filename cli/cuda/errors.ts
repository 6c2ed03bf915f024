/** What goes wrong with CUDA, by what it means to whoever called: this machine lacks something, or a kernel of ours is wrong. */
import { CudaMissingError, CudaOutOfMemoryError, FindingsError, NvrtcError } from '../../runtime/cuda/index.ts'
import { FfiError } from '../../runtime/ffi.ts'
import { CannotError } from '../exit.ts'

/** What this machine lacks becomes a `CannotError`; anything else is given back as it is. */
export const lackingOr = (error: unknown): unknown =>
  error instanceof CudaMissingError || error instanceof CudaOutOfMemoryError || error instanceof FfiError
    ? new CannotError(error.message)
    : error

/** The same for kernels that Poolwright wrote: what is wrong in those is no fault of the caller's. */
export const ofOurKernels = (error: unknown): unknown =>
  error instanceof NvrtcError || error instanceof FindingsError ? new Error(error.message, { cause: error }) : lackingOr(error)
