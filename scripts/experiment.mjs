/**
 * `npm run experiment`: exports the pooling operators as a Python package, installs it into an environment of the project's own,
 * trains small networks with each pooling, and compares the means with the committed ones. Words after `--` go to
 * experiment/run.py in place of that comparison; `npm run experiment -- --help` lists them.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { exportPackage, root, torchEnvironment } from './torch-environment.mjs'

const words = process.argv.slice(2)
const operators = ['max', 'avg', 'softpool', 'isp-gaussian', 'isp-gaussian-cn', 'isp-gaussian-inference']
const python = torchEnvironment(['scikit-learn', 'matplotlib'])
exportPackage(python, 'experiment', [...operators, '--geometry', 'k2'])

// Ctrl-C reaches Python too, which keeps what was run and then ends; this process waits for it.
process.on('SIGINT', () => {})
const run = spawn(python, [join(root, 'experiment/run.py'), ...(words.length > 0 ? words : ['--check'])], {
  // One thread a process: more would only get into each other's way, and change the last bits.
  env: { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' },
  stdio: 'inherit',
})
run.on('exit', (code) => {
  process.exitCode = code ?? 1
})
