/**
 * `npm start`: pools a photograph with four operators, forward and backward, holds every kernel against the oracle, draws
 * what came out, and prints how long it took. The same operators become shaders of WebGPU and, where CUDA's compiler is, CUDA kernels.
 */
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import type { Tensor } from '../index.ts'
import { avgPool } from '../specs/index.ts'
import { onEmulator } from './cuda.ts'
import { entries, errorOverBound, geometry } from './operators.ts'
import { type Column, drawPicture } from './picture.ts'
import { printTable } from './table.ts'
import { onWebGpu } from './webgpu.ts'

/** An eye: 112 x 75 pixels, so that four times as large it is as wide and as high as the photograph. */
const detail = { left: 112, top: 76, width: 112, height: 75 }

const root = new URL(import.meta.url.includes('/dist/') ? '../../' : '../', import.meta.url)
const photographFile = fileURLToPath(new URL('examples/photograph.jpg', root))
const picture = fileURLToPath(new URL('out/pooling.png', root))

const readPhotograph = async (): Promise<Tensor> => {
  const { data, info } = await sharp(photographFile).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const pixels = width * height
  const x = new Float32Array(channels * pixels)
  for (let c = 0; c < channels; c++) for (let i = 0; i < pixels; i++) x[c * pixels + i] = (data[i * channels + c] ?? 0) / 255
  return { shape: [1, channels, height, width], data: x }
}

/** Milliseconds of one call: the median of some, after warming up. */
const time = (call: () => unknown): number => {
  for (let i = 0; i < 15; i++) call()
  const samples = Array.from({ length: 25 }, () => {
    const start = performance.now()
    call()
    return performance.now() - start
  })
  return samples.sort((a, b) => a - b)[12] ?? Number.NaN
}

const started = performance.now()
const x = await readPhotograph()
const averaged = await avgPool.compile(geometry)
/** One cotangent for all, so that gradients can be compared: the photograph itself, averaged. */
const { y: cotangent } = averaged.forward({ x })

const columns: Column[] = []
const table: string[][] = []
let largest = 0
for (const { title, formula, compile } of entries) {
  const kernel = await compile(x, 'js')
  const oracle = await compile(x, 'oracle')
  const pooled = kernel.forward()
  const gradient = kernel.backward(cotangent)
  const errors = [errorOverBound(pooled, oracle.forward(), 1e-5), errorOverBound(gradient, oracle.backward(cotangent), 1e-4)]
  largest = Math.max(largest, ...errors)
  columns.push({ title, formula, pooled, gradient })
  const times = [time(() => kernel.forward()), time(() => kernel.backward(cotangent))]
  table.push([title, ...times.map((ms) => ms.toFixed(2)), ...errors.map((error) => error.toFixed(4))])
}
const { width, height } = await drawPicture(picture, x, cotangent, detail, columns)

console.log(
  `A photograph of ${x.shape[3]} x ${x.shape[2]} pixels, windows of 4 x 4, JavaScript kernels; error against the oracle as a share of its bound\n`,
)
printTable(['operator', 'forward ms', 'backward ms', 'forward error', 'backward error'], table)
largest = Math.max(largest, await onWebGpu(x), await onEmulator(x))
console.log(`\nout/pooling.png, ${width} x ${height}: results and gradients side by side`)
console.log(`${((performance.now() - started) / 1000).toFixed(1)} s in all`)
if (!(largest <= 1)) {
  console.error('A kernel and the oracle disagree.')
  process.exitCode = 1
}
