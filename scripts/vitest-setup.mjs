/**
 * Before any test: the compiled templates are those of the working tree, and binaries go to a folder that is gone afterwards. The
 * tests in a browser get one, and the package of the working tree.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packagedSwiftShader } from '../runtime/node/swiftshader.ts'
import { compileTemplates } from './compile-templates.mjs'
import { chromium } from './fetch-chromium.mjs'
import { publish } from './published.mjs'

/** @returns what removes the folder */
const remover = (folder) => () => rmSync(folder, { recursive: true, force: true })

let published

/** The package, built once for all who want it. */
const provideThePackage = async (project) => {
  published ??= publish()
  const folder = await published
  project.provide('published', folder)
  return remover(folder)
}

export const setup = async (project) => {
  compileTemplates()
  // Without a GPU of their own the tests of WebGPU run on the CPU.
  const folder = process.env.POOLWRIGHT_SWIFTSHADER ?? (await packagedSwiftShader())
  if (folder) process.env.POOLWRIGHT_SWIFTSHADER = folder
  if (project.name === 'browser') process.env.POOLWRIGHT_CHROMIUM ??= (await chromium()) ?? ''
  if (['browser', 'built'].includes(project.name)) return provideThePackage(project)
  // Whoever names a folder keeps what was compiled for the next run. Each tier of tests comes by here.
  if (process.env.POOLWRIGHT_CACHE) return undefined
  const cache = mkdtempSync(join(tmpdir(), 'poolwright-cache-'))
  process.env.POOLWRIGHT_CACHE = cache
  return remover(cache)
}
