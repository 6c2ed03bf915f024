/**
 * Random values on CUDA: the integers are those of JavaScript, bit by bit, on every seed, index and stream; the floats made of
 * them are the same but for rounding.
 */
import { describe, expect, it, type TestContext } from 'vitest'
import { helperText } from '../../../codegen/cuda/helpers.ts'
import { operatorFromFormula } from '../../../dsl/free-formula.ts'
import { normaliseGeometry } from '../../../dsl/geometry.ts'
import { normal, philox4x32, uniform } from '../../../dsl/random.ts'
import { settle } from '../../../dsl/settle.ts'
import { ulp } from '../../../dsl/storage.ts'
import { oracleTarget } from '../../../runtime/oracle-target.ts'
import { type NvrtcUnderTest, nvrtcs } from '../nvrtc.ts'
import { emulated } from './emulated.ts'

/** What kernels call, as the emitter writes it, and a kernel that shows what it gives. */
const sourceOf = (real: 'float' | 'double'): string => `
${helperText('normal( uniform(', real, real === 'float' ? 'float32' : 'float64').join('\n')}
extern "C" __global__ void drawn(unsigned* words, ${real}* uniforms, ${real}* normals, const unsigned long long* index,
                                 const unsigned* stream, unsigned seedLow, unsigned seedHigh, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint2 both = philox(seedLow, seedHigh, index[i], stream[i]);
  words[2 * i] = both.x;
  words[2 * i + 1] = both.y;
  uniforms[i] = uniform(seedLow, seedHigh, index[i], stream[i]);
  normals[i] = normal(seedLow, seedHigh, index[i], stream[i]);
}`

const seeds = [0n, 1n, 0xffff_ffffn, 0x1_0000_0000n, 0x0123_4567_89ab_cdefn, 2n ** 64n - 1n]
/** Beyond 32 bits the counter's second word is counted up. */
const indices = [
  ...Array.from({ length: 200 }, (_, k) => k),
  ...[2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40 + 12_345, 2 ** 53 - 1],
]
const streams = [0, 1, 7, 2 ** 31, 2 ** 32 - 1]
const draws = streams.flatMap((stream) => indices.map((index) => ({ stream, index })))

const run = async (nvrtc: NvrtcUnderTest, context: TestContext, real: 'float' | 'double') => {
  const { device, nvrtc: compiler, arch } = await emulated(nvrtc, context)
  const compiled = await compiler.compile(sourceOf(real), { ...arch, ptxOnly: true, lineInfo: true })
  const kernel = device.load(compiled).kernel('drawn')
  const n = draws.length
  const bytes = real === 'float' ? 4 : 8
  const [words, uniforms, normals] = [device.allocate(8 * n), device.allocate(bytes * n), device.allocate(bytes * n)]
  const [index, stream] = [device.allocate(8 * n), device.allocate(4 * n)]
  index.write(BigUint64Array.from(draws, (draw) => BigInt(draw.index)))
  stream.write(Uint32Array.from(draws, (draw) => draw.stream))
  return (seed: bigint) => {
    const pointers = [words, uniforms, normals, index, stream].map(({ pointer }) => ({ type: 'u64' as const, value: pointer }))
    const halves = [seed & 0xffff_ffffn, seed >> 32n].map((half) => ({ type: 'u32' as const, value: Number(half) }))
    const args = [...pointers, ...halves, { type: 'i32' as const, value: n }]
    const outputs = [words, uniforms, normals]
    const seen = kernel.launch({ grid: [Math.ceil(n / 128), 1, 1], block: [128, 1, 1], args, outputs })
    expect(seen?.findings).toEqual([])
    const Floats = real === 'float' ? Float32Array : Float64Array
    const read = { words: new Uint32Array(2 * n), uniforms: new Floats(n), normals: new Floats(n) }
    words.read(read.words)
    uniforms.read(read.uniforms)
    normals.read(read.normals)
    return read
  }
}

describe.each(nvrtcs)('on $name', (nvrtc) => {
  it.for(['float', 'double'] as const)('words are those of JavaScript, and %ss follow from them', async (real, context) => {
    const drawn = await run(nvrtc, context, real)
    for (const seed of seeds) {
      const { words, uniforms, normals } = drawn(seed)
      const key = [Number(seed & 0xffff_ffffn), Number(seed >> 32n)] as const
      draws.forEach(({ index, stream }, k) => {
        const high = Math.floor(index / 2 ** 32)
        const [first, second] = philox4x32([index >>> 0, high, stream, 0], key)
        expect([words[2 * k], words[2 * k + 1]]).toEqual([first, second])
        // 24 bits are exact in either type.
        expect(uniforms[k]).toBe(uniform(seed, index, stream))
        const want = normal(seed, index, stream)
        // A dozen roundings on the way, the logarithm's cancelling near 1 among them.
        const unit = real === 'float' ? Math.max(ulp(want, 'float32'), 2 ** -24) : Math.max(ulp(want, 'float64'), 2 ** -53)
        expect(Math.abs(normals[k]! - want)).toBeLessThanOrEqual(16 * unit)
      })
    }
  })
})

it('an emitted kernel draws what the oracle draws, in every layout', async (context) => {
  const { target } = await emulated(nvrtcs[0]!, context)
  const operator = settle(operatorFromFormula('max(x) * 0 + sum(uniform(input)) + 8 * normal(position) + 64 * uniform(channel)'))
  for (const layout of ['channels-first', 'channels-last'] as const) {
    const geometry = normaliseGeometry({ kernelSize: [2, 2], layout })
    const shape = layout === 'channels-first' ? [2, 3, 4, 6] : [2, 4, 6, 3]
    const x = { shape, data: new Float32Array(144) }
    const [got, want] = await Promise.all(
      [target, oracleTarget].map(async (one) =>
        (await one.compile(operator, geometry, { dtype: 'float32' })).forward({ x }, { seed: 0xfedc_ba98_7654_3210n }),
      ),
    )
    got!.y!.data.forEach((value, k) => {
      expect(Math.abs(value - want!.y!.data[k]!)).toBeLessThanOrEqual(1e-4)
    })
  }
})
