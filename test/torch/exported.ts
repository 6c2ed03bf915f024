/**
 * Writes kernels as an exported package has them, and calls of them with what must come out by definition, for tests in Python:
 * `node --import ./test/strip-types.mjs test/torch/exported.ts OUT`
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type GeometryOptions, type Layout, outputSize, type StorageType } from '../../dsl/geometry.ts'
import { joinShape } from '../../dsl/layout.ts'
import { paramTensorShape } from '../../dsl/param-shapes.ts'
import { narrow, storageByName, widen } from '../../dsl/storage.ts'
import { elements, type Tensor } from '../../dsl/tensor.ts'
import { oracleTarget } from '../../runtime/oracle-target.ts'
import { settled } from '../../runtime/pool.ts'
import { geometryKey } from '../../runtime/torch/geometry-key.ts'
import { torchKernels } from '../../runtime/torch/kernels.ts'
import { specs } from '../../specs/index.ts'

interface Call {
  readonly operator: string
  readonly windows: GeometryOptions
  readonly dtype?: StorageType
  readonly layout?: Layout
  readonly extents: readonly number[]
  readonly seed?: bigint
  readonly handIn?: readonly string[]
}

const windows = { dims: 2, kernelSize: 3, stride: 2, padding: 1 }
const [samples, channels] = [2, 4]

const calls: readonly Call[] = [
  // Rows of an even width fit vectors, those of an odd one run the source without them.
  { operator: 'gaussian', windows, extents: [6, 8] },
  { operator: 'gaussian', windows, extents: [6, 7] },
  { operator: 'gaussian', windows, extents: [6, 8], dtype: 'bfloat16', layout: 'channels-last' },
  { operator: 'max', windows: { dims: 2, kernelSize: 2 }, extents: [6, 8] },
  { operator: 'max', windows: { dims: 2, kernelSize: 2 }, extents: [6, 8], dtype: 'float16' },
  { operator: 'max', windows, extents: [5, 6], layout: 'channels-last', dtype: 'float64' },
  { operator: 'max', windows: { dims: 2, global: true }, extents: [6, 7] },
  { operator: 'isp-gaussian', windows, extents: [6, 8], seed: 0xfedc_ba98_7654_3210n },
  { operator: 'isp-gaussian', windows, extents: [6, 8], handIn: ['noise'] },
  { operator: 'lip', windows, extents: [6, 8] },
  { operator: 'softpool', windows: { kernelSize: [2, 3, 2], stride: [1, 2, 2] }, extents: [3, 5, 4] },
  { operator: 'avg', windows: { dims: 1, kernelSize: 3, stride: 2 }, extents: [9] },
]

/** Numbers without ties or order, as the storage type has them. */
const numbers = (shape: readonly number[], phase: number, dtype: StorageType): Tensor<Float64Array> => {
  const data = Array.from({ length: elements(shape) }, (_, k) => Math.sin(7 * k + phase) + k / 1000)
  return { shape, data: Float64Array.from(widen(narrow(data, dtype), dtype)) }
}

const told = async ({
  operator,
  windows: asked,
  dtype = 'float32',
  layout = 'channels-first',
  extents,
  seed,
  handIn = [],
}: Call) => {
  const { checked, geometry } = settled(specs.get(operator)!, { ...asked, layout, handIn })
  const outExtents = outputSize(geometry, extents)
  const kernel = geometry.kind === 'sliding' ? geometry.axes.map((axis) => axis.kernel) : undefined
  const storage = storageByName(checked, dtype)
  const inputs = Object.fromEntries(
    checked.tensors.map((decl, k) => {
      const shape =
        'shape' in decl
          ? paramTensorShape(decl.shape, geometry.dims, { samples, channels, extents, outExtents, kernel })
          : joinShape(geometry, { samples, channels, extents })
      return [decl.name, numbers(shape, k, storage(decl.name) as StorageType)]
    }),
  )
  const floats = [...checked.results].filter(([, { type }]) => type === 'float').map(([name]) => name)
  const shape = joinShape(geometry, { samples, channels, extents: outExtents })
  const cotangents = Object.fromEntries(floats.map((name, k) => [name, numbers(shape, 10 + k, dtype)]))
  const oracle = await oracleTarget.compile(checked, geometry, { dtype: 'float64' })
  const options = seed === undefined ? {} : { seed }
  const keyed = (tensors: Readonly<Record<string, Tensor>>, roleOf: (name: string) => string) =>
    Object.entries(tensors).map(([name, tensor]) => ({
      key: `${roleOf(name)} ${name}`,
      dtype: tensor.data instanceof Int32Array ? 'int32' : storage(name),
      shape: tensor.shape,
      data: [...tensor.data],
    }))
  return {
    operator,
    geometry: geometryKey(geometry),
    dtype,
    layout,
    attrs: checked.attrs,
    handIn,
    seed: String(seed ?? 0n),
    sizes: { samples, channels, extents, outExtents, taps: elements(kernel ?? extents) },
    given: keyed(inputs, (name) => checked.tensors.find((decl) => decl.name === name)!.role),
    cotangents: keyed(cotangents, () => 'cotangent'),
    results: keyed(oracle.forward(inputs, options), () => 'result'),
    gradients: keyed(oracle.backward(inputs, cotangents, options), () => 'gradient'),
  }
}

const [out] = process.argv.slice(2) as [string]
for (const name of new Set(calls.map(({ operator }) => operator))) {
  const mine = calls.filter(({ operator }) => operator === name)
  const kernels = mine.map(({ windows: asked, dtype = 'float32', layout = 'channels-first' }) =>
    torchKernels(specs.get(name)!, [asked], { dtypes: [dtype], layouts: [layout] }),
  )
  const manifest = {
    operator: name,
    command: `npx poolwright export torch ${name}`,
    kernels: kernels.flatMap((one) => one.manifest.kernels),
  }
  mkdirSync(join(out, name), { recursive: true })
  writeFileSync(join(out, `${name}.json`), JSON.stringify(manifest))
  for (const { files } of kernels) for (const file of files) writeFileSync(join(out, name, file.name), file.text)
}
writeFileSync(join(out, 'calls.json'), JSON.stringify(await Promise.all(calls.map(told))))
