/** Kernels of the folder `kernels` on every architecture that a compiler here knows: translated anew in each test run. */
import type { TestContext } from 'vitest'
import { type LoadedPtx, loadPtx } from '../../../runtime/cuda/emulator/emulator.ts'
import { loadOrSkip, nvrtcs } from '../nvrtc.ts'
import { architectures, kernelsOf, sourceOf } from './device.ts'

/** Where the PTX of a test comes from. */
export interface Variant {
  readonly title: string
  readonly arch: number
  /** The kernels of a file; where there is no compiler for them, the test is skipped. */
  load(name: string, context: TestContext): Promise<LoadedPtx>
}

const byCompiler = [
  [75, 80, 90, 100, 120],
  [70, 75, 80, 90],
] as const

const loaded = new Map<string, Promise<LoadedPtx>>()

/** PTX of both generations of NVRTC, for each architecture from Volta on that they know. */
export const compiledVariants: readonly Variant[] = nvrtcs.flatMap((nvrtc, k) =>
  (byCompiler[k] ?? []).map((arch) => ({
    title: `sm_${arch} by ${nvrtc.name}`,
    arch,
    load: async (name, context) => {
      const compiler = await loadOrSkip(nvrtc, context)
      if (!compiler.supportedArchs().includes(arch)) return context.skip(`${nvrtc.name} does not know sm_${arch}`)
      const key = `${name} ${nvrtc.name} ${arch}`
      const compile = async (): Promise<LoadedPtx> => {
        const options = { arch, ptxOnly: true, lineInfo: true, name: `${name}.cu` }
        return loadPtx((await compiler.compile(sourceOf(name), options)).ptx)
      }
      const ptx = loaded.get(key) ?? compile()
      loaded.set(key, ptx)
      return ptx
    },
  })),
)

/** PTX that lies beside the sources, for machines without a compiler. */
const storedVariants: readonly Variant[] = architectures.map((arch) => ({
  title: `sm_${arch} as stored`,
  arch,
  load: async (name) => kernelsOf(name, arch),
}))

/** Of the sources whose PTX is stored, all there is. */
export const allVariants: readonly Variant[] = [...storedVariants, ...compiledVariants]
