/** Programs of tests that need a process of their own: a collector at hand, or a sanitizer loaded before all else. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { ptxModule } from './kernels.ts'

const urlOf = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
const stripTypes = new URL('../../strip-types.mjs', import.meta.url).href

/** What each program finds: the stand-in, a device on it, and a kernel that goes from x to y. */
const prelude = (library: string): string => `
  const { StandIn, nothingLeft } = await import(${urlOf('./stand-in.ts')})
  const { openDriver } = await import(${urlOf('../../../runtime/cuda/driver/device.ts')})
  const standIn = await StandIn.open(${JSON.stringify(library)})
  const shapes = { ptx: ${JSON.stringify(ptxModule('shapes').ptx)}, cubin: new Uint8Array() }
  standIn.accept(shapes)
  const pointer = ({ pointer }) => ({ type: 'u64', value: pointer })
  const launch = (tile, x, y) =>
    tile.launch({ grid: [1, 1, 1], block: [128, 1, 1], args: [pointer(x), pointer(y), { type: 'i32', value: 4 }] })
  const floats = (memory) => {
    const out = new Float32Array(4)
    memory.read(out)
    return [...out]
  }
  const tell = (what) => console.log(JSON.stringify(what))
`

/**
 * Runs a program on the stand-in, in a process of its own.
 * @returns how it ended, with what it printed
 */
export const runProgram = (
  library: string,
  text: string,
  { flags = [], environment = {} }: { readonly flags?: readonly string[]; readonly environment?: Record<string, string> } = {},
): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, ['--no-warnings', ...flags, `--import=${stripTypes}`, '--input-type=module', '-'], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
    input: prelude(library) + text,
    timeout: 50_000,
  })
