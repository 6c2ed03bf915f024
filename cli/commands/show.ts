/** `poolwright show`: an operator, its graph, its stages, or the source text that a target makes of it. */
import { ArgumentError, GeometryError } from '../../dsl/errors.ts'
import type { CheckedOperator } from '../../dsl/expression.ts'
import { refuseOperator } from '../../dsl/fit.ts'
import { type Geometry, normaliseGeometry } from '../../dsl/geometry.ts'
import { storageTypes } from '../../dsl/storage.ts'
import { asksForGeometry, type GeometryFlags, readGeometry, toldDims } from '../flags/geometry.ts'
import { settleOperator } from '../flags/operator.ts'
import { readSchedule } from '../flags/schedule.ts'
import { readShapes } from '../flags/shapes.ts'
import { readSource } from '../flags/source.ts'
import { readTarget, type TargetFlags } from '../flags/target.ts'
import { Problems, readArch, readChoice, readNumbers } from '../flags/values.ts'
import type { Io } from '../io.ts'
import { withTarget } from '../target.ts'

/** As commander gives them. */
export interface ShowFlags extends GeometryFlags, TargetFlags {
  readonly formula?: string
  readonly tensor?: readonly string[]
  readonly param?: readonly string[]
  readonly attr?: readonly string[]
  readonly backward?: boolean
  readonly ir?: boolean
  readonly stages?: boolean
  readonly schedule?: string
  readonly dtype?: string
  readonly resources?: boolean
  readonly arch?: string
  readonly json?: boolean
}

/** What is printed of an operator whose windows are known; each excludes the others. */
const readWhat = (flags: ShowFlags, problems: Problems): 'ir' | 'stages' | 'resources' | 'source' => {
  const wanted = (['ir', 'stages', 'resources'] as const).filter((what) => flags[what])
  if (wanted.length > 1) problems.add(`${wanted.map((what) => `--${what}`).join(' and ')} exclude each other: give one of them`)
  if (flags.resources && flags.target !== 'cuda')
    problems.add('--resources: only CUDA kernels are compiled to what tells of them; add --target cuda')
  if (flags.arch !== undefined && !flags.resources)
    problems.add(`--arch ${flags.arch}: source text is the same for every architecture; add --resources, or leave it out`)
  return wanted[0] ?? 'source'
}

const readShowRequest = (words: readonly string[], flags: ShowFlags) => {
  const problems = new Problems()
  const { source } = readSource(words, flags.formula, [], problems)
  const what = readWhat(flags, problems)
  const needsGeometry = asksForGeometry(flags) || what !== 'source' || flags.backward || flags.schedule !== undefined
  // Without windows there is no kernel yet: the operator itself is shown.
  const geometry = needsGeometry ? readGeometry(flags, problems) : undefined
  const dims = toldDims(flags) ?? 2
  const request = {
    source,
    what,
    direction: flags.backward ? ('backward' as const) : ('forward' as const),
    geometry: geometry && { dims, ...geometry(dims) },
    tensors: flags.tensor ?? [],
    attrs: readNumbers('--attr', flags.attr, problems),
    shapes: readShapes(flags.param, problems),
    schedule: readSchedule(flags.schedule, problems),
    dtype: readChoice('--dtype', flags.dtype, storageTypes, problems) ?? 'float32',
    arch: readArch(flags.arch, problems),
    ...readTarget(flags, problems),
  }
  problems.refuse()
  return request
}

type ShowRequest = ReturnType<typeof readShowRequest>

/** An operator in words, where no windows are known. */
const describeOperator = ({ name, formula, tensors, attrs, results }: CheckedOperator): string => {
  const shapeText = (shape: string | readonly string[]): string => (typeof shape === 'string' ? shape : shape.join(', '))
  const lines = [
    ...tensors.map((decl) => `  ${decl.name}: ${decl.role}${'shape' in decl ? ` (${shapeText(decl.shape)})` : ''}`),
    ...Object.entries(attrs).map(([attr, value]) => `  ${attr}: attribute, ${value}`),
    `  results: ${[...results.keys()].join(', ')}`,
  ]
  return `${name}: ${formula}\n${lines.join('\n')}\n`
}

/** What was asked for, as text, and for programs. */
interface Shown {
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>>
}

const shownText = (text: string): Shown => ({ text: text.endsWith('\n') ? text : `${text}\n`, fields: { text } })

/** Runs the command. */
export const show = async (words: readonly string[], flags: ShowFlags, io: Io): Promise<void> => {
  const request = readShowRequest(words, flags)
  const operator = await settleOperator(request.source, { ...request, complete: false })
  const geometry = request.geometry && normaliseGeometry(request.geometry)
  const { text, fields } = geometry ? await shownOf(operator, geometry, request) : shownText(describeOperator(operator))
  if (!flags.json) {
    io.out(text)
    return
  }
  const what = geometry ? request.what : 'operator'
  const { direction } = request
  const report = { operator: operator.name, formula: operator.formula, what, direction, geometry, ...fields }
  io.out(`${JSON.stringify(report, null, 2)}\n`)
}

const shownOf = async (operator: CheckedOperator, geometry: Geometry, request: ShowRequest): Promise<Shown> => {
  const { what, direction, arch } = request
  const reason = refuseOperator(operator, geometry)
  if (reason !== undefined) throw new GeometryError(reason)
  const options = { dtype: request.dtype, ...(request.schedule && { schedule: request.schedule }) }
  switch (what) {
    case 'ir':
    case 'stages':
      return shownText((await import('../../runtime/inspect.ts')).inspect(operator, geometry, what, direction))
    case 'resources': {
      const { cudaResources, resourcesTable } = await import('../cuda/show.ts')
      const resources = await cudaResources(operator, geometry, direction, { ...options, arch })
      return { text: resourcesTable(resources), fields: { ...resources } }
    }
    case 'source': {
      if (request.target === 'webgpu')
        return shownText((await import('../webgpu.ts')).wgslText(operator, geometry, direction, options))
      if (request.target === 'cuda')
        return shownText((await import('../cuda/show.ts')).cudaText(operator, geometry, direction, options))
      const { source } = await withTarget(request, (target) => target.compile(operator, geometry, options))
      if (source[direction] !== '') return shownText(source[direction])
      throw new ArgumentError(
        `the target ${request.target} makes no source text: say --target js, or --stages for what is computed`,
      )
    }
    default:
      return what satisfies never
  }
}
