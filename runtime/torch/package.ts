/**
 * A Python package of operators, as texts: a module and kernels for each operator, and what holds the package together. Its
 * other modules are the same for every package, and come from `python/`.
 */
import { argumentName, pythonName } from '../../codegen/torch/names.ts'
import { type PackageFile, packageTexts } from '../../codegen/torch/package.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import { refuseOperator } from '../../dsl/fit.ts'
import { type GeometryOptions, type Layout, normaliseGeometry, type StorageType } from '../../dsl/geometry.ts'
import type { Operator } from '../../dsl/operator.ts'
import { settle } from '../../dsl/settle.ts'
import { geometryKey } from './geometry-key.ts'
import { type TorchSource, torchKernels } from './kernels.ts'
import { torchOperator } from './operator.ts'

export { hasLayer, type PackageFile } from '../../codegen/torch/package.ts'

export interface TorchPackageOptions {
  /** What Python imports: `poolwright_torch`. */
  readonly name: string
  readonly geometries: readonly GeometryOptions[]
  readonly dtypes: readonly StorageType[]
  readonly layouts: readonly Layout[]
  /** Constants of kernels, of whichever operators have them. */
  readonly attrs: Readonly<Record<string, number>>
  readonly version: string
  /** The words that wrote the package, for messages that ask for more of it. */
  readonly command: string
}

/** Operators whose names are one in Python would overwrite each other. */
const refuseClashes = (operators: readonly Operator[]): void => {
  const named = new Map<string, string>()
  for (const { name } of operators) {
    const other = named.get(pythonName(name))
    if (other !== undefined)
      throw new ArgumentError(
        `the operators '${other}' and '${name}' are both ${pythonName(name)} in Python: name one of them otherwise`,
      )
    named.set(pythonName(name), name)
  }
}

/** Tensors by the names that they have in Python, where a formula's own may be a keyword. */
const inPython = ({ kernels, ...source }: TorchSource): TorchSource => ({
  ...source,
  kernels: kernels.map((kernel) => ({
    ...kernel,
    arrays: kernel.arrays.map((array) => {
      const { name, role } = array.buffer
      const isResult = role === 'result' || role === 'cotangent'
      return { ...array, buffer: { ...array.buffer, name: isResult ? pythonName(name) : argumentName(name) } }
    }),
  })),
})

/** So would names of one operator. */
const refuseClashesIn = ({ name, declarations }: Operator): void => {
  const named = new Map<string, string>()
  for (const own of Object.keys(declarations)) {
    const other = named.get(argumentName(own))
    if (other !== undefined)
      throw new ArgumentError(
        `${name}: '${other}' and '${own}' are both ${argumentName(own)} in Python: give one of them another name`,
      )
    named.set(argumentName(own), own)
  }
}

/**
 * The files that are an operator's own: its module, its kernels and what these are for.
 * @throws ArgumentError for an operator two of whose names would be one in Python, or that none of the geometries suits
 */
export const operatorFiles = (operator: Operator, options: TorchPackageOptions): readonly PackageFile[] => {
  const { name, geometries, dtypes, layouts, attrs, version, command } = options
  refuseClashesIn(operator)
  const own = pythonName(operator.name)
  const checked = settle(operator)
  // Windows that an operator cannot have are the others' alone.
  const refusals = geometries.map((one) => refuseOperator(checked, normaliseGeometry(one)))
  const fitting = geometries.filter((_, k) => refusals[k] === undefined)
  if (fitting.length === 0)
    throw new ArgumentError(`${operator.name} would have no kernel: ${refusals[0] ?? 'no geometry is named'}`)
  const declared = Object.fromEntries(Object.entries(attrs).filter(([of]) => operator.declarations[of]?.role === 'attr'))
  const { manifest, files } = torchKernels(operator, fitting, { dtypes, layouts, attrs: declared })
  const kernels = manifest.kernels.map((one) => ({
    ...one,
    attrs: Object.fromEntries(Object.entries(one.attrs).map(([of, value]) => [argumentName(of), value])),
    hand_in: one.hand_in.map(argumentName),
    forward: one.forward.map(inPython),
    backward: one.backward.map(inPython),
  }))
  return [
    { path: `${name}/operators/${own}.py`, text: torchOperator(operator, version) },
    { path: `${name}/kernels/${own}.json`, text: `${JSON.stringify({ ...manifest, command, kernels })}\n` },
    ...files.map((file) => ({ path: `${name}/kernels/${own}/${file.name}`, text: file.text })),
  ]
}

/** The files that hold a package together. @throws ArgumentError for operators that would have one name in Python */
export const commonFiles = (operators: readonly Operator[], options: TorchPackageOptions): readonly PackageFile[] => {
  refuseClashes(operators)
  return packageTexts(operators, { ...options, geometries: options.geometries.map((one) => geometryKey(normaliseGeometry(one))) })
}
