/** `poolwright/launch/cuda`: what modules of CUDA sources import that were built ahead of time. NVRTC compiles them when they come. */
import type { BuiltCuda } from '../../codegen/module/kernel.ts'
import type { ByDirection, Signed } from '../../codegen/signed.ts'
import { described } from '../launch/built.ts'
import type { Cuda } from './open.ts'
import type { SourceFor } from './target/source.ts'

/** Each kind of launch has its source. */
const sourceFor =
  (sources: readonly BuiltCuda[]): SourceFor =>
  ({ wide, vectors, staged }) =>
    sources.find((one) => one.variants.some((of) => of.wide === wide && of.vectors === vectors && of.staged === staged))!

/**
 * A built kernel on a device.
 * @throws NvrtcError for a text that the compiler refuses
 */
export const cudaKernel = async (
  { target }: Pick<Cuda, 'target'>,
  signed: Signed,
  { forward, backward }: ByDirection<() => readonly BuiltCuda[]>,
) => {
  const launched = await target.launch(signed, {
    forward: sourceFor(forward()),
    ...(backward && { backward: sourceFor(backward()) }),
  })
  return described(signed, launched, backward !== undefined)
}
