/**
 * `poolwright run`: pools a tensor or an image, and takes gradients. Everything is read, computed and encoded before the
 * first byte is written, so that a failure leaves nothing behind.
 */
import { ArgumentError, GeometryError } from '../../dsl/errors.ts'
import type { CheckedOperator } from '../../dsl/expression.ts'
import { refuseOperator } from '../../dsl/fit.ts'
import { type Geometry, normaliseGeometry, outputSize, type StorageType } from '../../dsl/geometry.ts'
import { joinShape, splitShape } from '../../dsl/layout.ts'
import { nearest } from '../../dsl/names.ts'
import { inferParamShape } from '../../dsl/param-shapes.ts'
import { narrow, storageByName } from '../../dsl/storage.ts'
import { elements, type Tensor } from '../../dsl/tensor.ts'
import type { Observation } from '../../runtime/cuda/device.ts'
import { readFrom, type Target, type Tensors } from '../../runtime/target.ts'
import { type FileToWrite, writeFiles } from '../files/atomic.ts'
import { encodeTensor, fileNote, readInput, readTensor, storageOfFile, stored } from '../files/tensors.ts'
import { settleOperator } from '../flags/operator.ts'
import { type Io, progress } from '../io.ts'
import { withTarget } from '../target.ts'
import { type RunFlags, type RunRequest, readRunRequest } from './run-request.ts'

/** Everything that a kernel is handed, by name. */
interface Given {
  readonly input: Tensor
  readonly params: ReadonlyMap<string, Tensor | number>
  readonly tensors: ReadonlyMap<string, Tensor>
}

const readFiles = async (request: RunRequest, geometry: (rank: number) => Geometry): Promise<Given & { geometry: Geometry }> => {
  const layout = request.geometry(1).layout ?? 'channels-first'
  const input = await readInput(request.input, layout)
  const made = geometry(input.shape.length)
  const params = new Map<string, Tensor | number>()
  for (const [name, value] of request.params) params.set(name, typeof value === 'number' ? value : await readTensor(value))
  const tensors = new Map<string, Tensor>()
  for (const [name, path] of request.tensors) tensors.set(name, await readInput(path, layout))
  return { input, params, tensors, geometry: made }
}

const operatorFor = async (request: RunRequest, geometry: Geometry, { params, tensors }: Given): Promise<CheckedOperator> => {
  const kernel = geometry.kind === 'sliding' ? geometry.axes.map((axis) => axis.kernel) : undefined
  const shapes = [...params].map(([name, value]) => {
    if (typeof value === 'number') return [name, 'scalar'] as const
    return [name, inferParamShape(value.shape, geometry.dims, kernel)] as const
  })
  const operator = await settleOperator(request.source, {
    tensors: [...tensors.keys()],
    attrs: request.attrs,
    shapes: Object.fromEntries(shapes),
    complete: true,
  })
  const reason = refuseOperator(operator, geometry)
  if (reason !== undefined) throw new GeometryError(reason)
  checkGiven(operator, new Set([...params.keys(), ...tensors.keys()]))
  if (operator.seeded && request.seed === undefined)
    throw new ArgumentError(`${operator.name} draws random values: give a seed, as in --seed 7`)
  if (!operator.seeded && request.seed !== undefined)
    throw new ArgumentError(`${operator.name} draws no random values: leave --seed out`)
  return operator
}

/** Every name that the operator reads is given; a kernel would say so too, but not by which flag. */
const checkGiven = (operator: CheckedOperator, given: ReadonlySet<string>): void => {
  const missing = operator.tensors.filter((decl) => decl.role !== 'input' && !given.has(decl.name))
  if (missing.length === 0) return
  const flags = missing.map(({ name, role }) =>
    role === 'tensor' ? `--tensor ${name}=FILE` : `--param ${name}=NUMBER or FILE.npy`,
  )
  const names = missing.map(({ name }) => `'${name}'`).join(' and ')
  throw new ArgumentError(`${operator.name} needs ${names}: add ${flags.join(', ')}`)
}

/** The results to compute: the one that is written, and indices where they are asked for. */
const resultsOf = (operator: CheckedOperator, wantsIndices: boolean) => {
  const all = [...operator.results]
  const float = all.find(([, result]) => result.type === 'float')?.[0]
  const indices = all.find(([, result]) => result.type === 'int')?.[0]
  if (wantsIndices && indices === undefined)
    throw new ArgumentError(
      `${operator.name} gives no indices: leave --indices out, or add a result such as flatIndex(argmax(x))`,
    )
  // A formula of indices alone has nothing else to write.
  return { written: float ?? indices ?? '', float, indices: wantsIndices ? indices : undefined }
}

/** Which names a gradient can be asked of. */
const checkGradients = (request: RunRequest, operator: CheckedOperator, float: string | undefined): boolean => {
  const { gradInput, gradParams, gradTensors } = request
  const wanted = gradInput !== undefined || gradParams.size > 0 || gradTensors.size > 0
  if (!wanted) return false
  if (float === undefined) throw new ArgumentError(`${operator.name} gives integers only, which have no gradient`)
  const check = (flag: string, names: Iterable<string>, role: 'param' | 'tensor'): void => {
    const known = operator.tensors.filter((decl) => decl.role === role).map((decl) => decl.name)
    for (const name of names) {
      if (known.includes(name)) continue
      const meant = nearest(name, known)
      const remedy = meant ? `did you mean ${meant}?` : known.length > 0 ? `there are ${known.join(', ')}` : 'there are none'
      throw new ArgumentError(
        `${flag} ${name}: ${operator.name} has no such ${role === 'param' ? 'parameter' : 'further tensor'}; ${remedy}`,
      )
    }
  }
  check('--grad-param', gradParams.keys(), 'param')
  check('--grad-tensor', gradTensors.keys(), 'tensor')
  return true
}

/** The most numbers of one result: what one file in memory holds. */
const mostElements = 2 ** 28

/** The output's shape, before anything of its size is allocated. */
const outputShape = (geometry: Geometry, input: Tensor): readonly number[] => {
  const { samples, channels, extents } = splitShape(geometry, input.shape)
  const shape = joinShape(geometry, { samples, channels, extents: outputSize(geometry, extents) })
  if (elements(shape) <= mostElements) return shape
  throw new GeometryError(
    `the output would be [${shape.join(', ')}], ${elements(shape)} numbers; ${mostElements} are the most. Use fewer windows.`,
  )
}

const cotangentFor = async (path: string | undefined, shape: readonly number[], dtype: StorageType): Promise<Tensor> => {
  if (path !== undefined) return stored(await readTensor(path), dtype)
  return { shape, data: narrow(new Float32Array(elements(shape)).fill(1), dtype) }
}

/** A file to write, and what to tell of it. */
interface EncodedFile extends FileToWrite {
  readonly shape: readonly number[]
  readonly note: string | undefined
}

/** Encodes every file that was asked for. */
const encodeAll = async (
  request: RunRequest,
  geometry: Geometry,
  results: Tensors,
  gradients: Tensors,
  names: { readonly written: string; readonly indices: string | undefined; readonly input: string },
  dtype: StorageType,
): Promise<readonly EncodedFile[]> => {
  const wanted: (readonly [path: string | undefined, tensor: Tensor | undefined])[] = [
    [request.output, results[names.written]],
    [request.indices, names.indices === undefined ? undefined : results[names.indices]],
    [request.gradInput, gradients[names.input]],
    ...[...request.gradParams, ...request.gradTensors].map(([name, path]) => [path, gradients[name]] as const),
  ]
  const files: EncodedFile[] = []
  for (const [path, tensor] of wanted) {
    if (path === undefined) continue
    if (tensor === undefined) throw new Error(`the kernel gave nothing for ${path}`)
    const bytes = await encodeTensor(tensor, path, geometry.layout, dtype)
    files.push({ path, bytes, shape: tensor.shape, note: fileNote(tensor, path, dtype) })
  }
  return files
}

const timed = async <T>(work: () => T | Promise<T>): Promise<{ readonly value: T; readonly ms: number }> => {
  const start = performance.now()
  const value = await work()
  return { value, ms: Math.round((performance.now() - start) * 1000) / 1000 }
}

/** Runs the command. */
export const run = async (words: readonly string[], flags: RunFlags, io: Io): Promise<void> => {
  const request = readRunRequest(words, flags)
  const given = await readFiles(request, (rank) => normaliseGeometry(request.geometry(Math.max(rank - 2, 1)), rank))
  const { geometry } = given
  const operator = await operatorFor(request, geometry, given)
  const names = resultsOf(operator, request.indices !== undefined)
  const differentiates = checkGradients(request, operator, names.float)
  const shape = outputShape(geometry, given.input)
  const dtype = request.dtype ?? storageOfFile(given.input)
  const storageOf = storageByName(operator, dtype)
  const input = operator.tensors.find((decl) => decl.role === 'input')!.name
  const inputs = Object.fromEntries(
    [...given.params, ...given.tensors, [input, given.input] as const].map(([name, value]) => [
      name,
      typeof value === 'number' ? value : stored(value, storageOf(name)),
    ]),
  )
  const cotangent = differentiates ? await cotangentFor(request.gradOutput, shape, dtype) : undefined

  const results = [names.written, ...(names.indices === undefined || names.indices === names.written ? [] : [names.indices])]
  const seeded = request.seed === undefined ? {} : { seed: request.seed }
  const compute = async (target: Target) => {
    progress(io, `${operator.name} on ${target.device}`)
    const { value: kernel, ms: compile } = await timed(() =>
      target.compile(operator, geometry, { dtype, results, ...(request.arith && { arith: request.arith }) }),
    )
    const forward = await timed(() => readFrom(target, kernel.forward(inputs, seeded)))
    if (cotangent === undefined)
      return { device: target.device, results: forward.value, gradients: {}, times: { compile, forward: forward.ms } }
    const backward = await timed(() => readFrom(target, kernel.backward(inputs, { [names.written]: cotangent }, seeded)))
    const times = { compile, forward: forward.ms, backward: backward.ms }
    return { device: target.device, results: forward.value, gradients: backward.value, times }
  }
  const launches: Observation[] = []
  const made = await withTarget(request, compute, (observation) => launches.push(observation))
  const files = await encodeAll(request, geometry, made.results, made.gradients, { ...names, input }, dtype)
  await writeFiles(files)
  for (const { path, shape: of, note } of files) progress(io, `${path}: [${of.join(', ')}]${note ? `, ${note}` : ''}`)
  if (!flags.json) {
    if (request.counts) io.out((await import('../cuda/counts.ts')).countsTable(launches))
    return
  }
  const report = {
    operator: operator.name,
    formula: operator.formula,
    target: request.target,
    device: made.device,
    dtype,
    input: { path: request.input, shape: given.input.shape },
    files: files.map(({ path, shape: of, note }) => ({ path, shape: of, note })),
    milliseconds: made.times,
    ...(request.counts && { counts: launches.map(({ kernel, counts }) => ({ kernel, ...counts })) }),
  }
  io.out(`${JSON.stringify(report, null, 2)}\n`)
}
