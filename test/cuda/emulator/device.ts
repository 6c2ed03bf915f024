/** Kernels of the folder `kernels`, and a device on which they run with arrays as arguments. */
import { readFileSync } from 'node:fs'
import type { KernelArgument, StructArgument } from '../../../runtime/cuda/arguments.ts'
import { type Emulator, type LaunchReport, type LoadedPtx, loadPtx } from '../../../runtime/cuda/emulator/emulator.ts'

/** sm_70 by NVRTC 11.8, the others by 13.0. */
export const architectures = [70, 80, 90, 100] as const

const folder = new URL('./kernels/', import.meta.url)

export const sourceOf = (name: string): string => readFileSync(new URL(`${name}.cu`, folder), 'utf8')
export const ptxOf = (name: string, arch: number): string => readFileSync(new URL(`${name}.sm_${arch}.ptx`, folder), 'utf8')

const loaded = new Map<string, LoadedPtx>()
export const kernelsOf = (name: string, arch: number): LoadedPtx => {
  const key = `${name} ${arch}`
  const ptx = loaded.get(key) ?? loadPtx(ptxOf(name, arch))
  loaded.set(key, ptx)
  return ptx
}

/** The first line of a source that holds a text. */
export const lineOf = (source: string, text: string): number => source.split('\n').findIndex((line) => line.includes(text)) + 1

/** An array that the kernel reads, one that it must write in full, or one that it updates. */
export type Argument =
  | { readonly input: ArrayBufferView }
  | { readonly output: ArrayBufferView }
  | { readonly both: ArrayBufferView }
  | KernelArgument
  | StructArgument

export const i32 = (value: number): KernelArgument => ({ type: 'i32', value })
export const f32 = (value: number): KernelArgument => ({ type: 'f32', value })

/** Launches, and copies outputs back. */
export const launchOn = (
  device: Emulator,
  ptx: LoadedPtx,
  name: string,
  size: { readonly grid: number; readonly block: number; readonly sharedBytes?: number; readonly timeLimit?: number },
  args: readonly Argument[],
): LaunchReport => {
  const pointers: { readonly pointer: number; readonly into: ArrayBufferView | null }[] = []
  const outputs: number[] = []
  const packed = args.map((argument): KernelArgument | StructArgument => {
    if ('type' in argument) return argument
    const data = 'input' in argument ? argument.input : 'output' in argument ? argument.output : argument.both
    const pointer = device.allocate(data.byteLength, 'input' in argument ? 'input' : 'output')
    if ('output' in argument) outputs.push(pointer)
    else device.write(pointer, data)
    pointers.push({ pointer, into: 'input' in argument ? null : data })
    return { type: 'u64', value: pointer }
  })
  const { grid, block, sharedBytes = 0, timeLimit = 20_000 } = size
  const kernel = ptx.kernels.get(name)
  if (!kernel) throw new Error(`no kernel ${name}`)
  try {
    const request = { grid: [grid, 1, 1], block: [block, 1, 1], sharedBytes, timeLimit, args: packed, outputs } as const
    const report = device.launch(kernel, request)
    for (const { pointer, into } of pointers) if (into) device.read(pointer, into)
    return report
  } finally {
    for (const { pointer } of pointers) device.free(pointer)
  }
}

/** The body of a kernel over `x` and `y`, pointers in %rd1 and %rd2, as PTX. */
export const handwritten = (body: string, registers = ''): LoadedPtx =>
  loadPtx(`.version 8.0
.target sm_80
.address_size 64
.visible .entry k(.param .u64 x, .param .u64 y)
{
.reg .b64 %rd<16>;
.reg .b32 %r<32>;
.reg .f32 %f<16>;
.reg .f64 %fd<16>;
.reg .b16 %rs<16>;
.reg .pred %p<8>;
${registers}
ld.param.u64 %rd1, [x];
ld.param.u64 %rd2, [y];
mov.u32 %r0, %ctaid.x;
mov.u32 %r1, %ntid.x;
mov.u32 %r2, %tid.x;
mad.lo.s32 %r3, %r0, %r1, %r2;
${body}
ret;
}
`)
