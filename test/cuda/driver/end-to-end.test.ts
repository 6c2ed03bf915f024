/** From CUDA text to results, on the stand-in for the driver. */
import { describe, expect, it } from 'vitest'
import { openDriver } from '../../../runtime/cuda/driver/device.ts'
import { loadOrSkip, nvrtcs } from '../nvrtc.ts'
import { f32, floats, i32, pointer, uploaded } from './kernels.ts'
import { useStandIn } from './use-stand-in.ts'

const on = useStandIn()

const source = `
extern "C" __global__ void axpy(const float* x, float* y, float a, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i];
}`

describe.each(nvrtcs)('$name, and the driver', (one) => {
  it('compiles, uploads, launches and downloads', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    const compiled = await nvrtc.compile(source, { arch: 90 })
    on.standIn.accept(compiled)
    const device = await openDriver()
    const axpy = device.load(compiled).kernel('axpy')
    const n = 1000
    const x = Float32Array.from({ length: n }, (_, k) => k)
    const y = new Float32Array(n).fill(5)
    const [dx, dy] = [uploaded(device, x), uploaded(device, y)]
    axpy.launch({ grid: [4, 1, 1], block: [256, 1, 1], args: [pointer(dx), pointer(dy), f32(2), i32(n)] })
    // A pointer may lie inside of an allocation.
    axpy.launch({ grid: [1, 1, 1], block: [256, 1, 1], args: [pointer(dx, 4 * 500), pointer(dy, 4 * 10), f32(1), i32(3)] })
    expect(on.standIn.launched).toEqual([])
    const expected = Array.from(x, (value) => 2 * value + 5)
    for (const k of [0, 1, 2]) expected[10 + k]! += 500 + k
    expect(floats(dy)).toEqual(expected)
    expect(on.standIn.launched.map(({ grid, block }) => [grid, block])).toEqual([
      [
        [4, 1, 1],
        [256, 1, 1],
      ],
      [
        [1, 1, 1],
        [256, 1, 1],
      ],
    ])
    // The binary was taken, and the PTX not needed.
    expect(on.standIn.calls('cuModuleLoadDataEx')).toBe(1)
    device[Symbol.dispose]()
  })
})
