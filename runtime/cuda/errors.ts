/** What can go wrong on the way from CUDA text to a loaded kernel. Each kind is a class, since callers act on them differently. */
import { PoolwrightError } from '../../dsl/errors.ts'
import type { Ending } from '../node/child.ts'
import type { Finding } from './emulator/report.ts'

/** Anything that CUDA's compiler, its files or its driver refuse. */
export class CudaError extends PoolwrightError {
  override name = 'CudaError'
}

/** This machine lacks what CUDA needs: asked for rightly, and not to be had here. */
export class CudaMissingError extends CudaError {
  override name = 'CudaMissingError'
}

/** The compiler's process died, or took too long. What it was given is to blame, and nothing else is harmed. */
export class CompilerCrashError extends CudaError {
  override name = 'CompilerCrashError'
  /** How it ended: past its time limit, or by itself, by a signal (SIGSEGV) or with an exit code. */
  readonly ending: Ending

  constructor(message: string, ending: CompilerCrashError['ending']) {
    super(message)
    this.ending = ending
  }
}

/** A launch or an allocation that no device would take: arguments, extents, memory, pointers. */
export class LaunchError extends CudaError {
  override name = 'LaunchError'
}

/** Bytes that are no cubin, or one whose records contradict its size. */
export class CubinError extends CudaError {
  override name = 'CubinError'
}

/** A kernel that its device ended, since it reached for memory it has not, or misaligned. What it wrote is worth nothing. */
export class KernelFaultError extends CudaError {
  override name = 'KernelFaultError'
  readonly kernel: string
  /** What the device saw up to there, the fault last. */
  readonly findings: readonly Finding[]

  constructor(kernel: string, findings: readonly Finding[]) {
    super(`kernel ${kernel} faulted: ${findings.at(-1)?.message ?? 'the device does not say where'}`)
    this.kernel = kernel
    this.findings = findings
  }
}
