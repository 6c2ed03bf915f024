/** A device of WebGPU for tests: of this machine's GPU, or of SwiftShader on the CPU, which the test run unpacks. */
import type { TestContext } from 'vitest'
import { openWebGpu, type WebGpu, WebGpuMissingError } from '../../runtime/webgpu/index.ts'
import { ranOn } from '../ran-on.ts'

/** Opened for one test, and closed with it. Where there is no adapter, the test is skipped, or fails where one must be there. */
export const opened = async (context: TestContext): Promise<WebGpu> => {
  try {
    const gpu = await openWebGpu()
    context.onTestFinished(() => gpu[Symbol.dispose]())
    ranOn(context, gpu.description)
    return gpu
  } catch (error) {
    if (!(error instanceof WebGpuMissingError) || process.env.POOLWRIGHT_MUST_HAVE?.split(',').includes('webgpu')) throw error
    return context.skip(`no adapter of WebGPU is here: ${error.message}`)
  }
}
