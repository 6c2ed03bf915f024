/** `poolwright sanitize`: a CUDA kernel of the user's own, compiled by NVRTC and run on the CPU by a device that watches every access. */
import { elements, type Tensor, type TensorData } from '../../dsl/tensor.ts'
import type { KernelArgument } from '../../runtime/cuda/arguments.ts'
import type { Traffic } from '../../runtime/cuda/emulator/emulator.ts'
import type { SanitizeReport } from '../../runtime/cuda/sanitize.ts'
import { type ExitCode, exit } from '../exit.ts'
import { writeFiles } from '../files/atomic.ts'
import { encodeNpy } from '../files/npy.ts'
import { readBytes } from '../files/read.ts'
import { readTensor } from '../files/tensors.ts'
import { type ElementType, type KernelWord, readGrid, readKernelWords } from '../flags/kernel-arguments.ts'
import { Problems, readArch, readInteger } from '../flags/values.ts'
import { type Io, progress } from '../io.ts'
import { grouped } from '../table.ts'

/** As commander gives them. */
export interface SanitizeFlags {
  readonly kernel?: string
  readonly grid?: string
  readonly block?: string
  readonly shared?: string
  readonly arg?: readonly string[]
  readonly arch?: string
  readonly nvrtc?: string
  readonly json?: boolean
}

const arrays: Readonly<Record<ElementType, new (length: number) => TensorData>> = {
  i32: Int32Array,
  f16: Uint16Array,
  f32: Float32Array,
  f64: Float64Array,
}

/** A tensor argument with what becomes of it. */
interface Held {
  readonly tensor: Tensor
  readonly reads: boolean
  readonly to: string | undefined
}

type Given = { readonly scalar: KernelArgument } | Held

const hold = async (word: KernelWord): Promise<Given> => {
  switch (word.kind) {
    case 'scalar':
      return { scalar: { type: word.type, value: word.value } }
    case 'in':
      return { tensor: await readTensor(word.file), reads: true, to: undefined }
    case 'inout':
      return { tensor: await readTensor(word.file), reads: true, to: word.to }
    case 'out':
      return { tensor: { shape: word.shape, data: new arrays[word.type](elements(word.shape)) }, reads: false, to: word.to }
    default:
      return word satisfies never
  }
}

/** How much of what it moves a kernel wanted: sectors of 32 bytes are what memory gives. */
const traffic = (what: string, { bytes, sectors }: Traffic): string =>
  sectors === 0
    ? `no ${what}`
    : `${what} of ${grouped(bytes)} bytes in ${grouped(sectors)} sectors (${Math.round((100 * bytes) / (32 * sectors))} %)`

/** What the launch took, in a few lines. */
const summary = ({ counts, compiler, resources }: SanitizeReport): string => {
  const { threads, instructions, globalLoads, globalStores, shared } = counts
  const all = Object.values(instructions).reduce((sum, n) => sum + n, 0)
  const { registers, frame, occupancy } = resources
  const lines = [
    `${compiler}: ${registers} registers, ${frame} bytes of stack a thread; ${Math.round(100 * occupancy.share)} % occupancy, bound by ${occupancy.bound}`,
    `${grouped(threads)} threads, ${grouped(all)} instructions; ${traffic('loads', globalLoads)}, ${traffic('stores', globalStores)}`,
    ...(shared.accesses > 0
      ? [`${grouped(shared.accesses)} accesses of shared memory, ${grouped(shared.conflicts)} bank conflicts`]
      : []),
  ]
  return lines.map((line) => `  ${line}\n`).join('')
}

/** The source line that a finding belongs to, with a mark. */
const marked = (source: readonly string[], line: number | null): string => {
  const text = line === null ? undefined : source[line - 1]
  return text === undefined ? '' : `  ${String(line).padStart(5)} | ${text.trimEnd()}\n`
}

const print = (file: string, text: string, report: SanitizeReport, io: Io): void => {
  const source = text.split('\n')
  for (const { kind, line, message } of report.findings)
    io.out(`${file}${line === null ? '' : `:${line}`}: ${kind}: ${message}\n${marked(source, line)}`)
  const { length } = report.findings
  io.out(`${length === 0 ? 'no findings' : length === 1 ? '1 finding' : `${length} findings`}\n${summary(report)}`)
}

/** Runs the command: done where the kernel is clean, failed where something was found. */
export const sanitize = async (words: readonly string[], flags: SanitizeFlags, io: Io): Promise<ExitCode> => {
  const problems = new Problems()
  const [file, ...more] = words
  if (file === undefined) problems.add('FILE is missing: name a CUDA source file')
  if (more.length > 0) problems.add(`${more.join(' ')}: one file at a time; arguments of the kernel are given with --arg`)
  if (flags.kernel === undefined) problems.add('--kernel is missing: name the kernel to run')
  const grid = readGrid('--grid', flags.grid, problems)
  const block = readGrid('--block', flags.block, problems)
  const sharedBytes = flags.shared === undefined ? 0 : readInteger(flags.shared)
  if (sharedBytes === undefined || sharedBytes < 0) problems.add(`--shared ${flags.shared}: write a number of bytes`)
  const arch = readArch(flags.arch, problems)
  const given = readKernelWords(flags.arg ?? [], problems)
  problems.refuse()

  const source = new TextDecoder().decode(await readBytes(file!))
  const held: Given[] = []
  for (const word of given) held.push(await hold(word))
  const { runSanitized } = await import('../../runtime/cuda/sanitize.ts')
  const { lackingOr } = await import('../cuda/errors.ts')
  progress(io, `${file}: compiling`)
  const report = await runSanitized({
    source,
    file: file!,
    kernel: flags.kernel!,
    grid: grid!,
    block: block!,
    sharedBytes: sharedBytes!,
    arguments: held.map((one) => ('scalar' in one ? one.scalar : { data: one.tensor.data, reads: one.reads })),
    ...(arch !== undefined && { arch }),
    ...(flags.nvrtc !== undefined && { nvrtc: flags.nvrtc }),
  }).catch((error: unknown) => {
    throw lackingOr(error)
  })
  const files = held.flatMap((one) =>
    'scalar' in one || one.to === undefined ? [] : [{ path: one.to, bytes: encodeNpy(one.tensor) }],
  )
  // A kernel that faulted has left nothing worth keeping.
  if (!report.faulted) await writeFiles(files)
  if (flags.json) {
    const { findings, counts, compiler, resources } = report
    io.out(`${JSON.stringify({ file, kernel: flags.kernel, compiler, resources, findings, counts }, null, 2)}\n`)
  } else print(file!, source, report, io)
  return report.findings.length === 0 ? exit.done : exit.failed
}
