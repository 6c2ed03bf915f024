/** Tensors that a kernel writes: the caller's own where they are handed in, and what was computed in double rounded into them. */
import { ArgumentError } from '../dsl/errors.ts'
import type { StorageType } from '../dsl/geometry.ts'
import { narrow, storages } from '../dsl/storage.ts'
import { arrayWords, elements, type Tensor, type TensorData } from '../dsl/tensor.ts'
import type { Tensors } from './target.ts'

/**
 * A tensor to write into: the one handed in by this name, or a new one.
 * @throws ArgumentError where the one handed in is of another type or size
 */
export const outTensor = <D extends TensorData>(
  out: Tensors | undefined,
  name: string,
  shape: readonly number[],
  Data: new (length: number) => D,
): Tensor<D> => {
  const given = out && Object.hasOwn(out, name) ? out[name] : undefined
  if (!given) return { shape, data: new Data(elements(shape)) }
  const fits = (tensor: Tensor): tensor is Tensor<D> => tensor.data instanceof Data && tensor.data.length === elements(shape)
  if (fits(given)) return given
  throw new ArgumentError(`out.${name} must be ${arrayWords(Data)} of ${elements(shape)} numbers, of shape [${shape.join(', ')}]`)
}

/**
 * What was computed in double, as a kernel hands it on: floats rounded once to the storage type of their name.
 * @throws ArgumentError where a tensor to write into does not fit
 */
export const storeAll = (
  made: Readonly<Record<string, Tensor<Float64Array | Int32Array>>>,
  storageOf: (name: string) => StorageType,
  out: Tensors | undefined,
): Tensors =>
  Object.fromEntries(
    Object.entries(made).map(([name, { shape, data }]): [string, Tensor] => {
      if (data instanceof Int32Array) {
        const into = outTensor(out, name, shape, Int32Array)
        into.data.set(data)
        return [name, into]
      }
      const storage = storageOf(name)
      const into = outTensor(out, name, shape, storages[storage].array)
      narrow(data, storage, into.data)
      return [name, into]
    }),
  )
