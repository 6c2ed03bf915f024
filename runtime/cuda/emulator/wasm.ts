/** A small assembler of WebAssembly's binary format: as much of it as translated kernels need. */

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64'

const valueCodes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const satisfies Record<ValueType, number>

/** The numeric instructions in the order of their codes, from 0x45 on. */
// biome-ignore format: a table, one row an operand type
const numeric = [
  'i32.eqz', 'i32.eq', 'i32.ne', 'i32.lt_s', 'i32.lt_u', 'i32.gt_s', 'i32.gt_u', 'i32.le_s', 'i32.le_u', 'i32.ge_s', 'i32.ge_u',
  'i64.eqz', 'i64.eq', 'i64.ne', 'i64.lt_s', 'i64.lt_u', 'i64.gt_s', 'i64.gt_u', 'i64.le_s', 'i64.le_u', 'i64.ge_s', 'i64.ge_u',
  'f32.eq', 'f32.ne', 'f32.lt', 'f32.gt', 'f32.le', 'f32.ge',
  'f64.eq', 'f64.ne', 'f64.lt', 'f64.gt', 'f64.le', 'f64.ge',
  'i32.clz', 'i32.ctz', 'i32.popcnt', 'i32.add', 'i32.sub', 'i32.mul', 'i32.div_s', 'i32.div_u', 'i32.rem_s', 'i32.rem_u',
  'i32.and', 'i32.or', 'i32.xor', 'i32.shl', 'i32.shr_s', 'i32.shr_u', 'i32.rotl', 'i32.rotr',
  'i64.clz', 'i64.ctz', 'i64.popcnt', 'i64.add', 'i64.sub', 'i64.mul', 'i64.div_s', 'i64.div_u', 'i64.rem_s', 'i64.rem_u',
  'i64.and', 'i64.or', 'i64.xor', 'i64.shl', 'i64.shr_s', 'i64.shr_u', 'i64.rotl', 'i64.rotr',
  'f32.abs', 'f32.neg', 'f32.ceil', 'f32.floor', 'f32.trunc', 'f32.nearest', 'f32.sqrt',
  'f32.add', 'f32.sub', 'f32.mul', 'f32.div', 'f32.min', 'f32.max', 'f32.copysign',
  'f64.abs', 'f64.neg', 'f64.ceil', 'f64.floor', 'f64.trunc', 'f64.nearest', 'f64.sqrt',
  'f64.add', 'f64.sub', 'f64.mul', 'f64.div', 'f64.min', 'f64.max', 'f64.copysign',
  'i32.wrap_i64', 'i32.trunc_f32_s', 'i32.trunc_f32_u', 'i32.trunc_f64_s', 'i32.trunc_f64_u',
  'i64.extend_i32_s', 'i64.extend_i32_u', 'i64.trunc_f32_s', 'i64.trunc_f32_u', 'i64.trunc_f64_s', 'i64.trunc_f64_u',
  'f32.convert_i32_s', 'f32.convert_i32_u', 'f32.convert_i64_s', 'f32.convert_i64_u', 'f32.demote_f64',
  'f64.convert_i32_s', 'f64.convert_i32_u', 'f64.convert_i64_s', 'f64.convert_i64_u', 'f64.promote_f32',
  'i32.reinterpret_f32', 'i64.reinterpret_f64', 'f32.reinterpret_i32', 'f64.reinterpret_i64',
  'i32.extend8_s', 'i32.extend16_s', 'i64.extend8_s', 'i64.extend16_s', 'i64.extend32_s',
] as const

/** Conversions that saturate, behind the prefix 0xfc, in the order of their codes. */
// biome-ignore format: a table
const saturating = [
  'i32.trunc_sat_f32_s', 'i32.trunc_sat_f32_u', 'i32.trunc_sat_f64_s', 'i32.trunc_sat_f64_u',
  'i64.trunc_sat_f32_s', 'i64.trunc_sat_f32_u', 'i64.trunc_sat_f64_s', 'i64.trunc_sat_f64_u',
] as const

const plain = { unreachable: 0x00, return: 0x0f, drop: 0x1a, select: 0x1b, else: 0x05, end: 0x0b } as const

export type Mnemonic = (typeof numeric)[number] | (typeof saturating)[number] | keyof typeof plain | 'memory.fill'

const codes: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ...Object.entries(plain).map(([name, code]) => [name, [code]] as const),
  ...numeric.map((name, k) => [name, [0x45 + k]] as const),
  ...saturating.map((name, k) => [name, [0xfc, k]] as const),
  // In the one memory there is.
  ['memory.fill', [0xfc, 0x0b, 0x00]],
])

const accesses = {
  'i32.load': 0x28,
  'i64.load': 0x29,
  'f32.load': 0x2a,
  'f64.load': 0x2b,
  'i32.load8_s': 0x2c,
  'i32.load8_u': 0x2d,
  'i32.load16_s': 0x2e,
  'i32.load16_u': 0x2f,
  'i64.load32_u': 0x35,
  'i32.store': 0x36,
  'i64.store': 0x37,
  'f32.store': 0x38,
  'f64.store': 0x39,
  'i32.store8': 0x3a,
  'i32.store16': 0x3b,
} as const

export type Access = keyof typeof accesses

const unsigned = (value: number): number[] => {
  const bytes: number[] = []
  let rest = value >>> 0
  do {
    const byte = rest & 0x7f
    rest >>>= 7
    bytes.push(rest === 0 ? byte : byte | 0x80)
  } while (rest !== 0)
  return bytes
}

const signed = (value: bigint): number[] => {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    const byte = Number(rest & 0x7fn)
    rest >>= 7n
    if ((rest === 0n && !(byte & 0x40)) || (rest === -1n && byte & 0x40)) return [...bytes, byte]
    bytes.push(byte | 0x80)
  }
}

const littleEndian = (bits: bigint, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, k) => Number((bits >> BigInt(8 * k)) & 0xffn))

const text = (value: string): number[] => {
  const bytes = new TextEncoder().encode(value)
  return [...unsigned(bytes.length), ...bytes]
}

/** The instructions of one function, written one after the other. */
export class Code {
  readonly bytes: number[] = []

  op(...names: readonly Mnemonic[]): this {
    for (const name of names) this.bytes.push(...codes.get(name)!)
    return this
  }
  get(local: number): this {
    this.bytes.push(0x20, ...unsigned(local))
    return this
  }
  set(local: number): this {
    this.bytes.push(0x21, ...unsigned(local))
    return this
  }
  tee(local: number): this {
    this.bytes.push(0x22, ...unsigned(local))
    return this
  }
  i32(value: number): this {
    this.bytes.push(0x41, ...signed(BigInt(value | 0)))
    return this
  }
  i64(value: bigint): this {
    this.bytes.push(0x42, ...signed(BigInt.asIntN(64, value)))
    return this
  }
  /** An integer of either width. */
  int(type: 'i32' | 'i64', value: bigint): this {
    return type === 'i32' ? this.i32(Number(BigInt.asIntN(32, value))) : this.i64(value)
  }
  f32(bits: bigint): this {
    this.bytes.push(0x43, ...littleEndian(bits, 4))
    return this
  }
  f64(bits: bigint): this {
    this.bytes.push(0x44, ...littleEndian(bits, 8))
    return this
  }
  /** A load or a store at the address on the stack plus a constant. No alignment is promised: it changes nothing. */
  memory(name: Access, offset: number): this {
    this.bytes.push(accesses[name], 0, ...unsigned(offset))
    return this
  }
  block(): this {
    this.bytes.push(0x02, 0x40)
    return this
  }
  loop(): this {
    this.bytes.push(0x03, 0x40)
    return this
  }
  if(result?: ValueType): this {
    this.bytes.push(0x04, result ? valueCodes[result] : 0x40)
    return this
  }
  br(depth: number): this {
    this.bytes.push(0x0c, ...unsigned(depth))
    return this
  }
  brIf(depth: number): this {
    this.bytes.push(0x0d, ...unsigned(depth))
    return this
  }
  /** Jumps to the n-th depth, or to the last. */
  brTable(depths: readonly number[]): this {
    this.bytes.push(0x0e, ...unsigned(depths.length - 1), ...depths.flatMap(unsigned))
    return this
  }
  call(index: number): this {
    this.bytes.push(0x10, ...unsigned(index))
    return this
  }
}

export interface Signature {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

export interface FunctionBody extends Signature {
  readonly locals: readonly ValueType[]
  readonly code: Code
  readonly exported?: string
}

export interface ModuleParts {
  /** Functions from outside; their indices come first. */
  readonly imports: readonly ({ readonly name: string } & Signature)[]
  readonly functions: readonly FunctionBody[]
}

const section = (id: number, items: readonly (readonly number[])[]): number[] => {
  const body = [...unsigned(items.length)]
  for (const item of items) for (const byte of item) body.push(byte)
  return [id, ...unsigned(body.length)].concat(body)
}

/** A module over an imported memory, `env.memory`. */
export const assemble = ({ imports, functions }: ModuleParts): Uint8Array<ArrayBuffer> => {
  const types = [...imports, ...functions].map(({ params, results }) => [
    0x60,
    ...unsigned(params.length),
    ...params.map((type) => valueCodes[type]),
    ...unsigned(results.length),
    ...results.map((type) => valueCodes[type]),
  ])
  const sections = [
    section(1, types),
    section(2, [
      ...imports.map(({ name }, k) => [...text('env'), ...text(name), 0x00, ...unsigned(k)]),
      [...text('env'), ...text('memory'), 0x02, 0x00, 0x01],
    ]),
    section(
      3,
      functions.map((_, k) => unsigned(imports.length + k)),
    ),
    section(
      7,
      functions.flatMap(({ exported }, k) =>
        exported === undefined ? [] : [[...text(exported), 0x00, ...unsigned(imports.length + k)]],
      ),
    ),
    section(
      10,
      functions.map(({ locals, code }) => {
        const head = [...unsigned(locals.length), ...locals.flatMap((type) => [1, valueCodes[type]])]
        return unsigned(head.length + code.bytes.length + 1).concat(head, code.bytes, 0x0b)
      }),
    ),
  ]
  return Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0].concat(...sections))
}
