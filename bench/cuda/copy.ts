/** The yardstick: a copy from device memory to device memory that moves as many bytes as a kernel must, half read, half written. */
import type { DriverDevice } from '../../runtime/cuda/driver/device.ts'
import type { Arch } from '../../runtime/cuda/nvrtc/arch.ts'
import type { Compiler } from '../../runtime/cuda/nvrtc/options.ts'
import type { GpuContender } from './contender.ts'

const source = `
extern "C" __global__ void __launch_bounds__(256) copied(uint4* __restrict__ to, const uint4* __restrict__ from, int count) {
  const int i = blockIdx.x * 256 + threadIdx.x;
  if (i < count) to[i] = from[i];
}
`
const threads = 256
const bytesOfOne = 16

/** Copies so many bytes in all: each is read or written once. */
export const copy = async (
  compiler: Compiler,
  device: DriverDevice,
  arch: Arch,
  bytes: number,
  copies: number,
): Promise<GpuContender> => {
  const module = device.load(await compiler.compile(source, arch))
  const kernel = module.kernel('copied')
  const count = Math.ceil(bytes / 2 / bytesOfOne)
  const pairs = Array.from(
    { length: copies },
    () => [device.allocate(count * bytesOfOne), device.allocate(count * bytesOfOne)] as const,
  )
  for (const [, from] of pairs) from.write(new Uint8Array(count * bytesOfOne))
  const graph = device.capture(() => {
    for (const [to, from] of pairs)
      kernel.launch({
        grid: [Math.ceil(count / threads), 1, 1],
        block: [threads, 1, 1],
        args: [
          { type: 'u64', value: to.pointer },
          { type: 'u64', value: from.pointer },
          { type: 'i32', value: count },
        ],
      })
  })
  const run = () => graph.launch()
  device.time(run)
  return {
    name: 'copy',
    round: () => device.time(run) / copies,
    dispose: () => {
      graph[Symbol.dispose]()
      for (const memory of pairs.flat()) memory.free()
      module[Symbol.dispose]()
    },
  }
}
