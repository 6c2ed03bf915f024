/** `poolwright doctor`: what this machine can do, and how to get the rest. */
import { cpus, totalmem } from 'node:os'
import type { CudaFindings } from '../cuda/doctor.ts'
import type { Finding } from '../finding.ts'
import type { Io } from '../io.ts'

export interface DoctorFlags {
  readonly json?: boolean
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

const targetFindings = async (cuda: CudaFindings): Promise<Record<string, Finding>> => {
  const { targets } = await import('../../runtime/targets.ts')
  const findings = Object.entries(targets).map(([name, { device }]) => [name, { available: true, detail: device }] as const)
  return {
    ...Object.fromEntries(findings),
    cuda: cuda.target,
    emulator: cuda.emulator,
    webgpu: await (await import('../webgpu.ts')).findWebGpu(),
  }
}

const list = (findings: Readonly<Record<string, Finding>>): string => {
  const width = Math.max(...Object.keys(findings).map((name) => name.length))
  const indent = `\n${' '.repeat(width + 9)}`
  return Object.entries(findings)
    .map(([name, { available, detail }]) => {
      const text = detail.replaceAll('\n', indent)
      return `  ${available ? 'yes' : 'no '}  ${name.padEnd(width)}  ${text}\n`
    })
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
  const cuda = await (await import('../cuda/doctor.ts')).findCuda()
  const tools = { node: nodeFinding(), images: await sharpFinding(), nvrtc: cuda.nvrtc, driver: cuda.driver }
  const targets = await targetFindings(cuda)
  if (flags.json) {
    io.out(`${JSON.stringify({ machine, ...tools, targets }, null, 2)}\n`)
    return
  }
  io.out(`Machine\n  ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB\n`)
  io.out(`Tools\n${list(tools)}Targets\n${list(targets)}`)
}
