/**
 * WebGPU in Node: Dawn, by the package webgpu. Where there is no GPU, SwiftShader runs the same shaders on the CPU: from a package
 * that brings it, or from the folder that POOLWRIGHT_SWIFTSHADER names. Its Vulkan loader is opened before Dawn looks for one,
 * which then is that.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { loadFfi } from '../ffi.ts'
import { packagedSwiftShader } from '../node/swiftshader.ts'
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

/** By a variable: its types would bring WebGPU's into every program that imports ours. */
const packageName = 'webgpu'

let opened: Promise<Found> | undefined

/** The package's version, which says which Dawn it has. */
const versionOf = (name: string): string =>
  (createRequire(import.meta.url)(`${name}/package.json`) as { readonly version: string }).version

type Create = (options: readonly string[]) => Gpu

const createDawn = async (): Promise<Create> => {
  try {
    return ((await import(packageName)) as { readonly create: Create }).create
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND' ? '' : ` (${String(error)})`
    throw new WebGpuMissingError(`Node has no WebGPU of its own: npm install webgpu, which is Dawn${reason}`)
  }
}

/** The machine's own adapter; where there is none, SwiftShader's, if a package has brought one. */
const withSoftware = (own: Gpu, create: Create): Gpu => {
  let software: Promise<Gpu | undefined> | undefined
  const found = async (): Promise<Gpu | undefined> => {
    const folder = await packagedSwiftShader()
    if (folder === undefined) return undefined
    await useSwiftShader(folder)
    return create([])
  }
  return {
    requestAdapter: async (options) => {
      const adapter = await own.requestAdapter(options)
      if (adapter) return adapter
      software ??= found()
      return (await (await software)?.requestAdapter(options)) ?? null
    },
  }
}

/** Whether a driver can be here at all: without a loader of Vulkan's there is none on Linux, and Dawn says so on stderr. */
const mayHaveDriver = async (): Promise<boolean> => {
  if (process.platform !== 'linux') return true
  try {
    ;(await loadFfi()).open(loader)
    return true
  } catch {
    return false
  }
}

const open = async (): Promise<Found> => {
  // Whoever names a folder, or by an empty name none, has chosen.
  const named = process.env.POOLWRIGHT_SWIFTSHADER
  const folder = named ?? ((await mayHaveDriver()) ? undefined : await packagedSwiftShader())
  if (folder) await useSwiftShader(folder)
  const create = await createDawn()
  const own = create([])
  const gpu = folder === undefined ? withSoftware(own, create) : own
  return { gpu, implementation: `Dawn, webgpu ${versionOf(packageName)}` }
}

/** Dawn, opened once a process: what it gave out dies with it. */
export const dawn = (): Promise<Found> => {
  opened ??= open()
  opened.catch(() => {
    opened = undefined
  })
  return opened
}
