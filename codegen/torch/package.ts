/** The files that hold a package of operators together, as texts: what Python imports first, what pip reads, and what people read. */
import type { Operator } from '../../dsl/operator.ts'
import { templates } from '../../templates/compiled.ts'
import { argumentName, pythonName } from './names.ts'

/** What the Gaussian pooling layer is made of. */
const layerOperators = ['isp-gaussian', 'isp-gaussian-cn', 'isp-gaussian-inference'] as const

const hasLayer = (operators: readonly Operator[]): boolean =>
  layerOperators.every((name) => operators.some((one) => one.name === name))

/** Modules that every package has, with what of them is public. */
const modules = {
  pooling: ['Pooling'],
  networks: ['multiply_adds', 'replace_pooling', 'skip_resnet', 'vgg16_mod'],
  geometry: ['GeometryError'],
  arguments: ['ArgumentError'],
  manifest: ['UnknownGeometryError', 'UnknownKernelError'],
} as const

const layerModule = { gaussian_pooling: ['GaussianPooling1d', 'GaussianPooling2d', 'GaussianPooling3d'] } as const

/** What packages have in public besides operators, with the layer or without. */
export const publicNames: readonly string[] = Object.values({ ...modules, ...layerModule }).flat()

/** Modules that a package of these operators has no use for, which would not find there what they import. */
export const modulesWithout = (operators: readonly Operator[]): readonly string[] =>
  hasLayer(operators) ? [] : Object.keys(layerModule)

export interface PackageText {
  /** What Python imports: `poolwright_torch`. */
  readonly name: string
  readonly version: string
  /** The words that wrote the package. */
  readonly command: string
  /** What there are kernels for, in words. */
  readonly geometries: readonly string[]
  readonly dtypes: readonly string[]
  readonly layouts: readonly string[]
}

/** A file by its path below the folder. */
export interface PackageFile {
  readonly path: string
  readonly text: string
}

const argumentsOf = ({ declarations }: Operator): string =>
  ['input', 'tensor', 'param']
    .flatMap((role) => Object.entries(declarations).filter(([, one]) => one.role === role))
    .map(([name]) => argumentName(name))
    .join(', ')

/** A first call: of the layer, or of an operator that takes an input and numbers. */
const example = (name: string, operators: readonly Operator[]): readonly string[] => {
  const takes = ({ declarations }: Operator, more: readonly string[]): boolean =>
    Object.values(declarations).every((one) => one.role === 'input' || one.role === 'attr' || more.includes(one.role))
  const plain = operators.find((one) => takes(one, [])) ?? operators.find((one) => takes(one, ['param']))
  const calls = hasLayer(operators)
    ? ['layer = pw.GaussianPooling2d(64, kernel_size=2)', 'y = layer(x)']
    : plain && [
        `y = pw.${pythonName(plain.name)}(${[
          'x',
          ...argumentsOf(plain)
            .split(', ')
            .slice(1)
            .map(() => '0.5'),
        ].join(', ')}, kernel_size=2)`,
      ]
  return calls ? ['```python', 'import torch', `import ${name} as pw`, '', 'x = torch.randn(8, 64, 56, 56)', ...calls, '```'] : []
}

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, ' ')

/** The files, in no order. */
export const packageTexts = (operators: readonly Operator[], given: PackageText): readonly PackageFile[] => {
  const { name, version } = given
  const functions = operators.map((one) => pythonName(one.name))
  const isLayer = hasLayer(operators)
  const imported = { ...modules, ...(isLayer && layerModule) }
  const quoted = (names: readonly string[]): readonly string[] => names.map((one) => JSON.stringify(one))
  const distribution = name.replaceAll('_', '-')
  const all = functions.join(', ')
  const init = templates['torch/init']({
    functions: all,
    version,
    imports: [
      { module: 'operators', names: all },
      ...Object.entries(imported).map(([module, names]) => ({ module, names: names.join(', ') })),
    ],
    exported: quoted([...functions, ...Object.values(imported).flat()]),
  })
  const readme = templates['torch/readme']({
    ...given,
    distribution,
    package: name,
    fences: example(name, operators),
    operators: operators.map((one) => ({
      function: pythonName(one.name),
      arguments: argumentsOf(one),
      formula: oneLine(one.formula).replaceAll('|', '\\|'),
    })),
    geometries: given.geometries.map((one) => `\`${one}\``).join(', '),
    dtypes: given.dtypes.join(', '),
    layouts: given.layouts.join(', '),
    hasLayer: isLayer,
  })
  return [
    { path: `${name}/py.typed`, text: '' },
    { path: `${name}/__init__.py`, text: init },
    {
      path: `${name}/operators/__init__.py`,
      text: templates['torch/operators']({ version, functions, quoted: quoted(functions) }),
    },
    { path: 'pyproject.toml', text: templates['torch/pyproject']({ version, distribution, package: name, functions: all }) },
    { path: 'README.md', text: readme },
  ]
}
