/** What somebody does who has installed the package alone and asks for WebGPU: is told what is missing. */
import assert from 'node:assert/strict'
import { openWebGpu, WebGpuMissingError } from 'poolwright/webgpu'

// Nor is one taken that a package in a folder above has brought.
process.env.POOLWRIGHT_SWIFTSHADER = ''

await assert.rejects(openWebGpu(), (error) => {
  assert.ok(error instanceof WebGpuMissingError)
  // Where the package webgpu lies in a folder above, what is missing is an adapter.
  assert.match(error.message, /npm install webgpu|POOLWRIGHT_SWIFTSHADER/)
  return true
})
console.log('WebGPU is not here, and that is said')
