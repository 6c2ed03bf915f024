/**
 * `npm run test:torch`: exports every operator as a Python package, installs it into an environment of the project's own, and
 * runs its tests. Words after `--` go to pytest. On a GPU, with a PyTorch for it in the environment:
 *
 *     POOLWRIGHT_TORCH_DEVICE=cuda npm run test:torch -- test/torch/test_operators.py
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { call, exportPackage, root, torchEnvironment, torchFolder } from './torch-environment.mjs'

const { specs } = await import(pathToFileURL(join(root, 'dist/specs/index.js')).href)
const python = torchEnvironment(['pytest', 'pytest-xdist', 'safetensors', 'scikit-learn', 'matplotlib', 'ruff'])
const each = (flag, values) => values.flatMap((value) => [flag, value])
// Those of the networks; on a GPU, POOLWRIGHT_TORCH_DEVICE=cuda, all that the tests of operators pool by.
const onGpu = process.env.POOLWRIGHT_TORCH_DEVICE === 'cuda'
const more = ['k3s1', 'k2s1', 'k3s2p1ceil', 'k3s2p1ceilnopad', 'k3d2', 'k3', 'k2-1d', 'k2x2x2', 'adaptive3x5', 'global2d']
const geometries = ['k2', 'k3s2p1', 'k4', ...(onGpu ? more : [])]
const types = onGpu ? ['float32', 'float64', 'float16', 'bfloat16'] : []
const exported = exportPackage(python, 'all', [...specs.keys(), ...each('--geometry', geometries), ...each('--dtype', types)])

// An operator of each golden case, and of random formulas, in a package of its own.
const golden = join(torchFolder, 'golden')
rmSync(golden, { recursive: true, force: true })
mkdirSync(join(golden, 'golden_operators/operators'), { recursive: true })
cpSync(join(root, 'python/package'), join(golden, 'golden_operators'), { recursive: true })
for (const script of ['golden-operators.ts', 'random-operators.ts'])
  call(process.execPath, [
    '--import',
    join(root, 'test/strip-types.mjs'),
    join(root, 'test/torch', script),
    join(golden, 'golden_operators/operators'),
  ])

const env = {
  ...process.env,
  // Two tests at a time, each on a core of its own.
  OMP_NUM_THREADS: '1',
  // Programs that tests start need the same help as the tests themselves: see test/torch/site.
  PYTHONPATH: [join(root, 'test/torch/site'), join(root, 'test/torch'), golden].join(delimiter),
  PYTHONDONTWRITEBYTECODE: '1',
  POOLWRIGHT_EXPORTED: exported,
}
const words = process.argv.slice(2)
const flags = ['-q', '-p', 'no:cacheprovider', '-p', 'no:logging', '-n', '2', '--dist', 'loadgroup']
const tests = words.length > 0 ? words : ['test/torch']
const style = ['check', 'format --check'].map((of) =>
  spawnSync(python, ['-m', 'ruff', ...of.split(' '), '.'], { cwd: root, stdio: 'inherit' }),
)
const { status } = spawnSync(python, ['-m', 'pytest', ...flags, ...tests], { cwd: root, env, stdio: 'inherit' })
process.exitCode = Math.max(...style.map((one) => one.status ?? 1), status ?? 1)
