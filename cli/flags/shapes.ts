/** The names of an operator as `show` and `tune` take them, which have no files: shapes of parameters, further tensors, constants. */
import type { Command } from 'commander'
import { isParamShape, readShape } from '../../dsl/shape-names.ts'
import type { ParamShape } from '../../dsl/shapes.ts'
import { gather, type Problems, readPairs } from './values.ts'

export const addNameFlags = (command: Command): Command =>
  command
    .option('--param <NAME=SHAPE>', 'a parameter’s shape, such as channel or kernel; may be repeated', gather)
    .option('--tensor <NAME>', 'a name that is a further tensor; may be repeated', gather)
    .option('--attr <NAME=NUMBER>', 'a constant of the operator; may be repeated', gather)

/** `NAME=SHAPE` words; a shape is a name, or axes between commas. */
export const readShapes = (words: readonly string[] | undefined, problems: Problems): Record<string, ParamShape> => {
  const shapes = [...readPairs('--param', words, problems)].flatMap(([name, text]) => {
    const reading = readShape(text.includes(',') ? text.split(',') : text)
    if ('shape' in reading && isParamShape(reading.shape)) return [[name, reading.shape] as const]
    const meant = 'shape' in reading ? undefined : reading.suggestion
    const remedy = meant
      ? `did you mean ${meant}?`
      : 'a shape is scalar, channel, sample, sample-channel, position, kernel, or a list of sample, channel, depth, height and width'
    problems.add(`--param ${name}=${text}: ${remedy}`)
    return []
  })
  return Object.fromEntries(shapes)
}
