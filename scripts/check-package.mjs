/**
 * Uses the package as somebody else would: packed, installed into an empty folder, imported, type-checked, and called on the
 * command line; then bundles its browser entry and sees that nothing of Node is in it.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'poolwright-package-'))

const call = (program, args, cwd) => {
  console.log(`$ ${[program, ...args].join(' ')}`)
  const { status, stdout } = spawnSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (status !== 0) throw new Error(`${program} ended with ${status}:\n${stdout}`)
  return stdout
}

try {
  const [packed] = JSON.parse(call('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', home], root))
  const paths = packed.files.map(({ path }) => path)
  const stray = paths.filter((path) => /\.test\.|^(test|bench|scripts|node_modules)\//.test(path))
  if (stray.length > 0) throw new Error(`the package holds what is not for users: ${stray.join(' ')}`)
  console.log(`${packed.filename}: ${paths.length} files, ${Math.ceil(packed.size / 1024)} KiB`)

  writeFileSync(join(home, 'package.json'), '{ "name": "somebody-else", "private": true, "type": "module" }\n')
  call('npm', ['install', '--prefer-offline', '--no-fund', '--no-audit', join(home, packed.filename)], home)

  for (const name of readdirSync(join(root, 'test/package'))) copyFileSync(join(root, 'test/package', name), join(home, name))
  console.log(call('npx', ['--no-install', 'poolwright', 'build', 'halve.pool.ts'], home).trim())
  for (const name of ['use.mjs', 'use-cuda.mjs', 'use-webgpu.mjs', 'use-built.mjs'])
    console.log(call(process.execPath, [name], home).trim())

  // The types, as they arrive: no source of ours, no paths into this checkout; Node's own for CUDA alone, which needs Node.
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const options = { noEmit: true, strict: true, target: 'es2022', module: 'nodenext', types: [], lib: ['es2023', 'dom'] }
  const ofNode = { types: ['node'], typeRoots: [join(root, 'node_modules/@types')], lib: ['es2023'] }
  for (const [file, more] of [
    ['use.ts', {}],
    ['use-cuda.ts', ofNode],
    ['use-webgpu.ts', { lib: [...options.lib, 'esnext.disposable'] }],
    ['use-built.ts', { lib: [...options.lib, 'esnext.disposable'] }],
  ]) {
    writeFileSync(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...options, ...more }, files: [file] }))
    call(process.execPath, [tsc, '-p', '.'], home)
  }

  const doctor = JSON.parse(call('npx', ['--no-install', 'poolwright', 'doctor', '--json'], home))
  if (!doctor.targets.js.available) throw new Error('doctor finds no JavaScript target')

  const exported = [
    'export',
    'torch',
    'isp-gaussian',
    'isp-gaussian-cn',
    'isp-gaussian-inference',
    '--geometry',
    'k2',
    '--out',
    'pooling',
  ]
  console.log(call('npx', ['--no-install', 'poolwright', ...exported], home).trim())
  if (!existsSync(join(home, 'pooling/poolwright_torch/gaussian_pooling.py'))) throw new Error('the layer was not exported')
  const version = call('npx', ['--no-install', 'poolwright', '--version'], home).trim()
  const expected = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
  if (version !== expected) throw new Error(`the command line says ${version}, the package ${expected}`)

  console.log(call(process.execPath, [join(root, 'scripts/check-bundle.mjs'), home], home).trim())
  console.log('The package works where it is installed.')
} finally {
  rmSync(home, { recursive: true, force: true })
}
