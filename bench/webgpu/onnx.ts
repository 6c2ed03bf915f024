/**
 * Models of ONNX for what is measured: maximum and average are operators of its own, gaussian is composed of them as its users
 * would. The numbers of fields are those of `onnx.proto`.
 */
import { outputs } from '../../cli/bench/peers/plain-loops.ts'
import { type Operator, type Shape, eps as smallest } from '../cases.ts'
import { type Bytes, bytes, floatBytes, integer, message, text } from './protobuf.ts'

/** The version of ONNX's operators: of those before 19, average pooling in ceil mode was another. */
const opset = 19
/** The version of the format that came with it. */
const format = 9

const float32 = 1
const attributeOfInteger = 2
const attributeOfIntegers = 7

const integers = (name: string, values: readonly number[]): Bytes =>
  message(5, text(1, name), ...values.map((value) => integer(8, value)), integer(20, attributeOfIntegers))

const node = (operator: string, inputs: readonly string[], output: string, attributes: readonly Bytes[] = []): Bytes =>
  message(1, ...inputs.map((name) => text(1, name)), text(2, output), text(3, output), text(4, operator), ...attributes)

/** An input or an output of the graph, of a fixed shape. */
const value = (field: number, name: string, shape: readonly number[]): Bytes => {
  const sizes = message(2, ...shape.map((size) => message(1, integer(1, size))))
  return message(field, text(1, name), message(2, message(1, integer(1, float32), sizes)))
}

/** A number that the graph has in itself. */
const constant = (name: string, number: number): Bytes =>
  message(5, integer(2, float32), text(8, name), bytes(9, floatBytes(number)))

const nodesOf = (operator: Operator, windows: readonly Bytes[]): readonly Bytes[] => {
  const mean = [...windows, message(5, text(1, 'count_include_pad'), integer(3, 1), integer(20, attributeOfInteger))]
  switch (operator) {
    case 'max':
      return [node('MaxPool', ['x'], 'y', windows)]
    case 'avg':
      return [node('AveragePool', ['x'], 'y', mean)]
    case 'gaussian':
      return [
        node('AveragePool', ['x'], 'mean', mean),
        node('Mul', ['x', 'x'], 'squares'),
        node('AveragePool', ['squares'], 'meanOfSquares', mean),
        node('Mul', ['mean', 'mean'], 'squareOfMean'),
        node('Sub', ['meanOfSquares', 'squareOfMean'], 'variance'),
        node('Max', ['variance', 'eps'], 'bounded'),
        node('Sqrt', ['bounded'], 'deviation'),
        node('Mul', ['weight', 'deviation'], 'weighted'),
        node('Add', ['mean', 'weighted'], 'y'),
      ]
    default:
      return operator satisfies never
  }
}

/** The bytes of a model with the inputs `x` and, for gaussian, `weight`, and the output `y`, all channels first. */
export const modelOf = (operator: Operator, { samples, channels, height, width, kernel, stride, padding }: Shape): Uint8Array => {
  const windows = [
    integers('kernel_shape', [kernel, kernel]),
    integers('strides', [stride, stride]),
    integers('pads', [padding, padding, padding, padding]),
  ]
  const outExtents = [height, width].map((extent) => outputs(extent, kernel, stride, padding))
  const isGaussian = operator === 'gaussian'
  const graph = message(
    7,
    ...nodesOf(operator, windows),
    text(2, operator),
    ...(isGaussian ? [constant('eps', smallest)] : []),
    value(11, 'x', [samples, channels, height, width]),
    ...(isGaussian ? [value(11, 'weight', [1, channels, 1, 1])] : []),
    value(12, 'y', [samples, channels, ...outExtents]),
  )
  return Uint8Array.from([integer(1, format), graph, message(8, integer(2, opset))].flat())
}
