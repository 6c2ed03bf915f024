/**
 * Carries out launches that a test in Python asks for, on the emulator: a request a line, an answer a line, as JSON.
 * `{ "load": PTX }` tells the types of each kernel's parameters; `{ "launch": … }` runs one, on copies of the memory that comes
 * with it, and gives the memory back as the kernel left it.
 */
import { createInterface } from 'node:readline'
import type { KernelArgument } from '../../runtime/cuda/arguments.ts'
import { Emulator, type LoadedPtx, loadPtx } from '../../runtime/cuda/emulator/emulator.ts'

interface Launch {
  /** Numbered from 0 in the order of loading. */
  readonly module: number
  readonly kernel: string
  readonly blocks: number
  readonly threads: number
  readonly shared: number
  /** A number, or a place in one of the memories. */
  readonly args: readonly { readonly type: 'u32' | 'u64'; readonly value: number; readonly memory?: number }[]
  /** In base 64. */
  readonly memories: readonly string[]
}

type Request = { readonly load: string } | { readonly launch: Launch }

const emulator = new Emulator()
const modules: LoadedPtx[] = []

const run = ({ module, kernel, blocks, threads, shared, args, memories }: Launch) => {
  const copies = memories.map((text) => {
    const bytes = Buffer.from(text, 'base64')
    const pointer = emulator.allocate(bytes.length)
    emulator.write(pointer, bytes)
    return { bytes, pointer }
  })
  try {
    const { findings } = emulator.launch(modules[module]!.kernels.get(kernel)!, {
      grid: [blocks, 1, 1],
      block: [threads, 1, 1],
      sharedBytes: shared,
      args: args.map(({ type, value, memory }): KernelArgument => {
        return type === 'u64'
          ? { type, value: BigInt((memory === undefined ? 0 : copies[memory]!.pointer) + value) }
          : { type, value }
      }),
    })
    for (const { bytes, pointer } of copies) emulator.read(pointer, bytes)
    return { findings: findings.map(({ message }) => message), memories: copies.map(({ bytes }) => bytes.toString('base64')) }
  } finally {
    for (const { pointer } of copies) emulator.free(pointer)
  }
}

const load = (text: string) => {
  const loaded = loadPtx(text)
  const kernels = [...loaded.kernels].map(([name, { parameters }]) => [name, parameters.map(({ type }) => type)] as const)
  return { module: modules.push(loaded) - 1, kernels: Object.fromEntries(kernels) }
}

const answer = (request: Request) => ('load' in request ? load(request.load) : run(request.launch))

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify(answer(JSON.parse(line) as Request)))
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }))
  }
}
