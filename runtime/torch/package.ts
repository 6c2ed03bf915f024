/**
 * A Python package of operators, as texts: what is written for each operator, and what the package is held together by. Its
 * other modules are the same for every package, and come from `python/`.
 */
import { argumentName, pythonName } from '../../codegen/torch/names.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import { refuseOperator } from '../../dsl/fit.ts'
import { type Geometry, type GeometryOptions, type Layout, normaliseGeometry, type StorageType } from '../../dsl/geometry.ts'
import type { Operator } from '../../dsl/operator.ts'
import { settle } from '../../dsl/settle.ts'
import { templates } from '../../templates/compiled.ts'
import { geometryKey } from './geometry-key.ts'
import { torchKernels } from './kernels.ts'
import { torchOperator } from './operator.ts'

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

/** A file by its path below the folder. */
export interface PackageFile {
  readonly path: string
  readonly text: string
}

/** What the Gaussian pooling layer is made of. */
export const layerOperators = ['isp-gaussian', 'isp-gaussian-cn', 'isp-gaussian-inference'] as const

/** Modules that every package has, with what of them is public. */
const modules = {
  pooling: ['Pooling'],
  networks: ['multiply_adds', 'replace_pooling', 'skip_resnet', 'vgg16_mod'],
  geometry: ['GeometryError'],
  operator: ['ArgumentError'],
  manifest: ['UnknownGeometryError', 'UnknownKernelError'],
} as const

const layerModule = { gaussian_pooling: ['GaussianPooling1d', 'GaussianPooling2d', 'GaussianPooling3d'] } as const

const hasLayer = (operators: readonly Operator[]): boolean =>
  layerOperators.every((name) => operators.some((one) => one.name === name))

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

const argumentsOf = ({ declarations }: Operator): string =>
  ['input', 'tensor', 'param']
    .flatMap((role) => Object.entries(declarations).filter(([, one]) => one.role === role))
    .map(([name]) => argumentName(name))
    .join(', ')

/** An example of the first operator that needs nothing but an input, or of the layer. */
const example = (name: string, operators: readonly Operator[]): readonly string[] => {
  const plain = operators.find(({ declarations }) =>
    Object.values(declarations).every(({ role }) => role === 'input' || role === 'attr'),
  )
  const lines = hasLayer(operators)
    ? ['layer = pw.GaussianPooling2d(64, kernel_size=2)', 'y = layer(torch.randn(8, 64, 56, 56))']
    : [
        `y = pw.${pythonName((plain ?? operators[0]!).name)}(${['torch.randn(8, 64, 56, 56)', ...(plain ? [] : ['...'])].join(', ')}, kernel_size=2)`,
      ]
  return ['```python', 'import torch', `import ${name} as pw`, '', ...lines, '```']
}

/** The files that are an operator's own: its module, its kernels and what these are for. */
export const operatorFiles = (operator: Operator, options: TorchPackageOptions): readonly PackageFile[] => {
  const { name, geometries, dtypes, layouts, attrs, version, command } = options
  const own = pythonName(operator.name)
  const checked = settle(operator)
  // Windows that an operator cannot have are the others' alone.
  const fitting = geometries.filter((one) => refuseOperator(checked, normaliseGeometry(one)) === undefined)
  const declared = Object.fromEntries(Object.entries(attrs).filter(([of]) => operator.declarations[of]?.role === 'attr'))
  const { manifest, files } = torchKernels(operator, fitting, { dtypes, layouts, attrs: declared })
  const named = (given: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(given).map(([of, value]) => [argumentName(of), value]))
  const kernels = manifest.kernels.map((one) => ({ ...one, attrs: named(one.attrs), hand_in: one.hand_in.map(argumentName) }))
  return [
    { path: `${name}/operators/${own}.py`, text: torchOperator(operator, version) },
    { path: `${name}/kernels/${own}.json`, text: `${JSON.stringify({ ...manifest, command, kernels })}\n` },
    ...files.map((file) => ({ path: `${name}/kernels/${own}/${file.name}`, text: file.text })),
  ]
}

/** The files that hold a package together. @throws ArgumentError for operators that would have one name in Python */
export const commonFiles = (operators: readonly Operator[], options: TorchPackageOptions): readonly PackageFile[] => {
  refuseClashes(operators)
  const { name, geometries, dtypes, layouts, version, command } = options
  const functions = operators.map((one) => pythonName(one.name))
  const isLayer = hasLayer(operators)
  const imported = { ...modules, ...(isLayer && layerModule) }
  const quoted = (names: readonly string[]): readonly string[] => names.map((one) => JSON.stringify(one))
  const distribution = name.replaceAll('_', '-')
  const windows = geometries.map((one): Geometry => normaliseGeometry(one)).map((one) => `\`${geometryKey(one)}\``)
  return [
    { path: `${name}/py.typed`, text: '' },
    {
      path: `${name}/__init__.py`,
      text: templates['torch/init']({
        summary: `Pooling operators: ${operators.map((one) => one.name).join(', ')}.`,
        version,
        imports: [
          { module: 'operators', names: functions.join(', ') },
          ...Object.entries(imported).map(([module, names]) => ({ module, names: names.join(', ') })),
        ],
        exported: quoted([...functions, ...Object.values(imported).flat()]),
      }),
    },
    {
      path: `${name}/operators/__init__.py`,
      text: templates['torch/operators']({ version, functions, quoted: quoted(functions) }),
    },
    {
      path: 'pyproject.toml',
      text: templates['torch/pyproject']({
        version,
        distribution,
        package: name,
        operators: operators.map((one) => one.name).join(', '),
      }),
    },
    {
      path: 'README.md',
      text: templates['torch/readme']({
        version,
        distribution,
        package: name,
        fences: example(name, operators),
        operators: operators.map((one) => ({
          function: pythonName(one.name),
          arguments: argumentsOf(one),
          formula: one.formula
            .trim()
            .replace(/\s*\n\s*/g, ' ')
            .replaceAll('|', '\\|'),
        })),
        geometries: windows.join(', '),
        dtypes: dtypes.join(', '),
        layouts: layouts.join(', '),
        command,
        hasLayer: isLayer,
      }),
    },
  ]
}
