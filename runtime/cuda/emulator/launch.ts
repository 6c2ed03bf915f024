/** One launch: whether a device would take it, what it runs on, and what is reported of it. */
import { type KernelArgument, packArguments, parameterBytes, type StructArgument } from '../arguments.ts'
import { LaunchError } from '../errors.ts'
import { checkExtents, type Extents, mostThreads } from '../extents.ts'
import type { Counts } from './counts.ts'
import type { PtxKernel } from './kernel.ts'
import { parameters, readOnly, symbols } from './layout.ts'
import type { Machine } from './machine.ts'
import type { Memory } from './memory.ts'
import { awaitOutput, forgetOutput, unwritten } from './outputs.ts'
import type { Finding } from './report.ts'
import { Run } from './run.ts'

export interface LaunchRequest {
  readonly grid: Extents
  readonly block: Extents
  /** Bytes of dynamic shared memory. */
  readonly sharedBytes?: number
  readonly args: readonly (KernelArgument | StructArgument)[]
  /** Allocations of which the launch has to write each byte once: what is missing, or written twice, is a finding. */
  readonly outputs?: readonly number[]
  /** Milliseconds until an endless kernel is ended; a minute by default. */
  readonly timeLimit?: number
}

export interface LaunchReport {
  /** Empty for a kernel that did nothing wrong. */
  readonly findings: readonly Finding[]
  /** Whether a fault (an access out of bounds or misaligned) ended the launch before its end. */
  readonly faulted: boolean
  readonly counts: Counts
}

/** Shared memory of a block, static and dynamic: the most that any device has. */
export const mostSharedBytes = 227 * 1024

const check = ({ name, maxThreads, translation }: PtxKernel, { grid, block, sharedBytes = 0 }: LaunchRequest): void => {
  checkExtents(name, grid, block, maxThreads ?? mostThreads)
  if (!Number.isInteger(sharedBytes) || sharedBytes < 0 || sharedBytes + translation.sharedBytes > mostSharedBytes)
    throw new LaunchError(
      `${sharedBytes} bytes of dynamic shared memory: with the kernel's own, 0 to ${mostSharedBytes} are possible`,
    )
}

/** Where a launch runs. */
export interface LaunchSite {
  readonly memory: Memory
  readonly kernel: PtxKernel
  readonly machine: Machine
  /** The addresses of the module's variables. */
  readonly globals: readonly number[]
}

/**
 * Runs a kernel.
 * @throws LaunchError where a driver would refuse the launch; WatchdogError where the kernel does not end
 */
export const launch = ({ memory, kernel, machine, globals }: LaunchSite, request: LaunchRequest): LaunchReport => {
  check(kernel, request)
  const outputs = (request.outputs ?? []).map((pointer) => memory.allocation(pointer))
  packArguments(kernel, request.args, memory.view, parameters)
  globals.forEach((address, k) => {
    memory.words[(symbols + 8 * k) >> 2] = address
  })
  const { grid, block, sharedBytes = 0, timeLimit = 60_000 } = request
  const running = new Run(memory, kernel, machine, { grid, block, sharedBytes, timeLimit })
  const parameterSize = parameterBytes(kernel)
  // Most parameters are read by name; a struct may be read by its address.
  memory.mark(parameters, parameterSize, readOnly)
  for (const output of outputs) awaitOutput(memory, output)
  machine.serve(running)
  try {
    const faulted = running.run()
    if (!faulted)
      for (const output of outputs) {
        const missing = unwritten(memory, output)
        if (missing !== undefined) running.report.addAlone('unwritten', missing)
      }
    return { findings: running.report.findings, faulted, counts: running.counts }
  } finally {
    machine.serve(undefined)
    for (const output of outputs) forgetOutput(memory, output)
    memory.mark(parameters, parameterSize, 0)
    running.end()
  }
}
