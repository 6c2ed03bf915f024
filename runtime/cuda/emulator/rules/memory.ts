/** Loads, stores and atomics. Each address is checked, shared accesses are watched for races, and traffic is counted. */
import type { Emitter } from '../emit.ts'
import type { AccessKind } from '../helpers.ts'
import type { Instruction, Operand } from '../ptx.ts'
import { bytesOf, isFloat, isSigned, type ScalarType, valueTypeOf, widthOf } from '../types.ts'
import type { Access } from '../wasm.ts'
import { type Modifiers, type Rule, type Rules, rule } from './rule.ts'

const spaces = ['global', 'shared', 'local', 'const', 'param'] as const
type AddressSpace = (typeof spaces)[number] | 'generic'

// Hints to caches and orders between threads: the emulator has neither caches nor threads at one time.
const hint =
  /^(?:volatile|weak|relaxed|acquire|release|acq_rel|cta|cluster|gpu|sys|mmio|nc|ca|cg|cs|lu|cv|wb|wt|L1::\w+|L2::(?:64B|128B|256B|evict_\w+))$/

const takeHints = (e: Emitter, m: Modifiers): void => {
  while (m.maybe(e.instruction.modifiers.filter((name) => hint.test(name))) !== undefined) {}
}

export const spaceOf = ({ modifiers }: Instruction): AddressSpace => {
  const named = modifiers.find((name) => (spaces as readonly string[]).includes(name.split('::')[0] ?? ''))
  return (named?.split('::')[0] as AddressSpace | undefined) ?? 'generic'
}

const takeSpace = (e: Emitter, m: Modifiers): AddressSpace => {
  m.maybe([...spaces, 'shared::cta', 'param::entry'])
  return spaceOf(e.instruction)
}

/** Bytes that an instruction moves at once, its vector counted. */
export const accessBytes = ({ modifiers }: Instruction): number => {
  const vector = modifiers.find((name) => /^v[248]$/.test(name))
  const type = modifiers.at(-1) as ScalarType
  return bytesOf(type) * (vector ? Number(vector.slice(1)) : 1)
}

const isWidth = (n: number): n is 1 | 2 | 4 | 8 | 16 | 32 => [1, 2, 4, 8, 16, 32].includes(n)

/** The checked address of an access, in a local. */
const checked = (e: Emitter, operand: Operand, bytes: number, kind: AccessKind, space: AddressSpace): number => {
  const { code } = e
  if (operand.kind !== 'address') return e.fail('an address in brackets is expected')
  if (!isWidth(bytes)) return e.fail(`an access of ${bytes} bytes is not known`)
  const { base, offset } = operand
  const narrow = base.kind === 'register' && valueTypeOf(e.registers[base.register]!.type) === 'i32'
  e.push(base, narrow ? 'u32' : 'u64')
  if (narrow) code.op('i64.extend_i32_u')
  if (offset !== 0n) code.i64(offset).op('i64.add')
  code.i32(e.number)
  e.call(`${kind}${bytes}`)
  const at = e.temporary('i32')
  code.set(at)
  if (space === 'shared' || space === 'generic') {
    code
      .i32(e.number)
      .get(at)
      .i32(bytes)
      .i32(kind === 'load' ? 0 : kind === 'store' ? 1 : 2)
    e.call('race')
  }
  if (space !== 'local') {
    code.i32(e.number).get(at)
    e.call('traffic')
  }
  return at
}

const loadOf = (type: ScalarType): Access => {
  const width = widthOf(type)
  if (width === 8 || width === 16) return `i32.load${width}_${isSigned(type) ? 's' : 'u'}`
  return `${valueTypeOf(type)}.load`
}
const storeOf = (type: ScalarType): Access => {
  const width = widthOf(type)
  return width === 8 || width === 16 ? `i32.store${width}` : `${valueTypeOf(type)}.store`
}

// biome-ignore format: a list
const accessed = [
  'b8', 'u8', 's8', 'b16', 'u16', 's16', 'f16', 'bf16', 'b32', 'u32', 's32', 'f32', 'f16x2', 'bf16x2', 'b64', 'u64', 's64', 'f64',
] as const

const elementsOf = (e: Emitter, operand: Operand, vector: string | undefined): readonly Operand[] => {
  if (!vector) return [operand]
  if (operand.kind !== 'vector' || operand.elements.length !== Number(vector.slice(1)))
    return e.fail(`a vector of ${vector.slice(1)} is expected`)
  return operand.elements
}

/** Parameters are read at their place, without a check beyond their own extent. */
const loadParameter = (e: Emitter, elements: readonly Operand[], type: ScalarType): void => {
  const source = e.operand(1)
  if (source.kind !== 'address' || source.base.kind !== 'name') e.fail('a parameter is read by its name')
  const place = e.place(source.base.name)
  if (place?.base !== 'parameter') e.fail(`'${source.base.name}' is no parameter of the kernel`)
  elements.forEach((element, k) => {
    const offset = Number(source.offset) + k * bytesOf(type)
    if (!(offset >= 0 && offset < 4096 * 8)) e.fail(`an offset of ${offset} leads out of the parameters`)
    e.code.i32(0).memory(loadOf(type), place.offset + offset)
    e.pop(element, type)
  })
}

const load = (e: Emitter, m: Modifiers): void => {
  const type = m.type(accessed)
  const vector = m.maybe(['v2', 'v4', 'v8'])
  const space = takeSpace(e, m)
  takeHints(e, m)
  m.end()
  const elements = elementsOf(e, e.operand(0), vector)
  if (space === 'param') {
    loadParameter(e, elements, type)
    return
  }
  const at = checked(e, e.operand(1), bytesOf(type) * elements.length, 'load', space)
  elements.forEach((element, k) => {
    e.code.get(at).memory(loadOf(type), k * bytesOf(type))
    e.pop(element, type)
  })
}

const store = (e: Emitter, m: Modifiers): void => {
  const type = m.type(accessed)
  const vector = m.maybe(['v2', 'v4', 'v8'])
  const space = takeSpace(e, m)
  takeHints(e, m)
  m.end()
  if (space === 'param' || space === 'const') e.fail(`${space} memory is not written`)
  const elements = elementsOf(e, e.operand(1), vector)
  const at = checked(e, e.operand(0), bytesOf(type) * elements.length, 'store', space)
  elements.forEach((element, k) => {
    e.code.get(at)
    e.push(element, type)
    e.code.memory(storeOf(type), k * bytesOf(type))
  })
}

const operations = ['add', 'min', 'max', 'and', 'or', 'xor', 'exch', 'cas', 'inc', 'dec'] as const

/** Leaves the new value, made of the old one and of operands from `first` on. */
const combine = (e: Emitter, type: ScalarType, operation: (typeof operations)[number], old: number, first: number): void => {
  const { code } = e
  const value = valueTypeOf(type)
  const operand = (): void => e.push(e.operand(first), type)
  if (operation === 'exch') {
    operand()
    return
  }
  if (isFloat(type)) {
    if (operation !== 'add') e.fail(`.${operation} of floats is not known`)
    code.get(old)
    operand()
    code.op(`${type}.add`)
    return
  }
  const int = value === 'i64' ? 'i64' : 'i32'
  const sign = isSigned(type) ? 's' : 'u'
  switch (operation) {
    case 'add':
    case 'and':
    case 'or':
    case 'xor':
      code.get(old)
      operand()
      code.op(`${int}.${operation}`)
      return
    case 'min':
    case 'max':
      code.get(old)
      operand()
      code.get(old)
      operand()
      code.op(`${int}.${operation === 'min' ? 'lt' : 'gt'}_${sign}`, 'select')
      return
    case 'cas':
      e.push(e.operand(first + 1), type)
      code.get(old).get(old)
      operand()
      code.op(`${int}.eq`, 'select')
      return
    case 'inc':
      // old >= b ? 0 : old + 1
      code.int(int, 0n).get(old).int(int, 1n).op(`${int}.add`).get(old)
      operand()
      code.op(`${int}.ge_u`, 'select')
      return
    case 'dec':
      // old == 0 or old > b ? b : old - 1
      operand()
      code.get(old).int(int, 1n).op(`${int}.sub`).get(old).op(`${int}.eqz`).get(old)
      operand()
      code.op(`${int}.gt_u`, 'i32.or', 'select')
      return
    default:
      operation satisfies never
  }
}

const atomic = (e: Emitter, m: Modifiers, returns: boolean): void => {
  const type = m.type(['b32', 'u32', 's32', 'f32', 'b64', 'u64', 's64', 'f64'])
  const operation = m.one(operations)
  const space = takeSpace(e, m)
  takeHints(e, m)
  m.end()
  const first = returns ? 1 : 0
  const { code } = e
  const at = checked(e, e.operand(first), bytesOf(type), 'atomic', space)
  const old = e.temporary(valueTypeOf(type))
  code.get(at).memory(loadOf(type), 0).set(old)
  code.get(at)
  combine(e, type, operation, old, first + 1)
  code.memory(storeOf(type), 0)
  if (!returns) return
  code.get(old)
  e.pop(e.operand(0), type)
}

const nothing = (known: RegExp): Rule => ({
  kind: () => 'move',
  writes: false,
  emit: (e, m) => {
    while (m.maybe(e.instruction.modifiers.filter((name) => known.test(name))) !== undefined) {}
    m.end()
  },
})

export const memoryRules: Rules = {
  ld: rule('load', load),
  ldu: rule('load', load),
  st: { kind: () => 'store', writes: false, emit: store },
  atom: rule('atomic', (e, m) => atomic(e, m, true)),
  red: { kind: () => 'atomic', writes: false, emit: (e, m) => atomic(e, m, false) },
  // Orders between threads, and hints: threads run one after the other, in memory that all see.
  membar: nothing(/^(?:cta|gl|sys)$/),
  fence: nothing(/^(?:acq_rel|sc|cta|cluster|gpu|sys)$/),
  prefetch: nothing(/^(?:global|local|L1|L2|L2::evict_\w+)$/),
  nanosleep: nothing(/^u32$/),
  isspacep: rule('integer', (e, m) => {
    const space = m.one(['global', 'shared', 'local', 'const'])
    m.end()
    if (space !== 'global' && space !== 'shared') e.fail(`.${space} is not supported`)
    // Whether the address lies in the shared window.
    e.push(e.operand(1), 'u64')
    e.push({ kind: 'special', name: '%shared_base' }, 'u64')
    e.code.op('i64.sub')
    e.push({ kind: 'special', name: '%total_smem_size' }, 'u64')
    e.code.op('i64.lt_u')
    if (space === 'global') e.code.op('i32.eqz')
    e.pop(e.operand(0), 'pred')
  }),
}
