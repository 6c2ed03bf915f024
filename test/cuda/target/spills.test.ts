/**
 * Kernels of the operators that come with Poolwright keep all they hold in registers, by default, on three architectures: the
 * binary's own record of each says that it has no local memory. Prints how many registers they take.
 */
import { describe, expect, it, type TestContext } from 'vitest'
import type { CudaSource } from '../../../codegen/cuda/emit.ts'
import { refuseOperator } from '../../../dsl/fit.ts'
import { type GeometryOptions, normaliseGeometry } from '../../../dsl/geometry.ts'
import { settle } from '../../../dsl/settle.ts'
import { readCubin } from '../../../runtime/cuda/cubin.ts'
import { cudaSources } from '../../../runtime/cuda/target/sources.ts'
import { specs } from '../../../specs/index.ts'
import { loadOrSkip, nvrtcs } from '../nvrtc.ts'

const geometries: Readonly<Record<string, GeometryOptions>> = {
  k2s2: { kernelSize: [2, 2] },
  k3s2p1: { kernelSize: [3, 3], stride: 2, padding: 1 },
  k3s1p1: { kernelSize: [3, 3], stride: 1, padding: 1 },
  global: { global: true, dims: 2 },
}
const archs = [75, 80, 90]

/** Both directions of each operator that goes with a geometry. */
const sourcesFor = (options: GeometryOptions): readonly { readonly what: string; readonly source: CudaSource }[] => {
  const geometry = normaliseGeometry(options)
  return [...specs].flatMap(([name, operator]) => {
    const checked = settle(operator)
    if (refuseOperator(checked, geometry) !== undefined) return []
    const { forward, backward } = cudaSources(checked, geometry, { dtype: 'float32' })
    return [
      { what: `${name} forward`, source: forward },
      { what: `${name} backward`, source: backward },
    ]
  })
}

describe('kernels by default', () => {
  const compileAll = async (context: TestContext, options: GeometryOptions) => {
    const nvrtc = await loadOrSkip(nvrtcs[0]!, context)
    const compile = async ({ what, source }: ReturnType<typeof sourcesFor>[number]) => {
      const ofArch = async (arch: number) => readCubin((await nvrtc.compile(source.source, { arch })).cubin).kernels
      return { what, kernels: await Promise.all(archs.map(ofArch)) }
    }
    return Promise.all(sourcesFor(options).map(compile))
  }

  it.for(Object.keys(geometries))('spill nothing in windows of %s', { timeout: 240_000 }, async (label, context) => {
    const compiled = await compileAll(context, geometries[label]!)
    const lines = compiled.map(({ what, kernels }) => {
      const most = kernels.map((of) => Math.max(...of.map(({ registers }) => registers)))
      return `  ${what.padEnd(32)} ${most.map((n) => String(n).padStart(5)).join(' ')}`
    })
    console.info([`registers of ${label}`.padEnd(34) + archs.map((arch) => `sm_${arch}`).join(' '), ...lines].join('\n'))
    const spilt = compiled.flatMap(({ what, kernels }) =>
      kernels.flatMap((of, k) =>
        of.flatMap(({ name, frame }) => (frame > 0 ? [`${what}, ${name} on sm_${archs[k]}: ${frame} bytes`] : [])),
      ),
    )
    expect(compiled.length).toBeGreaterThan(20)
    expect(spilt).toEqual([])
  })
})
