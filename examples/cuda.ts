/**
 * The operators as CUDA kernels, compiled by NVRTC and run on the emulator: no GPU is needed, and every access is watched. It
 * tells whether they are right and what they move, not how fast a GPU is; so a small detail of the photograph is enough.
 */
import { PoolwrightError, type Tensor } from '../index.ts'
import type { Counts } from '../runtime/cuda/index.ts'
import { avgPool } from '../specs/index.ts'
import { entries, errorOverBound, geometry } from './operators.ts'
import { printTable } from './table.ts'

const detail = { top: 96, left: 128, height: 32, width: 48 }

const cut = ({ shape, data }: Tensor): Tensor => {
  const [channels = 0, height = 0, width = 0] = shape.slice(1)
  const made = new Float32Array(channels * detail.height * detail.width)
  let at = 0
  for (let c = 0; c < channels; c++)
    for (let h = 0; h < detail.height; h++)
      for (let w = 0; w < detail.width; w++)
        made[at++] = data[(c * height + detail.top + h) * width + detail.left + w] ?? Number.NaN
  return { shape: [1, channels, detail.height, detail.width], data: made }
}

/** What all launches took together, in words for the table. */
const taken = (launches: readonly Counts[]): readonly string[] => {
  const sum = (of: (counts: Counts) => number): number => launches.reduce((total, counts) => total + of(counts), 0)
  const moved = sum(({ globalLoads, globalStores }) => globalLoads.bytes + globalStores.bytes)
  const instructions = sum((counts) => Object.values(counts.instructions).reduce((total, n) => total + n, 0))
  return [String(launches.length), instructions.toLocaleString('en'), `${(moved / 1024).toFixed(0)} KiB`]
}

/** Prints a table of them, where NVRTC is, and gives their largest error as a share of its bound. */
export const onEmulator = async (photograph: Tensor): Promise<number> => {
  const { openCuda } = await import('../runtime/cuda/index.ts')
  const launches: Counts[] = []
  const observe = ({ counts }: { readonly counts: Counts }) => launches.push(counts)
  const cuda = await openCuda({ device: 'emulator', observe }).catch((error: unknown) => {
    if (!(error instanceof PoolwrightError)) throw error
    console.log(
      `\nCUDA kernels are left out: ${error.message.split('\n')[0]?.replace(/:$/, '')}. poolwright doctor says how to get it.`,
    )
  })
  if (cuda === undefined) return 0
  const x = cut(photograph)
  const { y: cotangent } = (await avgPool.compile(geometry)).forward({ x })
  const rows: string[][] = []
  let largest = 0
  for (const { title, compile } of entries) {
    launches.length = 0
    const kernel = await compile(x, cuda.target)
    const oracle = await compile(x, 'oracle')
    const errors = [
      errorOverBound(kernel.forward(), oracle.forward(), 1e-5),
      errorOverBound(kernel.backward(cotangent), oracle.backward(cotangent), 1e-4),
    ]
    largest = Math.max(largest, ...errors)
    rows.push([title, ...taken(launches), ...errors.map((error) => error.toFixed(4))])
  }
  console.log(
    `\nThe same as CUDA kernels, on the ${cuda.target.device}: a detail of ${detail.width} x ${detail.height} pixels, no GPU, every access watched\n`,
  )
  printTable(['operator', 'launches', 'instructions', 'read and written', 'forward error', 'backward error'], rows)
  cuda[Symbol.dispose]()
  return largest
}
