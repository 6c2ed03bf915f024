/**
 * The functions that translated code calls: checks of memory accesses, and arithmetic that WebAssembly lacks or does
 * differently. What runs often is WebAssembly itself; the rest is imported from JavaScript.
 */
import { known, registers, shadow } from './layout.ts'
import { Code, type FunctionBody, type Signature, type ValueType } from './wasm.ts'

const signature = (params: string, results: string): Signature => ({
  params: params.split(' ').filter(Boolean) as ValueType[],
  results: results.split(' ').filter(Boolean) as ValueType[],
})

/** Imported from `runtime-functions.ts` and from the launch. */
export const imports = {
  // The launch: these know threads and findings. Arguments are the instruction, then the address.
  fault: signature('i32 i64 i32 i32', ''),
  traffic: signature('i32 i32', ''),
  race: signature('i32 i32 i32 i32', ''),
  outOfFuel: signature('', ''),
  trap: signature('i32', ''),
  // Arithmetic.
  ex2: signature('f64', 'f64'),
  lg2: signature('f64', 'f64'),
  sin: signature('f64', 'f64'),
  cos: signature('f64', 'f64'),
  tanh: signature('f64', 'f64'),
  fmaF64: signature('f64 f64 f64', 'f64'),
  fmaToOdd: signature('f64 f64 f64', 'f64'),
  addRounded: signature('f64 f64 i32 i32', 'f64'),
  mulRounded: signature('f64 f64 i32 i32', 'f64'),
  fmaRounded: signature('f64 f64 f64 i32 i32', 'f64'),
  roundF32: signature('f64 i32', 'f64'),
  roundInteger: signature('i64 i32 i32 i32', 'f64'),
  f16ToF32: signature('i32', 'f32'),
  bf16ToF32: signature('i32', 'f32'),
  toF16: signature('f64 i32', 'i32'),
  toBf16: signature('f64 i32', 'i32'),
  extractBits: signature('i64 i32 i32 i32 i32', 'i64'),
  insertBits: signature('i64 i64 i32 i32 i32', 'i64'),
  reverseBits: signature('i64 i32', 'i64'),
  multiplyHighS: signature('i64 i64', 'i64'),
  multiplyHighU: signature('i64 i64', 'i64'),
  permuteBytes: signature('i32 i32 i32', 'i32'),
  lookUp: signature('i32 i32 i32 i32', 'i32'),
  findLeading: signature('i64 i32 i32', 'i32'),
} as const satisfies Record<string, Signature>

export type ImportName = keyof typeof imports

type Width = 1 | 2 | 4 | 8 | 16 | 32
export type AccessKind = 'load' | 'store' | 'atomic'
export const accessKinds: readonly AccessKind[] = ['load', 'store', 'atomic']

/** The same byte eight times over. */
const spread = (byte: number): bigint => BigInt(byte) * 0x0101_0101_0101_0101n

const shadowAccesses = {
  1: ['i32.load8_u', 'i32.store8'],
  2: ['i32.load16_u', 'i32.store16'],
  4: ['i32.load', 'i32.store'],
  8: ['i64.load', 'i64.store'],
} as const

/**
 * (address, instruction) -> a checked 32-bit address. All bytes of the access are looked up at once: an aligned access of
 * eight bytes is one 64-bit load of its shadow. What is not as it should be goes to `fault`, which throws where a GPU would
 * fault, and otherwise records a finding and lets the access happen.
 */
const check = (width: Width, kind: AccessKind, fault: number): FunctionBody => {
  const code = new Code()
  const [address, instruction, at, state] = [0, 1, 2, 3]
  const report = (): void => {
    code.get(instruction).get(address).i32(width).i32(accessKinds.indexOf(kind)).call(fault)
  }
  code
    .get(address)
    .i64(BigInt(shadow - 32))
    .op('i64.ge_u')
  code
    .get(address)
    .op('i32.wrap_i64')
    .tee(at)
    .i32(width - 1)
    .op('i32.and', 'i32.or')
  code.if()
  report()
  code.op('end')
  const narrow = width < 8
  const [look, keep] = shadowAccesses[width === 1 || width === 2 || width === 4 ? width : 8]
  const constant = (byte: number): void => {
    if (narrow) code.i32(Number(BigInt.asIntN(32, BigInt.asUintN(width * 8, spread(byte)))))
    else code.i64(spread(byte))
  }
  const type = narrow ? 'i32' : 'i64'
  // A load wants its bytes initialised; a store wants none of an output to be written already; an atomic does both.
  const wanted = kind === 'store' ? known.accessible : known.accessible | known.initialised
  const looked = kind === 'store' ? known.accessible | known.written : wanted
  for (let part = 0; part < width; part += 8) {
    code
      .get(at)
      .memory(look, shadow + part)
      .tee(narrow ? state : 4)
    constant(looked)
    code.op(`${type}.and`)
    constant(wanted)
    code.op(`${type}.ne`).if()
    report()
    code.op('end')
    if (kind === 'load') continue
    // initialised; and what is awaited is now written, one bit further up.
    code.get(at).get(narrow ? state : 4)
    constant(known.initialised)
    code.op(`${type}.or`).get(narrow ? state : 4)
    constant(known.awaited)
    code
      .op(`${type}.and`)
      .int(type, 1n)
      .op(`${type}.shl`, `${type}.or`)
      .memory(keep, shadow + part)
  }
  code.get(at)
  return { ...signature('i64 i32', 'i32'), locals: ['i32', 'i32', 'i64'], code }
}

/**
 * a * b + c in float32, rounded once. The product is exact in float64. The sum is rounded to odd: where it is inexact and
 * its significand even, it moves to the odd neighbour on the side of the error; then rounding to float32 cannot go wrong,
 * since 53 bits are more than 24 + 2 (Boldo and Melquiond, 2008).
 */
const fmaF32 = (): FunctionBody => {
  const code = new Code()
  const [a, b, c, product, sum, part, error] = [0, 1, 2, 3, 4, 5, 6]
  code.get(a).op('f64.promote_f32').get(b).op('f64.promote_f32', 'f64.mul').tee(product)
  code.get(c).op('f64.promote_f32', 'f64.add').tee(sum)
  // Knuth's two-sum: error = (product - (sum - part)) + (c - part), part = sum - product.
  code.get(product).op('f64.sub').set(part)
  code.get(product).get(sum).get(part).op('f64.sub', 'f64.sub')
  code.get(c).op('f64.promote_f32').get(part).op('f64.sub', 'f64.add').tee(error)
  code.f64(0n).op('f64.ne').get(error).get(error).op('f64.eq', 'i32.and')
  code.get(sum).op('i64.reinterpret_f64').i64(1n).op('i64.and', 'i64.eqz', 'i32.and')
  code.if()
  code.get(sum).op('i64.reinterpret_f64').i64(1n).i64(-1n)
  code
    .get(error)
    .f64(0n)
    .op('f64.gt')
    .get(sum)
    .f64(0n)
    .op('f64.gt', 'i32.eq', 'select', 'i64.add', 'f64.reinterpret_i64')
    .set(sum)
  code.op('end').get(sum).op('f32.demote_f64')
  return { ...signature('f32 f32 f32', 'f32'), locals: ['f64', 'f64', 'f64', 'f64'], code }
}

/** PTX drops a NaN where the other operand is a number; WebAssembly keeps it. */
const extremum = (type: 'f32' | 'f64', name: 'min' | 'max'): FunctionBody => {
  const code = new Code()
  code.get(0).get(0).op(`${type}.ne`).if(type).get(1).op('else')
  code.get(1).get(1).op(`${type}.ne`).if(type).get(0).op('else')
  code.get(0).get(1).op(`${type}.${name}`, 'end', 'end')
  return { ...signature(`${type} ${type}`, type), locals: [], code }
}

/** Division of integers that never traps: by zero, all bits are set, and the remainder is the dividend. */
const divide = (type: 'i32' | 'i64', name: 'div_s' | 'div_u' | 'rem_s' | 'rem_u'): FunctionBody => {
  const code = new Code()
  const quotient = name.startsWith('div')
  code.get(1).op(`${type}.eqz`).if(type)
  if (quotient) code.int(type, -1n)
  else code.get(0)
  code.op('else')
  // The least integer by -1 would trap: a quotient by -1 is a negation, its remainder 0.
  if (name.endsWith('_s')) {
    code.get(1).int(type, -1n).op(`${type}.eq`).if(type).int(type, 0n)
    if (quotient) code.get(0).op(`${type}.sub`)
    code.op('else')
  }
  code.get(0).get(1).op(`${type}.${name}`, 'end')
  if (name.endsWith('_s')) code.op('end')
  return { ...signature(`${type} ${type}`, type), locals: [], code }
}

/** `.ftz`: subnormal numbers are zeros of their sign; a NaN stays. */
const flush = (): FunctionBody => {
  const code = new Code()
  const leastNormal = 0x0080_0000n
  code.get(0).f32(0n).get(0).op('f32.copysign')
  code.get(0).op('f32.abs').f32(leastNormal).op('f32.lt', 'i32.eqz', 'select')
  return { ...signature('f32', 'f32'), locals: [], code }
}

/** `.sat`: into 0 to 1, a NaN becoming 0. */
const saturate = (type: 'f32' | 'f64'): FunctionBody => {
  const code = new Code()
  const one = type === 'f32' ? 0x3f80_0000n : 0x3ff0_0000_0000_0000n
  code.get(0)[type](0n).op(`${type}.max`)[type](one).op(`${type}.min`)[type](0n)
  code.get(0).get(0).op(`${type}.eq`, 'select')
  return { ...signature(type, type), locals: [], code }
}

/** A backward branch: every so often it is asked whether the time is over. */
const burn = (outOfFuel: number): FunctionBody => {
  const code = new Code()
  code.i32(0).i32(0).memory('i32.load', registers.fuel).i32(1).op('i32.sub').tee(0).memory('i32.store', registers.fuel)
  code.get(0).i32(0).op('i32.lt_s').if().call(outOfFuel).op('end')
  return { ...signature('', ''), locals: ['i32'], code }
}

const importIndex = (name: ImportName): number => Object.keys(imports).indexOf(name)

const widths: readonly Width[] = [1, 2, 4, 8, 16, 32]

const bodies: Readonly<Record<string, FunctionBody>> = {
  ...Object.fromEntries(
    accessKinds.flatMap((kind) => widths.map((width) => [`${kind}${width}`, check(width, kind, importIndex('fault'))] as const)),
  ),
  fmaF32: fmaF32(),
  minF32: extremum('f32', 'min'),
  maxF32: extremum('f32', 'max'),
  minF64: extremum('f64', 'min'),
  maxF64: extremum('f64', 'max'),
  ...Object.fromEntries(
    (['i32', 'i64'] as const).flatMap((type) =>
      (['div_s', 'div_u', 'rem_s', 'rem_u'] as const).map((name) => [`${type}.${name}`, divide(type, name)] as const),
    ),
  ),
  flush: flush(),
  saturateF32: saturate('f32'),
  saturateF64: saturate('f64'),
  burn: burn(importIndex('outOfFuel')),
}

export type HelperName =
  | ImportName
  | `${AccessKind}${Width}`
  | `${'i32' | 'i64'}.${'div' | 'rem'}_${'s' | 'u'}`
  | `${'min' | 'max'}${'F32' | 'F64'}`
  | `saturate${'F32' | 'F64'}`
  | 'fmaF32'
  | 'flush'
  | 'burn'

/** The helpers' bodies, in the order of their indices. */
export const helperBodies: readonly FunctionBody[] = Object.values(bodies)

const indices: ReadonlyMap<string, number> = new Map(
  [...Object.keys(imports), ...Object.keys(bodies)].map((name, k) => [name, k]),
)

export const helperIndex = (name: HelperName): number => indices.get(name)!
