/** The assembler's report (`-Xptxas -v`), read: what it says of spills stands nowhere else. */

export interface PtxasUsage {
  readonly registers: number
  /** Local memory of one thread in bytes. */
  readonly frame: number
  /** Bytes that one thread stores to, and loads from, local memory since registers ran out. */
  readonly spillStores: number
  readonly spillLoads: number
  /** Static shared memory of a block in bytes. */
  readonly shared: number
}

const nothing: PtxasUsage = { registers: 0, frame: 0, spillStores: 0, spillLoads: 0, shared: 0 }
const entry = /Compiling entry function '([^']+)'/
const functionProperties = /Function properties for (\S+)/
const stack = /(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads/
const used = /Used (\d+) registers(?:.*?(\d+) bytes smem)?/

/** By kernel. Helper functions are reported too, between a kernel's lines, and are left out. */
export const readPtxas = (log: string): ReadonlyMap<string, PtxasUsage> => {
  const usage = new Map<string, PtxasUsage>()
  let kernel: string | undefined
  let described: string | undefined
  const add = (part: Partial<PtxasUsage>) => {
    if (kernel !== undefined) usage.set(kernel, { ...(usage.get(kernel) ?? nothing), ...part })
  }
  for (const line of log.split('\n')) {
    kernel = entry.exec(line)?.[1] ?? kernel
    described = functionProperties.exec(line)?.[1] ?? described
    const [, frame, spillStores, spillLoads] = stack.exec(line) ?? []
    if (frame !== undefined && described === kernel)
      add({ frame: Number(frame), spillStores: Number(spillStores), spillLoads: Number(spillLoads) })
    const [, registers, shared = '0'] = used.exec(line) ?? []
    if (registers !== undefined) add({ registers: Number(registers), shared: Number(shared) })
  }
  return usage
}
