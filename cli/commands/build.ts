/** `poolwright build`: spec modules into modules of kernels, on the disk. */
import { relative, resolve } from 'node:path'
import { PoolwrightError } from '../../dsl/errors.ts'
import { type BuiltFile, type BuiltSpec, buildSpec, defaultFolder } from '../../runtime/build/build.ts'
import { bringUpToDate, compare, type Differences } from '../build/files.ts'
import { changed } from '../build/watch.ts'
import { type ExitCode, exit } from '../exit.ts'
import { Problems } from '../flags/values.ts'
import { untilInterrupted } from '../interrupt.ts'
import type { Io } from '../io.ts'

/** As commander gives them. */
export interface BuildFlags {
  readonly out?: string
  readonly check?: boolean
  readonly watch?: boolean
  readonly json?: boolean
}

/** One spec module, and where it is built. */
interface Job {
  readonly spec: string
  readonly folder: string
}

interface Built extends Differences {
  readonly spec: string
  readonly sources: readonly string[]
}

const readJobs = (specs: readonly string[], flags: BuildFlags): readonly Job[] => {
  const problems = new Problems()
  if (specs.length === 0) problems.add('SPEC is missing: name one or more spec modules, such as gaussian.pool.ts')
  if (flags.check && flags.watch) problems.add('--check and --watch exclude each other: give one of them')
  if (flags.watch && flags.json) problems.add('--watch and --json exclude each other: a report is of one build')
  problems.refuse()
  return specs.map((spec) => ({ spec, folder: resolve(flags.out ?? defaultFolder(spec)) }))
}

/** Two specs of one name would be built into one file. */
const refuseClashes = (built: readonly { readonly job: Job; readonly made: BuiltSpec }[]): void => {
  const from = new Map<string, string>()
  const problems = new Problems()
  for (const { job, made } of built) {
    for (const { path } of made.files) {
      const other = from.get(path)
      if (other !== undefined && other !== job.spec)
        problems.add(
          `${job.spec} and ${other} would both be built into ${shown(path)}: name one of them otherwise, or build into two folders`,
        )
      from.set(path, job.spec)
    }
  }
  problems.refuse()
}

const shown = (path: string): string => relative(process.cwd(), path) || '.'

/** Everything is built before anything is written: a mistake in the last spec leaves the first one's files as they are. */
const buildAll = async (jobs: readonly Job[]): Promise<readonly Built[]> => {
  const built: { readonly job: Job; readonly made: BuiltSpec }[] = []
  for (const job of jobs) built.push({ job, made: await buildSpec(job.spec, job.folder) })
  refuseClashes(built)
  return Promise.all(
    built.map(async ({ job, made }) => ({
      spec: job.spec,
      sources: made.sources,
      ...(await compare(job.folder, made.files)),
    })),
  )
}

const paths = (files: readonly BuiltFile[]): readonly string[] => files.map(({ path }) => shown(path))

const jsonOf = ({ spec, missing, stale, unchanged, leftOver }: Built, isCheck: boolean) =>
  isCheck
    ? { spec, missing: paths(missing), stale: paths(stale), unchanged: paths(unchanged), leftOver: leftOver.map(shown) }
    : { spec, written: paths([...missing, ...stale]), unchanged: paths(unchanged), removed: leftOver.map(shown) }

const textOf = ({ missing, stale, unchanged, leftOver }: Built, isCheck: boolean): string => {
  const lines: readonly (readonly [string, readonly string[]])[] = isCheck
    ? [
        ['missing', paths(missing)],
        ['stale', paths(stale)],
        ['left over', leftOver.map(shown)],
      ]
    : [
        ['wrote', paths([...missing, ...stale])],
        ['removed', leftOver.map(shown)],
        ['unchanged', paths(unchanged)],
      ]
  return lines.flatMap(([what, files]) => files.map((file) => `${what} ${file}\n`)).join('')
}

const isUpToDate = ({ missing, stale, leftOver }: Built): boolean => missing.length + stale.length + leftOver.length === 0

const write = async (jobs: readonly Job[]): Promise<readonly Built[]> => {
  const built = await buildAll(jobs)
  for (const one of built) await bringUpToDate(one)
  return built
}

/** Builds again whenever a spec module or what it imports changes, until it is interrupted. A mistake is told, and waited out. */
const watchAll = async (jobs: readonly Job[], io: Io): Promise<void> =>
  untilInterrupted(async (signal) => {
    let sources: readonly string[] = jobs.map(({ spec }) => resolve(spec))
    while (!signal.aborted) {
      try {
        const built = await write(jobs)
        for (const one of built) io.out(textOf(one, false))
        sources = built.flatMap((one) => one.sources)
      } catch (error) {
        if (!(error instanceof PoolwrightError)) throw error
        io.err(`${error.message}\n`)
      }
      // Whoever reads that it waits may change a file at once.
      const change = changed(sources, signal)
      io.err('Waiting for a change; Ctrl-C ends.\n')
      await change
    }
  })

/** Runs the command: with --check, done where nothing would be written. */
export const build = async (specs: readonly string[], flags: BuildFlags, io: Io): Promise<ExitCode> => {
  const jobs = readJobs(specs, flags)
  if (flags.watch) {
    await watchAll(jobs, io)
    return exit.done
  }
  const isCheck = flags.check === true
  const built = isCheck ? await buildAll(jobs) : await write(jobs)
  const upToDate = built.every(isUpToDate)
  if (flags.json) io.out(`${JSON.stringify({ upToDate, specs: built.map((one) => jsonOf(one, isCheck)) }, null, 2)}\n`)
  else for (const one of built) io.out(textOf(one, isCheck))
  if (!isCheck) return exit.done
  if (!upToDate) io.err('What is built is not what the spec modules say: run the command without --check.\n')
  return upToDate ? exit.done : exit.failed
}
