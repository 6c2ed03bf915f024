/** The flags that say what runs a kernel. */
import type { Command } from 'commander'
import { nearest } from '../../dsl/names.ts'
import type { TargetName } from '../../runtime/pool.ts'
import { CannotError } from '../exit.ts'
import { type Problems, readChoice, readInteger } from './values.ts'

export interface TargetFlags {
  readonly target?: string
  readonly device?: string
  readonly arith?: string
}

/** Where CUDA's kernels run: a GPU by the driver's number, or the emulator. */
export type CudaDeviceName = number | 'emulator'

/** What the flags ask for. */
export interface TargetRequest {
  readonly target: TargetName | 'cuda' | 'webgpu'
  /** Given for `cuda` alone, where it may be left out. */
  readonly device?: CudaDeviceName
  readonly arith?: 'f32' | 'f64'
}

const known = ['js', 'webgpu', 'cuda', 'oracle', 'interpreter'] as const satisfies readonly TargetRequest['target'][]
/** Targets of later versions: asked for rightly, but not to be had. */
const later = ['wasm']

/** Targets whose kernels have schedules. */
const scheduled = ['js', 'webgpu', 'cuda'] as const satisfies readonly TargetRequest['target'][]

const addTargetAndDevice = (command: Command, targets: readonly string[]): Command =>
  command
    .optionsGroup('Target:')
    .option('--target <TARGET>', `${targets.join(', ')} (default: js)`)
    .option('--device <DEVICE>', 'a GPU by its number, or emulator, which needs none; the target cuda only (default: 0)')

export const addScheduledTargetFlags = (command: Command): Command => addTargetAndDevice(command, scheduled)

export const addTargetFlags = (command: Command): Command =>
  addTargetAndDevice(command, known).option(
    '--arith <PRECISION>',
    'f64, or f32 to round each operation; the interpreter only (default: f64)',
  )

const readDevice = (text: string | undefined, target: string, problems: Problems): CudaDeviceName | undefined => {
  if (text === undefined) return undefined
  if (target !== 'cuda') return problems.add(`--device ${text}: the target ${target} has one device; leave it out`)
  if (text === 'emulator') return text
  const ordinal = readInteger(text)
  if (ordinal !== undefined && ordinal >= 0) return ordinal
  return problems.add(`--device ${text}: name a GPU by its number, as in --device 0, or say --device emulator`)
}

/** @throws CannotError for a target that this version has not */
export const readTarget = (flags: TargetFlags, problems: Problems): TargetRequest => {
  const name = flags.target ?? 'js'
  if (later.includes(name))
    throw new CannotError(
      `this version of Poolwright has no target ${name} yet: it has ${known.join(', ')}. poolwright doctor says more.`,
    )
  const target = known.find((one) => one === name)
  if (target === undefined) {
    const meant = nearest(name, [...known, ...later])
    problems.add(`--target ${name}: ${meant ? `did you mean ${meant}?` : `choose one of ${known.join(', ')}`}`)
  }
  const arith = readChoice('--arith', flags.arith, ['f32', 'f64'] as const, problems)
  if (arith !== undefined && target !== undefined && target !== 'interpreter')
    problems.add(`--arith ${arith}: the target ${target} has its own arithmetic; leave it out, or say --target interpreter`)
  const device = readDevice(flags.device, name, problems)
  return { target: target ?? 'js', ...(device !== undefined && { device }), ...(arith && { arith }) }
}

/**
 * A target whose kernels have schedules.
 * @throws CannotError for a target that this version has not
 */
export const readScheduledTarget = (flags: TargetFlags, problems: Problems): TargetRequest => {
  const request = readTarget(flags, problems)
  if (!scheduled.some((one) => one === request.target))
    problems.add(
      `--target ${request.target}: it has no schedules, so there is nothing to choose; say one of ${scheduled.join(', ')}`,
    )
  return request
}
