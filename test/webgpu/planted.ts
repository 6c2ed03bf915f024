/** Workplaces on a device whose shaders go wrong where a schedule has workgroups of 128 invocations. */
import type { Tuning } from '../../runtime/tuner/tuning.ts'
import { type OpenWebGpuOptions, openDevice } from '../../runtime/webgpu/open.ts'
import { webGpuTarget } from '../../runtime/webgpu/target.ts'
import { workplaceOn } from '../../runtime/webgpu/tuner/workplace.ts'

/** What goes wrong. */
export type Plant =
  /** A number is off, none is written at the end of a row, or one is written behind or in front of the tensor. */
  | 'wrong'
  | 'unwritten'
  | 'behind'
  | 'inFront'
  /** The text is refused, compiling never ends, or the device goes while it is at it. */
  | 'refused'
  | 'hangs'
  | 'loses'

const lastStore = /\{ y\[.*\] = .*; \}/
const alterations: Readonly<Record<Exclude<Plant, 'hangs' | 'loses'>, (source: string) => string>> = {
  wrong: (source) => source.replace(/(y\[out0\] = )(.*);/, '$1$2 + 1.0;'),
  unwritten: (source) => source.replace(lastStore, '{ }'),
  behind: (source) => source.replace(lastStore, '$& y[out0 + 1000] = 7.0;'),
  inFront: (source) => source.replace(lastStore, '$& y[out0 - 1000] = 7.0;'),
  refused: (source) => source.replace('y[out0] = ', 'y[out0] = nobody + '),
}

/** What opens such workplaces, and how many it has opened. */
export const planted = (plant: Plant, options: OpenWebGpuOptions = {}): Pick<Tuning, 'open'> & { readonly opened: number } => {
  let opened = 0
  return {
    get opened() {
      return opened
    },
    open: async () => {
      opened++
      const device = await openDevice(options)
      const pipeline = device.pipeline.bind(device)
      device.pipeline = (kernel) => {
        if (!kernel.source.includes('@workgroup_size(128)')) return pipeline(kernel)
        if (plant === 'hangs') return new Promise(() => undefined)
        if (plant !== 'loses') return pipeline({ ...kernel, source: alterations[plant](kernel.source) })
        device.device.destroy()
        return pipeline(kernel)
      }
      return workplaceOn(device, webGpuTarget(device))
    },
  }
}
