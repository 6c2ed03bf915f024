/** What a launch found wrong. Findings of one kind at one place in the source are one finding: the first stands for all. */
import { type Instruction, spell } from './ptx.ts'

export type FindingKind =
  | 'out-of-bounds'
  | 'misaligned'
  | 'uninitialised'
  | 'shared-race'
  | 'barrier-divergence'
  | 'shuffle-mask'
  | 'unwritten'
  | 'double-write'

export interface Finding {
  readonly kind: FindingKind
  readonly message: string
  readonly ptxLine: number | null
  /** The line of the CUDA source, where it was compiled with `-lineinfo`. */
  readonly sourceLine: number | null
  readonly block: readonly number[] | null
  readonly thread: readonly number[] | null
}

/** Where something happened. */
export interface Site {
  readonly instruction: Instruction
  readonly block: readonly number[]
  readonly thread: readonly number[] | null
}

const mostFindings = 100

/** Threads or lanes by their numbers, but not by the hundred. */
export const list = (numbers: readonly number[]): string =>
  numbers.length > 8 ? `${numbers.slice(0, 8).join(', ')} and ${numbers.length - 8} more` : numbers.join(', ')

const place = ({ instruction, block, thread }: Site): string =>
  [
    spell(instruction),
    instruction.sourceLine === null ? `PTX line ${instruction.ptxLine}` : `source line ${instruction.sourceLine}`,
    `block (${block.join(', ')})`,
    ...(thread ? [`thread (${thread.join(', ')})`] : []),
  ].join(', ')

export class Report {
  readonly #findings: Finding[] = []
  readonly #seen = new Set<string>()

  get findings(): readonly Finding[] {
    return this.#findings
  }
  /** Whether a finding would be new; a cheap question before a message is made. */
  isNew(kind: FindingKind, { sourceLine, ptxLine }: Instruction): boolean {
    return this.#findings.length < mostFindings && !this.#seen.has(`${kind} ${sourceLine ?? `PTX ${ptxLine}`}`)
  }
  add(kind: FindingKind, message: string, site: Site): void {
    const { instruction, block, thread } = site
    if (!this.isNew(kind, instruction)) return
    const { sourceLine, ptxLine } = instruction
    this.#seen.add(`${kind} ${sourceLine ?? `PTX ${ptxLine}`}`)
    this.#findings.push({ kind, message: `${message}: ${place(site)}`, ptxLine, sourceLine, block, thread })
  }
  /** A finding that belongs to no instruction. */
  addAlone(kind: FindingKind, message: string): void {
    if (this.#findings.length < mostFindings)
      this.#findings.push({ kind, message, ptxLine: null, sourceLine: null, block: null, thread: null })
  }
}
