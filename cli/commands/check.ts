/** `poolwright check`: golden files against the kernels of a target. */
import { FileError } from '../../dsl/errors.ts'
import { storageTypes } from '../../dsl/storage.ts'
import type { CaseReport, GoldenCase } from '../../runtime/golden.ts'
import type { Target } from '../../runtime/target.ts'
import { type ExitCode, exit } from '../exit.ts'
import { readBytes } from '../files/read.ts'
import { readTarget, type TargetFlags } from '../flags/target.ts'
import { Problems, readChoice } from '../flags/values.ts'
import { type Io, progress } from '../io.ts'
import { withTarget } from '../target.ts'

/** As commander gives them. */
export interface CheckFlags extends TargetFlags {
  readonly dtype?: string
  readonly json?: boolean
}

/** JSON has no infinity and no NaN; golden files write them as these strings, and so does the report. */
const jsonNumber = (value: number): number | string =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'

const count = (cases: readonly CaseReport[], status: CaseReport['status']): number =>
  cases.filter((report) => report.status === status).length

/** A golden file that has been read. */
interface GoldenFile {
  readonly file: string
  readonly cases: readonly GoldenCase[]
}

/** Every file is read before the first case runs: a mistake in the last one is told at once. */
const readAll = async (files: readonly string[]): Promise<readonly GoldenFile[]> => {
  const { readGolden } = await import('../../runtime/golden.ts')
  const golden: GoldenFile[] = []
  for (const file of files) {
    const text = new TextDecoder().decode(await readBytes(file))
    try {
      golden.push({ file, cases: readGolden(text).cases })
    } catch (error) {
      throw error instanceof FileError ? new FileError(`${file}: ${error.message}`) : error
    }
  }
  return golden
}

/** Runs the command: done where every case of every file passed. */
export const check = async (files: readonly string[], flags: CheckFlags, io: Io): Promise<ExitCode> => {
  const problems = new Problems()
  const request = readTarget(flags, problems)
  const dtype = readChoice('--dtype', flags.dtype, storageTypes, problems)
  if (files.length === 0) problems.add('FILE is missing: name one or more golden files')
  problems.refuse()

  const golden = await readAll(files)
  const { checkCase } = await import('../../runtime/golden.ts')
  const { specs } = await import('../../specs/index.ts')
  const { layerRunners } = await import('../../layers/golden.ts')
  const options = {
    operators: specs,
    layers: layerRunners,
    ...(dtype && { dtype }),
    ...(request.arith && { arith: request.arith }),
  }
  const stored = dtype ? `, ${dtype}` : ''
  const runAll = async (target: Target): Promise<{ readonly device: string; readonly reports: readonly CaseReport[] }> => {
    const reports: CaseReport[] = []
    for (const { file, cases } of golden) {
      progress(io, `${file}: ${cases.length} cases on ${target.device}${stored}`)
      for (const one of cases) reports.push(await checkCase(one, target, options))
    }
    return { device: target.device, reports }
  }
  const { device, reports } = await withTarget(request, runAll)
  const counts = { passed: count(reports, 'passed'), failed: count(reports, 'failed'), skipped: count(reports, 'skipped') }
  if (flags.json) {
    const cases = reports.map(({ id, status, reason, maxError }) => ({ id, status, reason, maxError: jsonNumber(maxError) }))
    io.out(`${JSON.stringify({ target: request.target, device, dtype, ...counts, cases }, null, 2)}\n`)
  } else {
    for (const { id, status, reason } of reports) if (status !== 'passed') io.out(`${status} ${id}: ${reason}\n`)
    const worst = reports.reduce((most, { maxError }) => Math.max(most, maxError), 0)
    const error = Number.isFinite(worst) ? `, largest error ${(worst * 100).toPrecision(2)} % of its bound` : ''
    io.out(`${request.target}${stored}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped${error}\n`)
  }
  // A file without a case proves nothing.
  return counts.failed + counts.skipped === 0 && counts.passed > 0 ? exit.done : exit.failed
}
