/**
 * WebGPU in Node: Dawn, by the package webgpu. Where there is no GPU, SwiftShader runs the same shaders on the CPU: its folder
 * is named by POOLWRIGHT_SWIFTSHADER, and its Vulkan loader is opened before Dawn looks for one, which then is that.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { loadFfi } from '../ffi.ts'
import type { Gpu } from './api.ts'
import { WebGpuMissingError } from './errors.ts'
import type { Found } from './open.ts'

const loader = 'libvulkan.so.1'
const driver = 'vk_swiftshader_icd.json'

/** @throws WebGpuMissingError for a folder that is no SwiftShader's */
const useSwiftShader = async (folder: string): Promise<void> => {
  for (const file of [loader, driver])
    if (!existsSync(join(folder, file)))
      throw new WebGpuMissingError(
        `POOLWRIGHT_SWIFTSHADER is ${folder}, but there is no ${file} in it: name SwiftShader's folder`,
      )
  process.env.VK_ICD_FILENAMES = join(folder, driver)
  // It stays open: whoever asks for a loader by its name is given this one.
  const { open } = await loadFfi()
  open(join(folder, loader))
}

let opened: Promise<Found> | undefined

/** The package's version, which says which Dawn it has. */
const versionOf = (name: string): string =>
  (createRequire(import.meta.url)(`${name}/package.json`) as { readonly version: string }).version

const open = async (): Promise<Found> => {
  const folder = process.env.POOLWRIGHT_SWIFTSHADER
  if (folder) await useSwiftShader(folder)
  // By a variable: its types would bring WebGPU's into every program that imports ours.
  const name = 'webgpu'
  try {
    const { create } = (await import(name)) as { readonly create: (options: readonly string[]) => Gpu }
    return { gpu: create([]), implementation: `Dawn, webgpu ${versionOf(name)}` }
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND' ? '' : ` (${String(error)})`
    throw new WebGpuMissingError(`Node has no WebGPU of its own: npm install webgpu, which is Dawn${reason}`)
  }
}

/** Dawn, opened once a process: what it gave out dies with it. */
export const dawn = (): Promise<Found> => {
  opened ??= open()
  opened.catch(() => {
    opened = undefined
  })
  return opened
}
