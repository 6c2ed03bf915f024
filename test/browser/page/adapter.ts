/** In a page: the adapter that the package finds, or why it finds none. */
import { openWebGpu, WebGpuMissingError } from '../../../runtime/webgpu/index.ts'

export const adapter = async (): Promise<{ readonly adapter?: string; readonly missing?: string }> => {
  try {
    const gpu = await openWebGpu()
    const { description } = gpu
    gpu[Symbol.dispose]()
    return { adapter: description }
  } catch (error) {
    if (error instanceof WebGpuMissingError) return { missing: error.message }
    throw error
  }
}
