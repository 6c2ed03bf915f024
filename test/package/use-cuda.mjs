/** What somebody does who has installed the package and wants CUDA: looks what is there, and runs a kernel where one can be. */
import assert from 'node:assert/strict'
import { CudaMissingError, listDevices, openCuda, runSanitized } from 'poolwright/cuda'
import { gaussianPool } from 'poolwright/specs'

const listing = await listDevices()
assert.ok(listing.kind === 'devices' ? listing.devices.length > 0 : listing.reason.length > 0)

const opened = await openCuda({ device: 'emulator', cache: 'cache' }).catch((error) => {
  assert.ok(error instanceof CudaMissingError)
  assert.match(error.message, /pip install nvidia-cuda-nvrtc/)
})
if (opened === undefined) console.log('NVRTC is not here, and that is said')
else {
  const kernel = await gaussianPool.compile({ target: opened.target, kernelSize: 2 })
  const x = { shape: [1, 1, 2, 4], data: Float32Array.of(1, 2, 0, 0, 3, 6, 0, 8) }
  const weight = { shape: [1, 1, 1, 1], data: Float32Array.of(0) }
  assert.deepEqual([...kernel.forward({ x, weight }).y.data], [3, 2])
  opened[Symbol.dispose]()
  // The compiler's process of its own is a file of the package.
  const source = 'extern "C" __global__ void twice(float* x) { x[threadIdx.x] *= 2; }'
  const data = Float32Array.of(1, 2, 3, 4)
  const launch = { grid: [1, 1, 1], block: [4, 1, 1], sharedBytes: 0, arguments: [{ data, reads: true }] }
  const { findings } = await runSanitized({ source, file: 'twice.cu', kernel: 'twice', ...launch })
  assert.deepEqual([findings, [...data]], [[], [2, 4, 6, 8]])
  console.log(`ran on ${opened.target.device}`)
}
