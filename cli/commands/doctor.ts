/** `poolwright doctor`: what this machine can do, and how to get the rest. */
import { existsSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { PoolwrightError } from '../../dsl/errors.ts'
import { loadTarget } from '../flags/target.ts'
import type { Io } from '../io.ts'

export interface DoctorFlags {
  readonly json?: boolean
}

interface Finding {
  readonly available: boolean
  /** What it is where it is there, what it takes where it is not. */
  readonly detail: string
}

const oldestNode = [20, 19] as const

const nodeFinding = (): Finding => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const enough = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
  const detail = `Node ${process.versions.node}, V8 ${process.versions.v8}, ${process.platform} ${process.arch}`
  return { available: enough, detail: enough ? detail : `${detail}; Poolwright needs Node ${oldestNode.join('.')} or later` }
}

const sharpFinding = async (): Promise<Finding> => {
  try {
    const { versions } = (await import('sharp')).default
    return { available: true, detail: `sharp ${versions.sharp ?? '?'}, libvips ${versions.vips ?? '?'}` }
  } catch {
    return { available: false, detail: 'sharp cannot be loaded: npm install sharp; .npy files work without it' }
  }
}

/** NVRTC: what compiles CUDA, for `sanitize`. */
const nvrtcFinding = async (): Promise<Finding> => {
  const { Nvrtc } = await import('../../runtime/cuda/nvrtc/nvrtc.ts')
  try {
    const nvrtc = await Nvrtc.load({ askPython: true })
    const archs = nvrtc.supportedArchs()
    const range = `sm_${archs[0]} to sm_${archs.at(-1)}`
    return {
      available: true,
      detail: `NVRTC ${nvrtc.version.join('.')}, ${nvrtc.path}, for ${range}; poolwright sanitize uses it`,
    }
  } catch (error) {
    if (error instanceof PoolwrightError) return { available: false, detail: error.message.replaceAll('\n', '\n             ') }
    throw error
  }
}

/** Where the CUDA driver's library lies on Linux, if it does. */
const cudaDriver = (): string | undefined =>
  [
    '/usr/lib/x86_64-linux-gnu',
    '/usr/lib/aarch64-linux-gnu',
    '/usr/lib64',
    '/usr/lib',
    '/usr/local/cuda/compat',
    '/usr/lib/wsl/lib',
  ]
    .map((folder) => `${folder}/libcuda.so.1`)
    .find((path) => existsSync(path))

const targetFindings = async (): Promise<Record<string, Finding>> => {
  const findings: Record<string, Finding> = {}
  for (const name of ['js', 'oracle', 'interpreter'] as const)
    findings[name] = { available: true, detail: (await loadTarget(name)).device }
  const driver = cudaDriver()
  findings.cuda = {
    available: false,
    detail: `comes in a later version; it will need an NVIDIA driver (${driver ?? 'none found'}) and NVRTC`,
  }
  findings.webgpu = {
    available: false,
    detail: 'comes in a later version; it will need a browser with WebGPU, or in Node the package webgpu and a Vulkan driver',
  }
  return findings
}

const list = (findings: Readonly<Record<string, Finding>>): string => {
  const width = Math.max(...Object.keys(findings).map((name) => name.length))
  return Object.entries(findings)
    .map(([name, { available, detail }]) => `  ${available ? 'yes' : 'no '}  ${name.padEnd(width)}  ${detail}\n`)
    .join('')
}

/** Runs the command. */
export const doctor = async (flags: DoctorFlags, io: Io): Promise<void> => {
  const processors = cpus()
  const machine = {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  }
  const tools = { node: nodeFinding(), images: await sharpFinding(), nvrtc: await nvrtcFinding() }
  const targets = await targetFindings()
  if (flags.json) {
    io.out(`${JSON.stringify({ machine, ...tools, targets }, null, 2)}\n`)
    return
  }
  io.out(`Machine\n  ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB\n`)
  io.out(`Tools\n${list(tools)}Targets\n${list(targets)}`)
}
