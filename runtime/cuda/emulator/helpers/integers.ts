/** Integer arithmetic that WebAssembly lacks, as functions of its own: division that never traps, upper halves, fields of bits. */
import { Code, type FunctionBody, type ValueType } from '../wasm.ts'
import { signature } from './imports.ts'

const body = (params: string, results: string, locals: readonly ValueType[], code: Code): FunctionBody => ({
  ...signature(params, results),
  locals,
  code,
})

/** Division of integers that never traps: by zero, all bits are set, and the remainder is the dividend. */
export const divide = (type: 'i32' | 'i64', name: 'div_s' | 'div_u' | 'rem_s' | 'rem_u'): FunctionBody => {
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
  return body(`${type} ${type}`, type, [], code)
}

/** The upper half of a product of 64 bits, by halves of 32. */
export const multiplyHigh = (signed: boolean): FunctionBody => {
  const code = new Code()
  const [a, b, low, ab, ba, middle] = [0, 1, 2, 3, 4, 5]
  const lower = (x: number): Code => code.get(x).i64(0xffff_ffffn).op('i64.and')
  const upper = (x: number): Code => code.get(x).i64(32n).op('i64.shr_u')
  lower(a)
  lower(b)
  code.op('i64.mul').set(low)
  lower(a)
  upper(b)
  code.op('i64.mul').set(ab)
  upper(a)
  lower(b)
  code.op('i64.mul').set(ba)
  upper(low)
  lower(ab)
  lower(ba)
  code.op('i64.add', 'i64.add').set(middle)
  upper(a)
  upper(b)
  code.op('i64.mul')
  for (const x of [ab, ba, middle]) {
    upper(x)
    code.op('i64.add')
  }
  // Two's complement: a negative factor counted 2^64 too much of the other.
  if (signed)
    for (const [x, other] of [
      [a, b],
      [b, a],
    ] as const)
      code.get(other).get(x).i64(63n).op('i64.shr_s', 'i64.and', 'i64.sub')
  return body('i64 i64', 'i64', ['i64', 'i64', 'i64', 'i64'], code)
}

/** The bits of 64 in reverse: neighbours change places, then pairs, nibbles, bytes and so on. */
export const reverseBits = (): FunctionBody => {
  const code = new Code()
  const masks = [
    0x5555_5555_5555_5555n,
    0x3333_3333_3333_3333n,
    0x0f0f_0f0f_0f0f_0f0fn,
    0x00ff_00ff_00ff_00ffn,
    0x0000_ffff_0000_ffffn,
  ]
  masks.forEach((mask, k) => {
    const by = BigInt(1 << k)
    code.get(0).i64(mask).op('i64.and').i64(by).op('i64.shl')
    code.get(0).i64(by).op('i64.shr_u').i64(mask).op('i64.and', 'i64.or').set(0)
  })
  code.get(0).i64(32n).op('i64.rotl')
  return body('i64', 'i64', [], code)
}

/** (a, b, selector): each of four nibbles chooses one of eight bytes, or eight times its sign. */
export const permuteBytes = (): FunctionBody => {
  const code = new Code()
  const [a, b, selector, bytes, chosen] = [0, 1, 2, 3, 4]
  code.get(b).op('i64.extend_i32_u').i64(32n).op('i64.shl').get(a).op('i64.extend_i32_u', 'i64.or').set(bytes)
  const nibble = (k: number): Code =>
    code
      .get(selector)
      .i32(4 * k)
      .op('i32.shr_u')
  for (let k = 0; k < 4; k++) {
    code.get(bytes)
    nibble(k).i32(7).op('i32.and').i32(8).op('i32.mul', 'i64.extend_i32_u', 'i64.shr_u', 'i32.wrap_i64').set(chosen)
    // Shifting by 7 leaves the sign in each bit.
    code.get(chosen).op('i32.extend8_s')
    nibble(k).i32(8).op('i32.and').i32(0).op('i32.ne').i32(7).op('i32.mul', 'i32.shr_s').i32(0xff).op('i32.and')
    code.i32(8 * k).op('i32.shl')
    if (k > 0) code.op('i32.or')
  }
  return body('i32 i32 i32', 'i32', ['i64', 'i32'], code)
}

/** Leaves 2^length - 1 of 64 bits; all of them from a length of 64 on, where a shift would begin anew. */
const pushMask = (code: Code, length: number): void => {
  code.i64(-1n).i64(1n).get(length).op('i64.extend_i32_u', 'i64.shl').i64(1n).op('i64.sub')
  code.get(length).i32(63).op('i32.gt_u', 'select')
}

/** (value, position, length, width): `length` bits from a position on, zeros beyond the width. */
export const extractBits = (signed: boolean): FunctionBody => {
  const code = new Code()
  const [value, position, length, width, last] = [0, 1, 2, 3, 4]
  for (const x of [position, length]) code.get(x).i32(0xff).op('i32.and').set(x)
  code.get(length).op('i32.eqz').if('i64').i64(0n).op('else')
  // A shift by 64 or more leaves nothing, and WebAssembly would begin anew.
  code.get(value).get(position).op('i64.extend_i32_u', 'i64.shr_u').i64(0n).get(position).i32(64).op('i32.lt_u', 'select')
  pushMask(code, length)
  code.op('i64.and')
  if (signed) {
    // The sign is the field's last bit, or the value's where the field reaches beyond it.
    code.get(position).get(length).op('i32.add').i32(1).op('i32.sub').tee(last).get(width).i32(1).op('i32.sub')
    code.get(last).get(width).op('i32.lt_u', 'select').set(last)
    code.i64(-1n)
    code.get(last).i32(1).op('i32.add').get(position).op('i32.sub').tee(length).i32(0)
    code.get(length).i32(0).op('i32.gt_s', 'select').tee(length).op('i64.extend_i32_u', 'i64.shl').i64(0n)
    code.get(length).i32(63).op('i32.le_u', 'select').i64(0n)
    code.get(value).get(last).op('i64.extend_i32_u', 'i64.shr_u', 'i32.wrap_i64').i32(1).op('i32.and', 'select', 'i64.or')
  }
  code.op('end')
  return body('i64 i32 i32 i32', 'i64', ['i32'], code)
}

/** (field, base, position, length, width): the base with the low bits of the field put in. */
export const insertBits = (): FunctionBody => {
  const code = new Code()
  const [field, base, position, length, width, mask] = [0, 1, 2, 3, 4, 5]
  for (const x of [position, length]) code.get(x).i32(0xff).op('i32.and').set(x)
  code.get(position).get(width).op('i32.ge_u').if('i64').get(base).op('else')
  pushMask(code, length)
  code.get(position).op('i64.extend_i32_u', 'i64.shl').set(mask)
  code.get(field).get(position).op('i64.extend_i32_u', 'i64.shl').get(mask).op('i64.and')
  code.get(base).get(mask).i64(-1n).op('i64.xor', 'i64.and', 'i64.or', 'end')
  return body('i64 i64 i32 i32 i32', 'i64', ['i64'], code)
}
