/** Reads a spec module: what it exports, each kernel with the comment that its author wrote above it. */
import { ArgumentError } from '../../dsl/errors.ts'
import type { GeometryOptions } from '../../dsl/geometry.ts'
import type { Operator } from '../../dsl/operator.ts'
import { type Definition, definitionOf } from '../define.ts'
import { runModule } from './spec-module.ts'

/** A kernel that a spec module exports. */
export interface SpecKernel {
  readonly name: string
  /** The author's comment above it; empty where there is none. */
  readonly words: string
  readonly definition: Definition
}

export interface Spec {
  readonly kernels: readonly SpecKernel[]
  /** The files that it was made of: when one changes, so may the spec. */
  readonly files: readonly string[]
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** An operator is plain data: that of another copy of Poolwright is one too. */
const isOperator = (value: unknown): value is Operator =>
  isRecord(value) &&
  typeof value.name === 'string' &&
  isRecord(value.declarations) &&
  typeof value.formula === 'string' &&
  Array.isArray(value.results)

/**
 * Reads a spec module and runs it.
 *
 * @param path - of a file of TypeScript
 * @throws FileError for one that cannot be read, is wrong, or imports what is not there; ArgumentError for one that exports no
 *   kernel, or throws
 */
export const readSpec = async (path: string): Promise<Spec> => {
  const { exported, source, files } = await runModule(path)
  const { Node } = await import('ts-morph')
  const wordsOf = (name: string): string => {
    const statement = source.getVariableDeclaration(name)?.getVariableStatement()
    const docs = statement && Node.isJSDocable(statement) ? statement.getJsDocs() : []
    return docs
      .map((doc) => doc.getInnerText())
      .join('\n\n')
      .trim()
  }
  const kernels = Object.entries(exported).flatMap(([name, value]): SpecKernel[] => {
    const definition = definitionOf(value)
    if (!definition) return []
    if (name === 'default' || !/^[A-Za-z_$][\w$]*$/.test(name))
      throw new ArgumentError(
        `${path}: exports a kernel as '${name}', which is no name of a constant: give it one, export const ${definition.operator.name} = …`,
      )
    return [{ name, words: wordsOf(name), definition }]
  })
  if (kernels.length === 0)
    throw new ArgumentError(
      `${path}: exports no kernel: export one, as in export const halve = defineKernel(operator, { kernelSize: 2, targets: ['js'] })`,
    )
  return { kernels, files }
}

/** An operator and, where the module defines a kernel of it, the windows that it is for. */
export interface SpecOperator {
  readonly operator: Operator
  readonly geometry: GeometryOptions | undefined
}

/**
 * The operators that a spec module exports, by themselves or in kernels.
 * @throws as {@link readSpec} does; ArgumentError for a module that exports none
 */
export const readOperators = async (path: string): Promise<readonly SpecOperator[]> => {
  const { exported } = await runModule(path)
  const found = Object.values(exported).flatMap((value): SpecOperator[] => {
    const defined = definitionOf(value)
    if (defined) return [{ operator: defined.operator, geometry: defined.options }]
    return isOperator(value) ? [{ operator: value, geometry: undefined }] : []
  })
  if (found.length === 0)
    throw new ArgumentError(
      `${path}: exports no operator: export one, as in export const mine = pool('mine', { x: input() }, 'mean(x)')`,
    )
  return found
}
