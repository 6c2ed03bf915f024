/** The flags that say what runs a kernel. */
import type { Command } from 'commander'
import { nearest } from '../../dsl/names.ts'
import type { TargetName } from '../../runtime/pool.ts'
import type { Target } from '../../runtime/target.ts'
import { CannotError } from '../exit.ts'
import { type Problems, readChoice } from './values.ts'

export interface TargetFlags {
  readonly target?: string
  readonly device?: string
  readonly arith?: string
}

/** What the flags ask for. */
export interface TargetRequest {
  readonly target: TargetName
  readonly arith?: 'f32' | 'f64'
}

const known = ['js', 'oracle', 'interpreter'] as const satisfies readonly TargetName[]
/** Targets of later versions: asked for rightly, but not to be had. */
const later = ['webgpu', 'cuda', 'wasm']

export const addTargetFlags = (command: Command): Command =>
  command
    .optionsGroup('Target:')
    .option('--target <TARGET>', `${known.join(', ')} (default: js)`)
    .option('--device <DEVICE>', 'which of the target’s devices; the targets of this version have one each')
    .option('--arith <PRECISION>', 'f64, or f32 to round each operation; the interpreter only (default: f64)')

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
  if (flags.device !== undefined) problems.add(`--device ${flags.device}: the target ${name} has one device; leave it out`)
  return { target: target ?? 'js', ...(arith && { arith }) }
}

/** Loads a target: the compiler comes with it, so not before the flags have been read. */
export const loadTarget = async (name: TargetName): Promise<Target> => (await import('../../runtime/targets.ts')).targets[name]
