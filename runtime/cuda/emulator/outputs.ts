/** Outputs, of which a launch writes each byte once: what is awaited of them, and what was not written in the end. */
import { known, shadow } from './layout.ts'
import type { Allocation, Memory } from './memory.ts'

/** A state in each of four bytes. */
const inEach = (state: number): number => Math.imul(state, 0x0101_0101)

/** Changes the states of an allocation's bytes: most of them four at a time, as outputs are large. */
const change = ({ words, bytes }: Memory, { pointer, bytes: size }: Allocation, clear: number, set: number): void => {
  const start = pointer + shadow
  const whole = size >> 2
  const [keep, add] = [~inEach(clear), inEach(set)]
  for (let at = start >> 2, end = at + whole; at < end; at++) words[at] = (words[at]! & keep) | add
  for (let at = start + 4 * whole; at < start + size; at++) bytes[at] = (bytes[at]! & ~clear) | set
}

/** From now on the launch has to write the allocation. */
export const awaitOutput = (memory: Memory, allocation: Allocation): void => change(memory, allocation, 0, known.awaited)

/** Nobody waits for the allocation any more. */
export const forgetOutput = (memory: Memory, allocation: Allocation): void =>
  change(memory, allocation, known.awaited | known.written, 0)

/** What is missing of an output, in words; `undefined` where nothing is. */
export const unwritten = (memory: Memory, { pointer, bytes: size, name }: Allocation): string | undefined => {
  const start = pointer + shadow
  const all = inEach(known.written)
  let at = start
  while (at + 4 <= start + size && (memory.words[at >> 2]! & all) === all) at += 4
  while (at < start + size && memory.bytes[at]! & known.written) at++
  if (at === start + size) return undefined
  const states = memory.bytes.subarray(at, start + size)
  const missing = states.reduce((sum, state) => sum + (state & known.written ? 0 : 1), 0)
  return `${missing} of ${size} bytes of '${name}' were not written, the first being byte ${at - start}`
}
