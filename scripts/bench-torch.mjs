/** `npm run bench:torch`: the exported Gaussian pooling beside PyTorch's own, on the device at hand. Words after `--` go to the benchmark. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { exportPackage, root, torchEnvironment } from './torch-environment.mjs'

const python = torchEnvironment()
const operators = ['isp-gaussian', 'isp-gaussian-cn', 'isp-gaussian-inference']
exportPackage(python, 'bench', [...operators, '--geometry', 'k2', '--geometry', 'k4'])
const words = [join(root, 'bench/exported.py'), ...process.argv.slice(2)]
process.exitCode = spawnSync(python, words, { cwd: root, stdio: 'inherit' }).status ?? 1
