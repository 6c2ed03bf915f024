/**
 * What the type system holds of CUDA's public face. Each line marked as an expected error is one; `tsc` fails where it is none.
 * Nothing here runs.
 */
import {
  type Counts,
  type CudaDevice,
  CudaError,
  CudaMissingError,
  FindingsError,
  type Observation,
  openCuda,
  runSanitized,
} from '../../runtime/cuda/index.ts'
import type { Target } from '../../runtime/target.ts'
import { gaussianPool } from '../../specs/index.ts'

declare const x: { shape: number[]; data: Float32Array }

export const opened = async (): Promise<void> => {
  const seen: Observation[] = []
  const cuda = await openCuda({ device: 'emulator', arch: 90, observe: (observation) => seen.push(observation) })
  await openCuda({ device: 1 })
  // @ts-expect-error: a device is a number, or the emulator.
  await openCuda({ device: 'gpu' })
  // @ts-expect-error: there is no option of this name.
  await openCuda({ architecture: 90 })
  const target: Target = cuda.target
  const kernel = await gaussianPool.compile({ target, kernelSize: 2, schedule: { threads: 128 } })
  // What the target is changes nothing about a kernel's arguments.
  // @ts-expect-error: the weight is missing.
  kernel.forward({ x })
  // @ts-expect-error: CUDA is opened, and has no name among the targets.
  await gaussianPool.compile({ target: 'cuda', kernelSize: 2 })
  const counts: Counts | undefined = seen[0]?.counts
  const conflicts: number | undefined = counts?.shared.conflicts
  // @ts-expect-error: what was counted is not to be changed.
  if (counts) counts.threads = conflicts
  const device: CudaDevice = cuda.device
  // @ts-expect-error: only a GPU, not every device, has an architecture.
  const arch: number = device.arch
  device.allocate(arch).free()
  cuda[Symbol.dispose]()
}

export const errors = (error: unknown): readonly string[] => {
  if (error instanceof FindingsError) return error.findings.map(({ message, sourceLine }) => `${sourceLine}: ${message}`)
  if (error instanceof CudaMissingError) return [error.message]
  // @ts-expect-error: not every error of CUDA's has findings.
  return error instanceof CudaError ? error.findings : []
}

export const sanitized = async (): Promise<number> => {
  const grid = [1, 1, 1] as const
  const report = await runSanitized({
    source: '',
    file: 'k.cu',
    kernel: 'k',
    grid,
    block: grid,
    sharedBytes: 0,
    arguments: [
      { data: x.data, reads: true },
      { type: 'i32', value: 7 },
    ],
  })
  // @ts-expect-error: a grid has three extents.
  await runSanitized({ source: '', file: '', kernel: '', grid: [1], block: grid, sharedBytes: 0, arguments: [] })
  return report.findings.length + report.resources.registers
}
