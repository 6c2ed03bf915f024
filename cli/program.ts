/**
 * The command line: which commands there are, what their help teaches, and what an error means for the exit code. A command
 * is loaded when it is called, so that `--help` and a misspelt flag answer at once.
 */
import { Command, CommanderError } from 'commander'
import { GeometryError, PoolwrightError } from '../dsl/errors.ts'
import type { BenchFlags } from './commands/bench-request.ts'
import type { BuildFlags } from './commands/build.ts'
import type { CheckFlags } from './commands/check.ts'
import type { DoctorFlags } from './commands/doctor.ts'
import type { ExportFlags } from './commands/export.ts'
import type { RunFlags } from './commands/run-request.ts'
import type { SanitizeFlags } from './commands/sanitize.ts'
import type { ShowFlags } from './commands/show.ts'
import type { TuneFlags } from './commands/tune-request.ts'
import { CannotError, type ExitCode, exit } from './exit.ts'
import { addCacheCommand } from './flags/cache.ts'
import { addGeometryFlags } from './flags/geometry.ts'
import { addProblemFlags } from './flags/problem.ts'
import { addNameFlags } from './flags/shapes.ts'
import { addFormulaFlag } from './flags/source.ts'
import { addScheduledTargetFlags, addTargetFlags } from './flags/target.ts'
import { gather } from './flags/values.ts'
import type { Io } from './io.ts'

const exitCodes = `
Exit codes:
  0  done    1  a check failed    2  bad input    3  this machine or version cannot
`

const runExamples = `
Examples:
  Maximum over windows of 2 x 2:
    $ poolwright run max photo.jpg small.png --kernel 2

  A formula: the mean, and two deviations above it:
    $ poolwright run --formula 'mean(x) + 2 * std(x)' photo.png out.png --kernel 3 --stride 2 --padding 1

  Gaussian pooling with a weight a channel, and its gradients:
    $ poolwright run gaussian x.npy y.npy --kernel 2 --param weight=weight.npy \\
        --grad-output dy.npy --grad-input dx.npy --grad-param weight=dweight.npy

  CUDA's kernel, on the first GPU; or on the CPU, where every access is watched and counted:
    $ poolwright run max x.npy y.npy --kernel 2 --target cuda
    $ poolwright run max x.npy y.npy --kernel 2 --target cuda --device emulator --counts

A .npy tensor is N, C, then its spatial dimensions; an image is one sample of 1 or 3 channels, bytes / 255.
With --dtype float16 or bfloat16, for targets that store them, parameters and their gradients are float32 all the same.
.npy has float16 but no bfloat16: with --dtype bfloat16 inputs are rounded, and results are written as float32.
Without --grad-output every element of the output has the cotangent 1. Nothing is written unless everything succeeds.
`

const showExamples = `
Examples:
    $ poolwright show gaussian                                  the operator and its names
    $ poolwright show gaussian --kernel 3 --stride 2 --padding 1 --backward
    $ poolwright show --formula 'sum(x * exp(x)) / sum(exp(x))' --kernel 2 --stages
    $ poolwright show max --kernel 2 --schedule '{"unroll": "none"}'
    $ poolwright show max --kernel 2 --target cuda --dtype float16
    $ poolwright show gaussian --kernel 3 --backward --target cuda --resources --arch sm_90

CUDA's source needs neither a GPU nor a compiler; --resources needs NVRTC and no GPU.
`

const checkExamples = `
Examples:
    $ poolwright check test/golden/max.json test/golden/avg.json
    $ poolwright check test/golden/gaussian-offset.json --target interpreter --arith f32 --json
    $ poolwright check test/golden/gaussian.json --target interpreter --arith f32 --dtype float16
    $ poolwright check test/golden/max.json --target cuda --device emulator

With a --dtype that is not a file's own, inputs are rounded to it, and the oracle says what is expected of the rounded ones.
`

const buildExamples = `
Examples:
    $ poolwright build gaussian.pool.ts                      into kernels/gaussian.js, beside the spec module
    $ poolwright build src/*.pool.ts --out src/kernels
    $ poolwright build src/*.pool.ts --out src/kernels --check      in CI: exits 1 where a file is stale
    $ poolwright build gaussian.pool.ts --watch

A spec module exports what defineKernel makes of an operator, a geometry and targets:
    import { attr, defineKernel, input, param, pool } from 'poolwright'

    const gaussian = pool('gaussian', { x: input(), weight: param('channel'), eps: attr(1e-6) },
      'mean(x) + weight * sqrt(max(var(x), eps))')

    /** Halves a picture. */
    export const halve = defineKernel(gaussian, { kernelSize: 3, stride: 2, padding: 1, targets: ['js', 'webgpu'] })

What is built has the same names and types, and needs no compiler: const kernel = await halve.js()
Bundlers build by themselves with the plugin of poolwright/unplugin.
`

const exportExamples = `
Examples:
    $ poolwright export torch gaussian softpool --out pooling            a package for PyTorch in the folder pooling
    $ poolwright export torch mine.pool.ts --out pooling --name my_pooling --geometry k3s2p1 --geometry global
    $ poolwright export torch isp-gaussian isp-gaussian-cn isp-gaussian-inference --out pooling     with the layer GaussianPooling2d
    $ pip install ./pooling

A spec is an operator's name, or a file of TypeScript that exports operators:
    import { input, param, pool } from 'poolwright'
    export const mine = pool('mine', { x: input(), w: param('channel') }, 'mean(x) + w * std(x)')

A geometry is written as k3s2p1: kernel 3, stride 2, padding 1; further d2 (dilation), ceil, nopad (padding is not counted), div4,
k3x5 for each dimension, and k2-1d or k2x2x2 for one or three of them; or global, or adaptive7x7. Kernels for a GPU are made for the
geometries that are asked for; on a CPU a package pools with any.
`

const tuneExamples = `
Examples:
    $ poolwright tune gaussian --kernel 3 --stride 2 --padding 1 --input 8,64,56,56 --budget 60s
    $ poolwright tune max --kernel 2 --input 8,64,112,112 --backward --report max.html
    $ poolwright tune avg --kernel 2 --input 1,4,16,16 --target cuda --device emulator --candidates 20
    $ poolwright tune --formula 'mean(x) + 2 * std(x)' --kernel 3 --input 8,64,56,56 --schedule '{"unroll": "all"}'

Ctrl-C keeps all that was measured; the same command goes on from there. One that came to its end is final: the next answers
from memory. Kernels are then compiled with what was found: compile({ ..., tune: 'cached', input: [8, 64, 56, 56] }).
The emulator has no clock: there candidates are proved right, and ranked by a cost model.
`

const benchExamples = `
Examples:
    $ poolwright bench max --kernel 2 --input 8,64,112,112 --results y --peer plain --peer tfjs
    $ poolwright bench gaussian --kernel 3 --stride 2 --padding 1 --input 8,64,56,56 --backward --schedule '{"unroll": "none"}'
    $ poolwright bench avg --kernel 2 --input 8,64,56,56 --target js --target cuda --json
    $ poolwright bench --formula 'mean(x) + 2 * std(x)' --kernel 3 --input 8,64,56,56 --peer ./my-pool.js

All take turns; times are multiples of the first, the default schedule. Each result is held against the definition before it
counts. Peers: plain (a plain loop), tfjs (TensorFlow.js, on its CPU backend) and jax-js, whose packages you install; or a module
of your own that exports peer. What poolwright tune has found for the same words takes part by itself.
`

const sanitizeExamples = `
Examples:
    $ poolwright sanitize scale.cu --kernel scale --grid 4 --block 256 --arg in:x.npy --arg out:f32:1000=y.npy --arg i32:1000
    $ poolwright sanitize tile.cu --kernel tile --grid 8,8 --block 16,16 --shared 4096 --arg inout:x.npy --json

Arguments in the kernel's order: i32:7 u32:7 i64:7 u64:7 f32:0.5 f64:0.5, in:FILE.npy (a tensor that is read),
inout:FILE.npy[=FILE.npy] (read and written; =FILE keeps the result), out:TYPE:SIZES[=FILE.npy] (written; TYPE is i32,
f16, f32 or f64). No GPU is needed: NVRTC's own output runs on the CPU. Declare the kernel extern "C" so that it keeps its name.
`

const makeProgram = (io: Io, version: string, done: (code: ExitCode) => void): Command => {
  const program = new Command('poolwright')
    .description('Pooling operators from their formulas: kernels, gradients, pictures.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: (text, write) => write(text.replace(/^error: /, '')) })
    .showHelpAfterError('See --help.')
    .exitOverride()

  const run = program
    .command('run')
    .summary('pool a tensor or an image, and take gradients')
    .description('Pools INPUT (PNG, JPEG or .npy) with an operator of the house or a formula, and writes OUTPUT (PNG or .npy).')
    .usage('OPERATOR|--formula TEXT INPUT OUTPUT [options]')
    .argument('[words...]', 'the operator’s name unless a formula is given, the input, the output')
  addFormulaFlag(run)
    .option('--param <NAME=VALUE>', 'a parameter: a number or a .npy file; may be repeated', gather)
    .option('--tensor <NAME=FILE>', 'a further tensor of the input’s shape; may be repeated', gather)
    .option('--attr <NAME=NUMBER>', 'a constant of the operator; may be repeated', gather)
    .option('--seed <N>', 'the seed of random values')
  addGeometryFlags(run)
    .optionsGroup('Results:')
    .option('--indices <FILE.npy>', 'write the indices of an operator that gives them')
    .option('--grad-output <FILE.npy>', 'the cotangent of the output (default: all 1)')
    .option('--grad-input <FILE.npy>', 'write the gradient of the input')
    .option('--grad-param <NAME=FILE.npy>', 'write the gradient of a parameter; may be repeated', gather)
    .option('--grad-tensor <NAME=FILE.npy>', 'write the gradient of a further tensor; may be repeated', gather)
    .option('--dtype <TYPE>', 'float32, float64, float16 or bfloat16: how tensors are stored (default: as the input is)')
    .option('--json', 'print what was done as JSON')
  addTargetFlags(run)
    .option('--counts', 'print what each launch took: instructions, memory traffic, bank conflicts; the emulator only')
    .addHelpText('after', runExamples + exitCodes)
    .action(async (words: string[], flags: RunFlags) => (await import('./commands/run.ts')).run(words, flags, io))

  const show = program
    .command('show')
    .summary('print an operator, its graph, its stages, or source text')
    .description('Prints what becomes of an operator: itself, its graph, its stages, or the source text of a target.')
    .usage('OPERATOR|--formula TEXT [options]')
    .argument('[words...]', 'the operator’s name, unless a formula is given')
  addNameFlags(addFormulaFlag(show))
  addGeometryFlags(show)
    .optionsGroup('What to print:')
    .option('--backward', 'the gradient instead of the operator itself')
    .option('--ir', 'the graph')
    .option('--stages', 'the stages, and what they store')
    .option('--schedule <JSON>', 'axes of the schedule to pin')
    .option('--dtype <TYPE>', 'float32, float64, float16 or bfloat16 (default: float32)')
    .option('--resources', 'what CUDA kernels take: registers, spills, shared memory, occupancy; compiles them')
    .option('--arch <SM>', 'what --resources compiles for, such as sm_90 (default: sm_80)')
    .option('--json', 'print as JSON')
  addTargetFlags(show)
    .addHelpText('after', showExamples + exitCodes)
    .action(async (words: string[], flags: ShowFlags) => (await import('./commands/show.ts')).show(words, flags, io))

  const check = program
    .command('check')
    .summary('compare kernels with golden files')
    .description('Compiles the operator of each case, runs it forward and backward, and compares within the tolerances.')
    .usage('FILE... [options]')
    .argument('[files...]', 'golden files')
  addTargetFlags(check)
    .option('--dtype <TYPE>', 'float32, float64, float16 or bfloat16: store tensors so (default: as the files say)')
    .option('--json', 'print a report of every case as JSON')
    .addHelpText('after', checkExamples + exitCodes)
    .action(async (files: string[], flags: CheckFlags) =>
      done(await (await import('./commands/check.ts')).check(files, flags, io)),
    )

  program
    .command('build')
    .summary('turn spec modules into kernels that need no compiler')
    .description('Builds the kernels that spec modules export into JavaScript modules with declarations, and into CUDA sources.')
    .usage('SPEC.pool.ts... [options]')
    .argument('[specs...]', 'spec modules: TypeScript files that export what defineKernel makes')
    .option('--out <FOLDER>', 'where to write (default: kernels, beside each spec module)')
    .option('--check', 'write nothing; exit 1 where a file is missing, stale or left over')
    .option('--watch', 'build again whenever a spec module or what it imports changes')
    .option('--json', 'print which files were written, unchanged or removed as JSON')
    .addHelpText('after', buildExamples + exitCodes)
    .action(async (specs: string[], flags: BuildFlags) =>
      done(await (await import('./commands/build.ts')).build(specs, flags, io)),
    )

  program
    .command('export')
    .summary('write operators as a package of another world: PyTorch')
    .description('Writes operators as a package of another world.')
    .command('torch')
    .summary('write a Python package for PyTorch')
    .description('Writes a Python package: custom operators with gradients, CUDA kernels for NVRTC, and plain PyTorch for CPUs.')
    .usage('SPEC... --out FOLDER [options]')
    .argument('[specs...]', 'operators’ names, or spec modules: TypeScript files that export operators or kernels')
    .option('--out <FOLDER>', 'where to write the package')
    .option('--name <NAME>', 'what Python imports', 'poolwright_torch')
    .option(
      '--geometry <WORDS>',
      'windows to make kernels for, such as k3s2p1; may be repeated (default: k2, k3s2p1, k4, global2d)',
      gather,
    )
    .option('--dtype <TYPE>', 'a type to make kernels for; may be repeated (default: float32, float16, bfloat16)', gather)
    .option('--layout <LAYOUT>', 'channels-first or channels-last; may be repeated (default: both)', gather)
    .option('--attr <NAME=NUMBER>', 'a constant of the operators’ kernels; may be repeated', gather)
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', exportExamples + exitCodes)
    .action(async (specs: string[], flags: ExportFlags) =>
      (await import('./commands/export.ts')).exportTorch(specs, flags, io, version),
    )

  const tune = program
    .command('tune')
    .summary('look for the fastest schedule on this machine')
    .description('Tries schedules of one kernel on this machine: each is proved right, then timed. What is found is remembered.')
    .usage('OPERATOR|--formula TEXT --input N,C,... [options]')
    .argument('[words...]', 'the operator’s name, unless a formula is given')
  addProblemFlags(tune, 'What to tune:')
    .option('--schedule <JSON>', 'axes that are not searched but have this value')
    .option('--deterministic', 'leave alone what reorders sums, so that no bit of a result changes')
    .optionsGroup('How far:')
    .option('--budget <TIME>', 'how long, with what earlier runs of the same command took (default: 60s)')
    .option('--candidates <N>', 'the most candidates')
    .option('--strategy <NAME>', 'guided, local, random or exhaustive (default: guided)')
    .option('--seed <N>', 'the order of the search (default: 1)')
    .option('--report <FILE.html>', 'write pictures: times, convergence, the effect of each axis')
    .option('--record <FILE.json>', 'write all that was measured, to be replayed')
    .option('--json', 'print as JSON')
  addScheduledTargetFlags(tune)
    .addHelpText('after', tuneExamples + exitCodes)
    .action(async (words: string[], flags: TuneFlags) => (await import('./commands/tune.ts')).tune(words, flags, io))

  const bench = program
    .command('bench')
    .summary('time schedules, targets and other libraries side by side')
    .description('Times one kernel under several schedules, on several targets, and other code that does the same, in turns.')
    .usage('OPERATOR|--formula TEXT --input N,C,... [options]')
    .argument('[words...]', 'the operator’s name, unless a formula is given')
  addProblemFlags(bench, 'What to time:')
    .optionsGroup('What takes part, beside the default schedule:')
    .option('--schedule <JSON>', 'axes of a schedule to pin; may be repeated', gather)
    .option('--target <TARGET>', 'js or cuda; may be repeated (default: js)', gather)
    .option('--device <N>', 'a GPU by its number; the target cuda only (default: 0)')
    .option('--peer <NAME|FILE>', 'plain, tfjs, jax-js, or a module that exports peer; may be repeated', gather)
    .optionsGroup('How:')
    .option('--budget <TIME>', 'how long the rounds of all take (default: 10s)')
    .option('--json', 'print as JSON')
    .addHelpText('after', benchExamples + exitCodes)
    .action(async (words: string[], flags: BenchFlags) =>
      done(await (await import('./commands/bench.ts')).bench(words, flags, io)),
    )

  program
    .command('sanitize')
    .summary('run a CUDA kernel on the CPU and report what it does wrong')
    .description('Compiles a CUDA file with NVRTC, runs one launch of a kernel on the CPU, and reports memory errors and races.')
    .usage('FILE.cu --kernel NAME --grid X[,Y[,Z]] --block X[,Y[,Z]] [options]')
    .argument('[words...]', 'the CUDA source file')
    .option('--kernel <NAME>', 'the kernel, as it is called in the source')
    .option('--grid <X,Y,Z>', 'blocks')
    .option('--block <X,Y,Z>', 'threads of a block')
    .option('--shared <BYTES>', 'dynamic shared memory of a block (default: 0)')
    .option('--arg <ARGUMENT>', 'an argument of the kernel; once for each, in order', gather)
    .option('--arch <SM>', 'what to compile for, such as sm_80')
    .option('--nvrtc <FILE>', 'NVRTC’s library, where it is not to be looked for')
    .option('--json', 'print findings and counts as JSON')
    .addHelpText('after', sanitizeExamples + exitCodes)
    .action(async (words: string[], flags: SanitizeFlags) =>
      done(await (await import('./commands/sanitize.ts')).sanitize(words, flags, io)),
    )

  addCacheCommand(program, io, done, exitCodes)

  program
    .command('doctor')
    .summary('say what this machine can do')
    .description('Says what this machine can do, and what the rest needs.')
    .option('--json', 'print as JSON')
    .action(async (flags: DoctorFlags) => (await import('./commands/doctor.ts')).doctor(flags, io))

  program.addHelpText(
    'after',
    `\nStart here:\n    $ poolwright run max photo.jpg small.png --kernel 2\n    $ poolwright run --help\n${exitCodes}`,
  )
  return program
}

/** Names of the library's options, and the flags that say the same. */
const flagNames: Readonly<Record<string, string>> = {
  kernelSize: '--kernel',
  outputSize: '--output-size',
  ceilMode: '--ceil-mode',
  countIncludePad: '--no-count-include-pad',
  divisorOverride: '--divisor',
}

const options = new RegExp(`\\b(${Object.keys(flagNames).join('|')})\\b`, 'g')

const messageOf = (error: PoolwrightError): string =>
  error instanceof GeometryError ? error.message.replace(options, (name) => flagNames[name] ?? name) : error.message

/** Prints an error and says what the process ends with. */
const report = (error: unknown, io: Io): ExitCode => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.badInput
  if (error instanceof PoolwrightError) {
    io.err(`${messageOf(error)}\n`)
    return error instanceof CannotError ? exit.cannot : exit.badInput
  }
  if (error instanceof RangeError && /allocation failed|array length/i.test(error.message)) {
    io.err('this machine has not memory enough for tensors of that size. Use smaller ones, or fewer samples at a time.\n')
    return exit.cannot
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  io.err(`This is a mistake in Poolwright, not in what you wrote. Please report it with the command and these lines:\n${trace}\n`)
  return exit.bug
}

/**
 * Runs the command line.
 *
 * @param argv the words after the program's name
 * @returns the exit code; nothing is thrown
 */
export const main = async (argv: readonly string[], io: Io, version: string): Promise<ExitCode> => {
  let code: ExitCode = exit.done
  try {
    const program = makeProgram(io, version, (given) => {
      code = given
    })
    if (argv.length === 0) {
      io.out(program.helpInformation())
      return exit.badInput
    }
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    return report(error, io)
  }
}
