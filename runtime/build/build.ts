/** A spec module into the files that it is built into, as texts: nothing is written here. */
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { BuiltModuleKernel } from '../../codegen/module/kernel.ts'
import { builtModule, type ModuleSetting } from '../../codegen/module/module.ts'
import { builtTypes } from '../../codegen/module/types.ts'
import { ArgumentError, PoolwrightError } from '../../dsl/errors.ts'
import { cudaFiles } from './cuda-files.ts'
import { buildKernel } from './kernels.ts'
import { readSpec } from './spec.ts'

export interface BuiltFile {
  readonly path: string
  readonly text: string
}

export interface BuiltSpec {
  readonly files: readonly BuiltFile[]
  /** The files that the spec module was read from. */
  readonly sources: readonly string[]
}

export const { version } = createRequire(import.meta.url)('poolwright/package.json') as { readonly version: string }

/** Reads a spec module, and emits its kernels. */
export const emitSpec = async (
  path: string,
): Promise<{ readonly kernels: readonly BuiltModuleKernel[]; readonly sources: readonly string[] }> => {
  const { kernels, files } = await readSpec(path)
  const made = kernels.map(({ name, words, definition }) => {
    try {
      return buildKernel(name, words, definition)
    } catch (error) {
      // Which of the spec's kernels it is about.
      throw error instanceof PoolwrightError ? new ArgumentError(`${path}: ${name}: ${error.message}`) : error
    }
  })
  return { kernels: made, sources: files }
}

/** `gaussian.pool.ts` is built into `gaussian.js`. */
export const stemOf = (path: string): string => basename(path).replace(/(\.pool)?\.[cm]?tsx?$/, '')

/** The folder that a spec module is built into where none is named: `kernels`, beside it. */
export const defaultFolder = (path: string): string => join(dirname(resolve(path)), 'kernels')

/**
 * The files of a spec module's kernels: a module with its declarations, and for CUDA the sources with their launches.
 * @throws what {@link readSpec} and `compile` do, with the spec's path and the kernel's name
 */
export const buildSpec = async (path: string, folder: string): Promise<BuiltSpec> => {
  const { kernels, sources } = await emitSpec(path)
  const setting: ModuleSetting = { version, from: relative(folder, resolve(path)).split(sep).join('/') }
  const file = (name: string, text: string): BuiltFile => ({ path: join(folder, name), text })
  return {
    sources,
    files: [
      file(`${stemOf(path)}.js`, builtModule(kernels, setting)),
      file(`${stemOf(path)}.d.ts`, builtTypes(kernels, setting)),
      ...kernels.flatMap((kernel) => cudaFiles(kernel, setting).map(({ name, text }) => file(name, text))),
    ],
  }
}
