/**
 * A Python package of operators, as texts: a module and kernels for each operator, and what holds the package together. Its
 * other modules are the same for every package, and come from `python/`.
 */
import { argumentName, pythonName } from '../../codegen/torch/names.ts'
import { modulesWithout, type PackageFile, packageTexts } from '../../codegen/torch/package.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import { refuseOperator } from '../../dsl/fit.ts'
import { type GeometryOptions, type Layout, normaliseGeometry, type StorageType } from '../../dsl/geometry.ts'
import type { Operator } from '../../dsl/operator.ts'
import { settle } from '../../dsl/settle.ts'
import { refuseNamesOf, refuseOperatorNames } from './clashes.ts'
import { geometryKey } from './geometry-key.ts'
import { type AttrValues, type TorchSource, torchKernels } from './kernels.ts'
import { torchOperator } from './operator.ts'

export interface TorchPackageOptions {
  /** What Python imports: `poolwright_torch`. */
  readonly name: string
  readonly geometries: readonly GeometryOptions[]
  readonly dtypes: readonly StorageType[]
  readonly layouts: readonly Layout[]
  /** Of whichever operators have them. */
  readonly attrs: AttrValues
  readonly version: string
  /** The words that wrote the package, for messages that ask for more of it. */
  readonly command: string
}

/** What is the same for every package. */
export interface SharedFiles {
  /** What Python imports, by names below its folder. */
  readonly modules: readonly PackageFile[]
  /** What stands around that folder. */
  readonly around: readonly PackageFile[]
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

/**
 * The files that are an operator's own: its module, its kernels and what these are for.
 * @throws ArgumentError for an operator two of whose names would be one in Python, or that none of the geometries suits
 */
export const operatorFiles = (operator: Operator, options: TorchPackageOptions): readonly PackageFile[] => {
  const { name, geometries, dtypes, layouts, attrs, version, command } = options
  const checked = settle(operator)
  refuseNamesOf(operator, checked.results.keys())
  const own = pythonName(operator.name)
  // Windows that an operator cannot have are the others' alone.
  const refusals = geometries.map((one) => refuseOperator(checked, normaliseGeometry(one)))
  const fitting = geometries.filter((_, k) => refusals[k] === undefined)
  if (fitting.length === 0)
    throw new ArgumentError(`${operator.name} would have no kernel: ${refusals[0] ?? 'no geometry is named'}`)
  const { manifest, files } = torchKernels(operator, fitting, { dtypes, layouts, attrs })
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

/**
 * The files that hold a package together, and those that all packages share, as far as this one has a use for them.
 * @throws ArgumentError for operators whose names are taken in Python, by one another or by the package
 */
export const commonFiles = (
  operators: readonly Operator[],
  options: TorchPackageOptions,
  { modules, around }: SharedFiles,
): readonly PackageFile[] => {
  const named = modules.map(({ path, text }) => ({ path, text, module: path.replace(/\.py$/, '') }))
  refuseOperatorNames(
    operators,
    named.map(({ module }) => module),
  )
  const without = modulesWithout(operators)
  const geometries = options.geometries.map((one) => geometryKey(normaliseGeometry(one)))
  return [
    ...packageTexts(operators, { ...options, geometries }),
    ...named
      .filter(({ module }) => !without.includes(module))
      .map(({ path, text }) => ({ path: `${options.name}/${path}`, text })),
    ...around,
  ]
}
