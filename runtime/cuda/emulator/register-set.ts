/** Sets of registers as bits: a kernel may have thousands alive at each of thousands of places. */

/** The number of the lowest bit of a word that has any. */
const lowest = (word: number): number => 31 - Math.clz32(word & -word)

export class RegisterSet {
  readonly #words: Uint32Array
  #size = 0

  /** @param count - of the registers that there are */
  constructor(count: number) {
    this.#words = new Uint32Array(Math.ceil(count / 32))
  }

  get size(): number {
    return this.#size
  }
  has(register: number): boolean {
    return ((this.#words[register >>> 5]! >>> (register & 31)) & 1) === 1
  }
  add(register: number): void {
    if (this.has(register)) return
    this.#words[register >>> 5]! |= 1 << (register & 31)
    this.#size++
  }
  /** Adds what another set holds, but for some. */
  addAll(other: RegisterSet, but?: ReadonlySet<number>): void {
    const [mine, theirs] = [this.#words, other.#words]
    for (let k = 0; k < theirs.length; k++)
      for (let rest = theirs[k]! & ~mine[k]!; rest !== 0; rest &= rest - 1) {
        const register = 32 * k + lowest(rest)
        if (!but?.has(register)) this.add(register)
      }
  }
  /** Calls with each, from the lowest number to the highest. */
  each(call: (register: number) => void): void {
    const words = this.#words
    for (let k = 0; k < words.length; k++) for (let rest = words[k]!; rest !== 0; rest &= rest - 1) call(32 * k + lowest(rest))
  }
  /** Those that pass, from the lowest number to the highest. */
  filter(passes: (register: number) => boolean): readonly number[] {
    const found: number[] = []
    this.each((register) => {
      if (passes(register)) found.push(register)
    })
    return found
  }
}
