/** What a wrong line of an emitted kernel leads to: an error that shows the line, and names the part of the formula it computes. */
import { describe, expect, it, type TestContext } from 'vitest'
import { input, param } from '../../../dsl/declarations.ts'
import { NvrtcError } from '../../../runtime/cuda/nvrtc/diagnostics.ts'
import { FindingsError } from '../../../runtime/cuda/target/launches.ts'
import { formulaPartAt } from '../../../runtime/formula-part.ts'
import { pool } from '../../../runtime/pool.ts'
import { type NvrtcUnderTest, nvrtcs } from '../nvrtc.ts'
import { altered, emulated } from './emulated.ts'

const operator = pool('weighted', { x: input(), w: param() }, 'w * max(x) + exp(mean(x))')
const x = { shape: [1, 1, 4, 6], data: Float32Array.from({ length: 24 }, (_, k) => Math.sin(k)) }

/** Compiles the operator with a fault planted into the text of its forward direction. */
const planting = async (nvrtc: NvrtcUnderTest, context: TestContext) => {
  const cuda = await emulated(nvrtc, context)
  return (plant: (source: string) => string) => {
    const target = altered(cuda, (source) => (source.includes('weightedForward') ? plant(source) : source))
    return operator.compile({ target, kernelSize: 2 })
  }
}

/** Replaces the first occurrence, which must be there. */
const replace = (source: string, what: RegExp, by: string): string => {
  expect(source).toMatch(what)
  return source.replace(what, by)
}

describe.each(nvrtcs)('on $name', (nvrtc) => {
  it('a line that does not compile is shown with the part that it computes', async (context) => {
    const compile = await planting(nvrtc, context)
    const compiling = compile((source) => replace(source, /float sum = .*;/, 'float sum = x00 + lost;'))
    await expect(compiling).rejects.toThrow(NvrtcError)
    await expect(compiling).rejects.toThrow(
      /"lost" is undefined[\s\S]*> *\d+ \| .*x00 \+ lost;[\s\S]*\n\nThe line computes mean\(x\)\.$/,
    )
  })

  it('a line that writes a result is said to compute that', async (context) => {
    const compile = await planting(nvrtc, context)
    const compiling = compile((source) => replace(source, /expf\(/, 'expp('))
    await expect(compiling).rejects.toThrow(/\n\nThe line computes y\.$/)
  })

  it('a load beyond the tensor is shown with its line, and what it computes', async (context) => {
    const compile = await planting(nvrtc, context)
    const kernel = await compile((source) => replace(source, /(float max_2 = )(.*);/, '$1x[40] + $2;'))
    expect(() => kernel.forward({ x, w: 1 })).toThrow(FindingsError)
    expect(() => kernel.forward({ x, w: 1 })).toThrow(
      /^kernel weightedForward is wrong:\n.*'x'.*\n {2}\d+ \| const float max_2 = .*\n {2}which computes max\(x\)$/,
    )
  })

  it('a result that is written to by half is told', async (context) => {
    const compile = await planting(nvrtc, context)
    const kernel = await compile((source) => replace(source, /^.*\by\b.*out0.* = .*$/m, ''))
    expect(() => kernel.forward({ x, w: 1 })).toThrow(/kernel weightedForward is wrong:\n.*'y'/)
  })
})

describe('formulaPartAt', () => {
  const source = [
    '// weighted: y = …',
    'extern "C" __global__ void weightedForward(float* y) {',
    '  const int cell = 0;',
    '  // mean(x)',
    '  const float mean_x = 0.0f;',
    '  const float twice = 2 * mean_x;',
    '  y[cell] = mean_x;',
    '  if (cell < 7) *(float4*)(zGrad + cell) = make_float4(0, 0, 0, 0);',
    '}',
    'static __device__ float helper() {',
    '  return 0;',
  ].join('\n')
  it('is the array that a line writes to, or what the nearest comment above says, within its kernel', () => {
    const parts = source.split('\n').map((_, k) => formulaPartAt(source, k + 1))
    expect(parts.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined])
    expect(parts.slice(4, 8)).toEqual(['mean(x)', 'mean(x)', 'y', 'zGrad'])
    expect(parts.slice(8)).toEqual([undefined, undefined, undefined])
  })
})
