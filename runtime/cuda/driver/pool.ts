/**
 * Where device memory comes from. A driver with pools gives and takes it in a stream's order, without waiting for the GPU.
 * Elsewhere cuMemFree waits for all work and cuMemAlloc is slow, so blocks that were given back are kept for the next of their
 * size; since all that uses them is in one stream's order, a block may be reused at once.
 */
import type { Context } from './context.ts'
import { status } from './status.ts'
import type { DeviceStream } from './stream.ts'

export interface Pool {
  /** @throws CudaOutOfMemoryError where the device has no more, even after all that is kept was given back */
  take(bytes: number): bigint
  /** Gives back what `take` gave for as many bytes. */
  give(pointer: bigint, bytes: number): void
}

/** Asks once more after giving back what is kept. */
const insistent = (context: Context, bytes: number, ask: (out: BigUint64Array) => number, trim: () => void) => {
  const out = new BigUint64Array(1)
  let code = ask(out)
  if (code === status.outOfMemory) {
    trim()
    code = ask(out)
  }
  return { code, pointer: out[0]!, doing: `allocating ${bytes} bytes on ${context.name}` }
}

type Asynchronous = Required<Pick<Context['functions'], 'cuMemAllocAsync' | 'cuMemFreeAsync'>>

const driversPool = (context: Context, stream: DeviceStream, functions: Asynchronous): Pool => ({
  take(bytes) {
    const ask = (out: BigUint64Array) => functions.cuMemAllocAsync(out, bytes, stream.use())
    // What was freed in the stream's order is free for all sizes once the stream has come so far.
    const { code, pointer, doing } = insistent(context, bytes, ask, () => stream.synchronize())
    context.must(code, 'cuMemAllocAsync', doing, bytes)
    return pointer
  },
  give(pointer) {
    context.must(functions.cuMemFreeAsync(pointer, stream.use()), 'cuMemFreeAsync', 'freeing device memory')
  },
})

const leastBlock = 512

/** Four sizes to a doubling: at most a quarter of a block is wasted, and few sizes are kept apart. */
export const blockSize = (bytes: number): number => {
  if (bytes <= leastBlock) return leastBlock
  const step = 2 ** (Math.floor(Math.log2(bytes - 1)) - 2)
  return Math.ceil(bytes / step) * step
}

const ownPool = (context: Context): Pool => {
  const { functions } = context
  const kept = new Map<number, bigint[]>()
  const free = (pointer: bigint) => context.must(functions.cuMemFree_v2(pointer), 'cuMemFree_v2', 'freeing device memory')
  const trim = () => {
    const pointers = [...kept.values()].flat()
    kept.clear()
    const failures: unknown[] = []
    for (const pointer of pointers) {
      try {
        free(pointer)
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
  context.belongings.add(() => context.giveBack(trim))
  return {
    take(bytes) {
      const size = blockSize(bytes)
      const block = kept.get(size)?.pop()
      if (block !== undefined) return block
      const { code, pointer, doing } = insistent(context, bytes, (out) => functions.cuMemAlloc_v2(out, size), trim)
      context.must(code, 'cuMemAlloc_v2', doing, bytes)
      return pointer
    },
    give(pointer, bytes) {
      const size = blockSize(bytes)
      const blocks = kept.get(size) ?? []
      blocks.push(pointer)
      kept.set(size, blocks)
    },
  }
}

export const poolOf = (context: Context, stream: DeviceStream): Pool => {
  const { cuMemAllocAsync, cuMemFreeAsync } = context.functions
  return context.facts.pools && cuMemAllocAsync && cuMemFreeAsync
    ? driversPool(context, stream, { cuMemAllocAsync, cuMemFreeAsync })
    : ownPool(context)
}
