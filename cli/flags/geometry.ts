/** The flags that say how windows lie, and the geometry that they ask for. */
import type { Command } from 'commander'
import type { GeometryOptions, Layout } from '../../dsl/geometry.ts'
import { type Padding, type Problems, readChoice, readInteger, readPadding, readPerDim } from './values.ts'

/** As commander gives them: text, or whether a flag stands there. */
export interface GeometryFlags {
  readonly kernel?: string
  readonly stride?: string
  readonly padding?: string
  readonly dilation?: string
  readonly ceilMode?: boolean
  readonly countIncludePad?: boolean
  readonly divisor?: string
  readonly outputSize?: string
  readonly global?: boolean
  readonly layout?: string
}

export const addGeometryFlags = (command: Command): Command =>
  command
    .optionsGroup('Windows:')
    .option('--kernel <K,...>', 'size of the window: one number, or one for each dimension')
    .option('--stride <S,...>', 'step from window to window (default: the kernel)')
    .option('--padding <P,...>', 'padding of each side, or low:high for each dimension (default: 0)')
    .option('--dilation <D,...>', 'step from tap to tap (default: 1)')
    .option('--ceil-mode', 'keep a last window that is cut short')
    .option('--no-count-include-pad', 'divide by the taps inside the input only')
    .option('--divisor <N>', 'divide by this instead of the number of taps')
    .option('--output-size <N,...>', 'adaptive windows: as many as this, whatever the input')
    .option('--global', 'one window over everything')
    .option('--layout <LAYOUT>', 'channels-first or channels-last (default: channels-first)')

const layouts = ['channels-first', 'channels-last'] as const satisfies readonly Layout[]

/** Whether any flag says how windows lie. */
export const asksForGeometry = (flags: GeometryFlags): boolean =>
  flags.kernel !== undefined || flags.outputSize !== undefined || flags.global === true

/** What the flags ask for; a single `low:high` has to know how many dimensions it is meant for. */
export type GeometryRequest = (dims: number) => GeometryOptions

/** A single `low:high` is meant for every dimension, as a single number is. */
const spread = (padding: Padding, dims: number): NonNullable<GeometryOptions['padding']> => {
  const [first] = padding
  if (padding.length !== 1 || first === undefined) return padding
  return typeof first === 'number' ? first : new Array<typeof first>(dims).fill(first)
}

/** Reads the flags; rules between them are the geometry's own and are checked where it is made. */
export const readGeometry = (flags: GeometryFlags, problems: Problems): GeometryRequest => {
  const kernelSize = readPerDim('--kernel', flags.kernel, problems)
  const stride = readPerDim('--stride', flags.stride, problems)
  const padding = readPadding(flags.padding, problems)
  const dilation = readPerDim('--dilation', flags.dilation, problems)
  const outputSize = readPerDim('--output-size', flags.outputSize, problems)
  const layout = readChoice('--layout', flags.layout, layouts, problems)
  const divisorOverride = flags.divisor === undefined ? undefined : readInteger(flags.divisor)
  if (flags.divisor !== undefined && divisorOverride === undefined)
    problems.add(`--divisor ${flags.divisor}: a divisor is an integer other than 0`)
  if (!asksForGeometry(flags)) problems.add('no windows are given: say --kernel K, --output-size N or --global')
  return (dims) => ({
    ...(kernelSize !== undefined && { kernelSize }),
    ...(stride !== undefined && { stride }),
    ...(padding !== undefined && { padding: spread(padding, dims) }),
    ...(dilation !== undefined && { dilation }),
    ...(flags.ceilMode && { ceilMode: true }),
    ...(flags.countIncludePad === false && { countIncludePad: false }),
    ...(divisorOverride !== undefined && { divisorOverride }),
    ...(outputSize !== undefined && { outputSize }),
    ...(flags.global && { global: true }),
    ...(layout !== undefined && { layout }),
  })
}

/** The number of dimensions that lists among the flags tell; undefined where none does. */
export const toldDims = ({ kernel, stride, padding, dilation, outputSize }: GeometryFlags): number | undefined =>
  [kernel, outputSize, stride, padding, dilation].map((text) => text?.split(',').length ?? 1).find((length) => length > 1)
