/** Without a GPU and without a word about it, Node finds the adapter that a package has brought. */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import '../children.ts'
import { packagedSwiftShader } from '../../runtime/node/swiftshader.ts'

const ask = `
import { openWebGpu } from '${new URL('../../runtime/webgpu/index.ts', import.meta.url).href}'
const gpu = await openWebGpu().catch((error) => ({ description: error.message, [Symbol.dispose]() {} }))
console.log(gpu.description)
gpu[Symbol.dispose]()
`

/** What a program says of its adapter. */
const said = (folder: string | undefined): string => {
  const { POOLWRIGHT_SWIFTSHADER: _, ...others } = process.env
  const env = { ...others, ...(folder !== undefined && { POOLWRIGHT_SWIFTSHADER: folder }) }
  return spawnSync(process.execPath, ['--input-type=module', '-e', ask], { env, encoding: 'utf8' }).stdout.trim()
}

it('is SwiftShader where nothing else is, and none where an empty name asks for none', async (context) => {
  if ((await packagedSwiftShader()) === undefined) context.skip('SwiftShader comes for Linux on x64 only')
  const own = said('')
  const isWithoutGpu = own.startsWith('there is no adapter for WebGPU')
  expect(said(undefined)).toBe(isWithoutGpu ? said(await packagedSwiftShader()) : own)
  if (isWithoutGpu) expect(said(undefined)).toMatch(/SwiftShader/)
})
