/**
 * A virtual environment of the project's own, with PyTorch in it, and in that the package that `poolwright export torch` writes:
 * built as a wheel and installed, as its users do. Nothing outside the folder is touched.
 *
 * pip takes the build of PyTorch that its configuration leads to. Only that for CPUs is needed; where an index of those is set
 * up, its version sorts after the others and so is chosen.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../', import.meta.url))

/** Where environments and exported packages lie; another by POOLWRIGHT_TORCH_FOLDER. */
export const torchFolder = process.env.POOLWRIGHT_TORCH_FOLDER ?? join(root, '.torch')

const torch = ['torch==2.13.*', 'torchvision==0.28.*', 'numpy', 'setuptools>=70', 'wheel']

/** Runs a program to its end. @throws Error with what it said, where it fails */
export const call = (program, args) => {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `${stdout ?? ''}${stderr ?? ''}`.trim()}`)
  return stdout
}

/**
 * Makes the environment, or brings it up to date.
 * @param extra - further packages, as pip takes them
 * @returns the path of its Python
 */
export const torchEnvironment = (extra = []) => {
  const home = join(torchFolder, 'venv')
  const python = join(home, 'bin', 'python')
  const wanted = [...torch, ...extra]
  const stamp = join(home, 'packages.json')
  const installed = existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : undefined
  const missing = wanted.filter((one) => !installed?.includes(one))
  if (missing.length === 0) return python
  console.error(`Installing into ${home}: ${missing.join(' ')}`)
  if (installed === undefined) {
    rmSync(home, { recursive: true, force: true })
    call('python3', ['-m', 'venv', home])
  }
  // Compiling all of PyTorch's modules takes longer than unpacking them; Python compiles those that are used.
  call(python, ['-m', 'pip', 'install', '--quiet', '--no-compile', '--retries', '1', ...missing])
  writeFileSync(stamp, JSON.stringify([...new Set([...(installed ?? []), ...wanted])]))
  return python
}

/**
 * Exports operators, builds the wheel, and installs it into the environment.
 * @param words - of `poolwright export torch`, without the folder
 * @returns the folder of the package
 */
export const exportPackage = (python, name, words) => {
  const folder = join(torchFolder, name)
  const wheels = join(folder, 'wheels')
  call(process.execPath, [join(root, 'dist/cli/main.js'), 'export', 'torch', ...words, '--out', folder])
  rmSync(wheels, { recursive: true, force: true })
  call(python, [
    '-m',
    'pip',
    'wheel',
    '--quiet',
    '--no-deps',
    '--no-index',
    '--no-build-isolation',
    '--wheel-dir',
    wheels,
    folder,
  ])
  call(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--no-index',
    '--force-reinstall',
    '--find-links',
    wheels,
    'poolwright-torch',
  ])
  return folder
}
