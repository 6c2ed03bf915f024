/** Where the variables of a kernel lie: offsets in shared memory, in a thread's local memory, slots of global variables. */
import type { Place } from './emit.ts'
import { PtxError } from './errors.ts'
import { mostSymbols, parameters, symbols } from './layout.ts'
import type { KernelCode, Module, Operand, Variable } from './ptx.ts'

/** A variable in shared or local memory, at an offset from the block's or the thread's base. */
export interface Extent {
  readonly offset: number
  readonly bytes: number
}

export interface Layout {
  readonly places: ReadonlyMap<string, Place>
  readonly shared: readonly Extent[]
  readonly sharedBytes: number
  readonly usesShared: boolean
  /** Where dynamic shared memory begins. */
  readonly dynamicOffset: number
  readonly local: readonly Extent[]
  readonly localBytes: number
}

/** Between variables, so that a step beyond one is seen. */
const variableGap = 16

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple

const namesIn = (operand: Operand): readonly string[] => {
  if (operand.kind === 'name') return [operand.name]
  if (operand.kind === 'address') return namesIn(operand.base)
  return operand.kind === 'vector' ? operand.elements.flatMap(namesIn) : []
}

/** Lays variables of one space out behind each other. */
const lay = (variables: readonly Variable[]): { extents: Extent[]; bytes: number } => {
  let bytes = 0
  const extents = variables.map((variable) => {
    const offset = roundUp(bytes, variable.align)
    bytes = offset + (variable.bytes ?? 0) + variableGap
    return { offset, bytes: variable.bytes ?? 0 }
  })
  return { extents, bytes }
}

export const layOut = (module: Module, kernel: KernelCode): Layout => {
  const used = new Set(kernel.instructions.flatMap(({ operands }) => operands.flatMap(namesIn)))
  const visible = [...module.variables, ...kernel.variables].filter(({ name }) => used.has(name))
  const shared = visible.filter(({ space, bytes }) => space === 'shared' && bytes !== null)
  const dynamic = visible.filter(({ space, bytes }) => space === 'shared' && bytes === null)
  const local = visible.filter(({ space }) => space === 'local')
  const sharedLaid = lay(shared)
  const localLaid = lay(local)
  const dynamicOffset = roundUp(sharedLaid.bytes, Math.max(16, ...dynamic.map(({ align }) => align)))
  const lasting = module.variables.filter(({ space }) => space === 'global' || space === 'const')
  if (lasting.length > mostSymbols) throw new PtxError(kernel.line, `more than ${mostSymbols} global variables`)
  const places = new Map<string, Place>([
    ...lasting.map(({ name }, k) => [name, { base: 'symbol', offset: symbols + 8 * k }] as const),
    ...dynamic.map(({ name }) => [name, { base: 'shared', offset: dynamicOffset }] as const),
    ...shared.map(({ name }, k) => [name, { base: 'shared', offset: sharedLaid.extents[k]!.offset }] as const),
    ...local.map(({ name }, k) => [name, { base: 'local', offset: localLaid.extents[k]!.offset }] as const),
    ...kernel.parameters.map(({ name, offset }) => [name, { base: 'parameter', offset: parameters + offset }] as const),
  ])
  return {
    places,
    shared: sharedLaid.extents,
    sharedBytes: sharedLaid.bytes,
    usesShared: shared.length + dynamic.length > 0,
    dynamicOffset,
    local: localLaid.extents,
    localBytes: localLaid.bytes,
  }
}
