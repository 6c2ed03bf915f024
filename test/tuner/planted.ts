/** A workplace with mistakes planted: kernels of the JavaScript target that go wrong under certain schedules. */
import { existsSync, writeFileSync } from 'node:fs'
import type { DeviceKernel, TargetOptions, Tensors } from '../../runtime/target.ts'
import { open as openHost } from '../../runtime/tuner/trial/js.ts'
import type { Workplace } from '../../runtime/tuner/trial/workplace.ts'

/** What goes wrong, by the number of outputs a thread; 0 for the default schedule. */
export interface Plants {
  /** A number is off. */
  readonly wrong?: number
  /** The last number is not written. */
  readonly unwritten?: number
  /** A number is written behind the tensor. */
  readonly outside?: number
  /** The kernel throws. */
  readonly throws?: number
  /** Compiling never ends. */
  readonly hangs?: number
  /** The process ends. */
  readonly crashes?: number
  /** A file: where it is not there it is written, and Ctrl-C comes before the process could refuse it. */
  readonly interrupted?: string
}

const interruptOnce = (file: string): void => {
  if (existsSync(file)) return
  writeFileSync(file, '')
  process.removeAllListeners('SIGINT')
  process.kill(process.pid, 'SIGINT')
  for (;;);
}

const spoil = (kernel: DeviceKernel, doing: (y: Float32Array) => void): DeviceKernel => ({
  ...kernel,
  forward: (inputs, options): Tensors => {
    const made = kernel.forward(inputs, options)
    doing(made.y!.data as Float32Array)
    return made
  },
})

const outputsOf = ({ schedule }: TargetOptions): number => {
  const pinned = schedule as { readonly forward?: { readonly outputsPerThread?: number } } | undefined
  return pinned?.forward?.outputsPerThread ?? 0
}

export const open = (plants: Plants): Workplace => {
  if (plants.interrupted !== undefined) interruptOnce(plants.interrupted)
  const host = openHost()
  return {
    ...host,
    target: {
      ...host.target,
      compile: async (operator, geometry, options) => {
        const outputs = outputsOf(options)
        if (outputs === plants.hangs) for (;;);
        if (outputs === plants.crashes) process.kill(process.pid, 'SIGSEGV')
        const kernel = await host.target.compile(operator, geometry, options)
        if (outputs === plants.wrong) return spoil(kernel, (y) => y.fill(7, 3, 4))
        if (outputs === plants.outside)
          return spoil(kernel, (y) => new Float32Array(y.buffer).fill(1, (y.byteOffset + y.byteLength) / 4))
        if (outputs === plants.unwritten)
          return spoil(kernel, (y) => new Uint8Array(y.buffer, y.byteOffset).fill(0xfb, y.byteLength - 4, y.byteLength))
        if (outputs === plants.throws)
          return spoil(kernel, () => {
            throw new Error('planted')
          })
        return kernel
      },
    },
  }
}
