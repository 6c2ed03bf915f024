/** The models of ONNX that the benchmark writes by itself: ONNX Runtime reads them, and they compute what they are meant to. */
import * as ort from 'onnxruntime-web'
import { expect, it } from 'vitest'
import { makeJob, operators, type Shape } from '../../bench/cases.ts'
import { prepare } from '../../bench/poolwright.ts'
import { compare } from '../../bench/verify.ts'
import { modelOf } from '../../bench/webgpu/onnx.ts'
import { float, integer, message, text } from '../../bench/webgpu/protobuf.ts'

const shape: Shape = { id: 'T', samples: 2, channels: 3, height: 9, width: 7, kernel: 3, stride: 2, padding: 1, global: false }

it('fields are written as the format has them', () => {
  // The examples of its documentation, and a number that takes three bytes.
  expect(integer(1, 150)).toEqual([0x08, 0x96, 0x01])
  expect(text(2, 'testing')).toEqual([0x12, 7, ...new TextEncoder().encode('testing')])
  expect(message(3, integer(1, 150))).toEqual([0x1a, 3, 0x08, 0x96, 0x01])
  expect(integer(16, 2 ** 14)).toEqual([0x80, 0x01, 0x80, 0x80, 0x01])
  expect(float(1, 1)).toEqual([0x0d, 0, 0, 0x80, 0x3f])
})

it.for(operators)('ONNX Runtime computes %s with the model', async (operator) => {
  ort.env.wasm.numThreads = 1
  const job = makeJob(shape, operator, 'forward')
  const session = await ort.InferenceSession.create(modelOf(operator, shape), { executionProviders: ['wasm'] })
  const feeds = Object.entries(job.inputs).map(([name, { shape, data }]) => [
    name,
    new ort.Tensor('float32', data as Float32Array, shape),
  ])
  const { y } = await session.run(Object.fromEntries(feeds))
  await session.release()
  const ours = await prepare(job)
  await ours.run()
  expect(y?.dims).toEqual([2, 3, 5, 4])
  expect(compare({ y: y!.data as Float32Array }, await ours.results())).toMatchObject({ beyond: 0, elements: 120 })
})
