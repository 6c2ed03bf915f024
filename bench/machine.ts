/** What the figures were measured on, for the head of a table. */
import { cpus } from 'node:os'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly node: string
  readonly v8: string
  readonly date: string
}

export const describeMachine = (): Machine => {
  const processors = cpus()
  return {
    processor: processors[0]?.model.trim() ?? 'unknown processor',
    cores: processors.length,
    node: process.versions.node,
    v8: process.versions.v8,
    date: new Date().toISOString().slice(0, 10),
  }
}
