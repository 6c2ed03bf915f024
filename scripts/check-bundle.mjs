/**
 * Bundles the installed package for a browser and looks at every module that went in: none of Node's, no FFI, no image
 * library, no template compiler. The bundle is then run, without any of Node's globals in sight.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import vm from 'node:vm'
import { build } from 'esbuild'

const home = process.argv[2]
if (home === undefined) throw new Error('check-bundle wants the folder where the package is installed')

const entry = `
import { compile, operatorFromFormula } from 'poolwright'
import { specs } from 'poolwright/specs'
import { openWebGpu, WebGpuMissingError } from 'poolwright/webgpu'

const pooled = async () => {
  const kernel = await compile(operatorFromFormula('max(x) - mean(x)'), { kernelSize: 2 })
  const x = { shape: [1, 1, 2, 2], data: Float32Array.of(1, 2, 3, 6) }
  const { y } = kernel.forward({ x })
  // This page has no WebGPU, and that is said without looking for Node's.
  const missing = await openWebGpu().then(() => false, (error) => error instanceof WebGpuMissingError)
  return { y: y.data[0], gradient: [...kernel.backward({ x, cotangent: y }).x.data], operators: specs.size, missing }
}
globalThis.result = pooled()
`
writeFileSync(join(home, 'browser.mjs'), entry)

const { metafile, outputFiles } = await build({
  absWorkingDir: home,
  entryPoints: ['browser.mjs'],
  bundle: true,
  platform: 'browser',
  format: 'iife',
  metafile: true,
  write: false,
  minify: true,
  // Nothing may be left out of the bundle: what a browser cannot resolve is an error here.
  external: [],
})

const forbidden =
  /(^|\/)node_modules\/(sharp|koffi|commander|webgpu|@img)\/|handlebars\/(dist\/cjs\/handlebars\/compiler|lib)|^node:|^\(disabled\)/
const inside = Object.entries(metafile.inputs)
const wrong = inside
  .flatMap(([path, { imports }]) => [path, ...imports.map((one) => one.path)])
  .filter((path) => forbidden.test(path))
if (wrong.length > 0) throw new Error(`the browser bundle reaches ${[...new Set(wrong)].join(', ')}`)

const context = vm.createContext({})
vm.runInContext(outputFiles[0].text, context)
const { y, gradient, operators, missing } = await context.result
if (y !== 3 || gradient.join() !== '-0.75,-0.75,-0.75,2.25' || operators === 0 || !missing)
  throw new Error(`in the bundle, pooling gives ${y} with the gradient ${gradient}`)
console.log(`browser bundle: ${inside.length} modules, ${Math.ceil(outputFiles[0].contents.length / 1024)} KiB; pools there`)
