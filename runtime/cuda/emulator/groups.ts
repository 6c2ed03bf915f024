/**
 * Accesses of lanes that went different ways: those of one instruction, each lane's k-th, are one access of the warp. Lanes
 * that went the same way are one class, and few warps have more than two or three, so that classes are what is compared.
 */

/** As many as a warp has lanes. */
export const mostClasses = 32
const firstRoom = 256

const twice = (array: Int32Array): Int32Array<ArrayBuffer> => {
  const wider = new Int32Array(2 * array.length)
  wider.set(array)
  return wider
}

export class Groups {
  /** How many accesses of the warp there are. */
  length = 0
  instructions = new Int32Array(firstRoom)
  /** By group and class, which of a lane's accesses it is, counted from 1; 0 for one that the class has not. */
  places = new Int32Array(firstRoom * mostClasses)
  /** The group of the same instruction's next time, or -1. */
  #next = new Int32Array(firstRoom)
  /** By instruction, the group of its first time and the one of the class's last time, each valid in the round it was set in. */
  readonly #first: Int32Array
  readonly #firstRound: Int32Array
  readonly #last: Int32Array
  readonly #lastRound: Int32Array
  /** Rounds are classes, one after the other; a warp begins with one. */
  #warp = 0
  #round = 0
  #class = -1

  constructor(instructions: number) {
    this.#first = new Int32Array(instructions)
    this.#firstRound = new Int32Array(instructions)
    this.#last = new Int32Array(instructions)
    this.#lastRound = new Int32Array(instructions)
  }

  /** A warp begins. */
  clear(): void {
    this.length = 0
    this.#class = -1
    this.#round++
    this.#warp = this.#round
  }
  startClass(): void {
    this.#class++
    this.#round++
  }
  /** The class's access of a number, which is an instruction's next. */
  add(instruction: number, number: number): void {
    const group = this.#groupOf(instruction)
    this.#last[instruction] = group
    this.#lastRound[instruction] = this.#round
    this.places[group * mostClasses + this.#class] = number + 1
  }
  #groupOf(instruction: number): number {
    if (this.#lastRound[instruction] === this.#round) {
      const last = this.#last[instruction]!
      if (this.#next[last] === -1) {
        const made = this.#make(instruction)
        this.#next[last] = made
      }
      return this.#next[last]!
    }
    if (this.#firstRound[instruction]! < this.#warp) {
      this.#firstRound[instruction] = this.#round
      this.#first[instruction] = this.#make(instruction)
    }
    return this.#first[instruction]!
  }
  #make(instruction: number): number {
    const group = this.length++
    if (group >= this.instructions.length) {
      this.instructions = twice(this.instructions)
      this.places = twice(this.places)
      this.#next = twice(this.#next)
    }
    this.instructions[group] = instruction
    this.places.fill(0, group * mostClasses, (group + 1) * mostClasses)
    this.#next[group] = -1
    return group
  }
}
