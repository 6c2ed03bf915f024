/** Pools a picture in a page, by a kernel that was built ahead of time: the bundle holds shaders and no compiler. */
import { openWebGpuDevice } from 'poolwright/launch/webgpu'
import { halve } from './halve.pool.ts'

const find = <E extends Element>(selector: string): E => document.querySelector<E>(selector)!

const [picture, pooled] = [find<HTMLCanvasElement>('#picture'), find<HTMLCanvasElement>('#pooled')]
const [weight, file, note] = [find<HTMLInputElement>('#weight'), find<HTMLInputElement>('#file'), find<HTMLElement>('#note')]

const gpu = await openWebGpuDevice().catch((error: Error) => {
  note.textContent = error.message
  throw error
})
const kernel = await halve.webgpu(gpu)

/** Pixels as one sample of height, width and four channels, from 0 to 1. */
const pixelsOf = ({ width, height, data }: ImageData) =>
  gpu.tensor(
    [1, height, width, 4],
    Float32Array.from(data, (byte) => byte / 255),
  )

const draw = async (x: ReturnType<typeof pixelsOf>): Promise<void> => {
  const started = performance.now()
  const { y } = kernel.forward({ x, weight: Number(weight.value) })
  const numbers = await gpu.read(y)
  const took = performance.now() - started
  gpu.release(y)
  const [, height = 0, width = 0] = y.shape
  pooled.width = width
  pooled.height = height
  const bytes = Uint8ClampedArray.from(numbers, (value) => Math.round(255 * value))
  pooled.getContext('2d')!.putImageData(new ImageData(bytes, width, height), 0, 0)
  note.textContent = `${width} x ${height} pixels in ${took.toFixed(1)} ms, weight ${Number(weight.value).toFixed(2)}, on ${gpu.description}`
}

let shown: ReturnType<typeof pixelsOf> | undefined
let last: Promise<void> = Promise.resolve()

/** Draws what stands in the controls now, when what was asked for before is drawn. */
const drawNext = (): void => {
  last = last.then(() => (shown ? draw(shown) : undefined))
}

const show = async (source: Blob): Promise<void> => {
  const bitmap = await createImageBitmap(source)
  picture.width = bitmap.width
  picture.height = bitmap.height
  const context = picture.getContext('2d', { willReadFrequently: true })!
  context.drawImage(bitmap, 0, 0)
  const before = shown
  shown = pixelsOf(context.getImageData(0, 0, bitmap.width, bitmap.height))
  drawNext()
  await last
  if (before) gpu.release(before)
}

weight.addEventListener('input', drawNext)
file.addEventListener('change', () => {
  const [chosen] = file.files ?? []
  if (chosen) void show(chosen)
})

const photograph = new URL('../photograph.jpg', import.meta.url)
await show(await (await fetch(photograph)).blob())
