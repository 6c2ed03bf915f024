/**
 * PyTorch on the same GPU: `torch_pool.py` in a process of its own, asked for one round at a time by a line of JSON, so that its
 * rounds and ours alternate.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Direction, Operator, Shape } from '../cases.ts'
import type { GpuContender } from './contender.ts'

/** What it says of itself when it has started. */
export interface TorchFacts {
  readonly torch: string
  readonly cuda: string
  readonly gpu: string
  /** Bytes of the second-level cache. */
  readonly l2: number
}

/** How PyTorch computes: with its own kernels, compiled; and gaussian also by E[x²] - E[x]², which people write, and which loses digits. */
export const variants = ['eager', 'compile', 'eager-e2', 'compile-e2'] as const
export type Variant = (typeof variants)[number]

interface Answer {
  readonly ms?: number
  readonly graph?: boolean
  /** The largest error over its tolerance, in float64 on the CPU. */
  readonly wrong?: number
  readonly failed?: string
}

const root = new URL(import.meta.url.includes('/dist-bench/') ? '../../../' : '../../', import.meta.url)
const script = fileURLToPath(new URL('bench/torch_pool.py', root))

export class Torch {
  readonly facts: TorchFacts
  private readonly child: ChildProcess
  private readonly lines: AsyncIterator<string>

  /** @throws Error where Python, PyTorch or its GPU is not there, with what Python says */
  static async start(python: string): Promise<Torch> {
    const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'pipe'] })
    let said = ''
    child.stderr.on('data', (text: Buffer) => {
      said = `${said}${text}`.slice(-2000)
    })
    // What cannot be started gives no line, and says so below.
    child.on('error', (error) => {
      said = error.message
    })
    child.stdin.on('error', () => undefined)
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const first = await lines.next()
    if (first.done) throw new Error(said.trim().split('\n').at(-1) ?? `${python} gives no answer`)
    return new Torch(child, lines, JSON.parse(first.value) as TorchFacts)
  }

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, facts: TorchFacts) {
    this.child = child
    this.lines = lines
    this.facts = facts
  }

  private async ask(request: object): Promise<Answer> {
    this.child.stdin?.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await this.lines.next()
    return done ? { failed: 'PyTorch ended' } : (JSON.parse(value) as Answer)
  }

  /** Prepares a row; gives the reason where it cannot be computed, or is computed wrongly. */
  async contender(
    of: { readonly shape: Shape; readonly operator: Operator; readonly direction: Direction; readonly copies: number },
    variant: Variant,
  ): Promise<GpuContender | string> {
    const { shape, operator, direction, copies } = of
    const row = { ...shape, operator, direction, copies, variant }
    const first = await this.ask(row)
    if (first.failed !== undefined) return first.failed
    if (!((first.wrong ?? 0) <= 1)) return `its result is wrong: ${first.wrong} times the tolerance`
    return {
      name: variant,
      round: async () => (await this.ask(row)).ms ?? Number.NaN,
      ...(!first.graph && { note: 'launched one by one, not as a graph' }),
      dispose: () => undefined,
    }
  }

  /** Lets go of what the last rows were prepared with. */
  async forget(): Promise<void> {
    await this.ask({ forget: true })
  }

  close(): void {
    this.child.kill()
  }
}
