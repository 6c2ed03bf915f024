/**
 * Pools a picture in Node by kernels that were built ahead of time, and asks for a gradient:
 *
 *     npx poolwright build examples/node/halve.pool.ts && node examples/node/program.mjs
 */
import { mkdir } from 'node:fs/promises'
import sharp from 'sharp'
import { brightest, halve } from './kernels/halve.js'

const path = (name) => new URL(name, import.meta.url).pathname
const { data, info } = await sharp(path('../photograph.jpg')).raw().toBuffer({ resolveWithObject: true })
const { height, width, channels } = info
const x = { shape: [1, height, width, channels], data: Float32Array.from(data, (byte) => byte / 255) }
const weight = { shape: [1, channels, 1, 1], data: new Float32Array(channels).fill(1.5) }

const kernel = await halve.js()
const { y } = kernel.forward({ x, weight })
const bright = (await brightest.js()).forward({ x }).y
const gradient = kernel.backward({ x, weight, cotangent: y })
console.log(`halved to ${y.shape.join(' x ')}, brightest ${bright.shape.join(' x ')}`)
console.log(`gradient of the weight: ${[...gradient.weight.data].map((one) => one.toFixed(1)).join(', ')}`)

const folder = path('../../out')
await mkdir(folder, { recursive: true })
for (const [name, { shape, data: numbers }] of Object.entries({ halved: y, brightest: bright })) {
  const bytes = Uint8ClampedArray.from(numbers, (value) => Math.round(255 * value))
  const raw = { width: shape[2], height: shape[1], channels: shape[3] }
  await sharp(bytes, { raw }).toFile(`${folder}/${name}.png`)
}
console.log('out/halved.png and out/brightest.png are written')
