/**
 * The arrays of a shader, and the functions of its own that reach their elements. The language casts no pointers: an array of
 * which vectors are read is one of vectors, and so is one of which nothing but whole vectors is written.
 *
 * Of two elements of 16 bits in a word an invocation clears and sets its own half, by two atomic operations: what others do
 * to theirs is neither lost nor waited for, whatever the order, and nothing has to be zero before. Where whole words are
 * written there is one owner, and no atomic.
 */
import { templates } from '../../templates/compiled.ts'
import { components } from '../gpu/access.ts'
import type { Accessor, Argument } from '../gpu/kernel.ts'
import type { GpuStorage } from '../gpu/storage.ts'

export interface Declared {
  /** The type of the array. */
  readonly type: string
  /** The text of its functions. */
  readonly functions: readonly string[]
}

const vector = (width: number, element: string): string => (width === 1 ? element : `vec${width}<${element}>`)

/** How elements of one kind lie in memory, several to a unit or one. */
interface Kind {
  /** What the functions take and give. */
  readonly value: string
  /** The type of an array that is reached so many elements at a time, or one by one. */
  readonly array: (width: number, shared: boolean) => string
  /** The expression that reads one element, or a whole vector, of an array of vectors. */
  readonly one: (array: string, width: number) => string
  readonly all: (array: string, width: number) => string
  /** The statements that write one element, or a vector, of an array that is written by vectors, or of one that is not. */
  readonly put: (array: string) => readonly string[]
  readonly putAll: (array: string, width: number, shared: boolean) => readonly string[]
}

/** The place of a vector in its array. */
const placeOf = (width: number): string => (width === 1 ? 'at' : `at >> ${Math.log2(width)}u`)

/** One element of an array of vectors. */
const elementOf = (array: string, width: number): string =>
  width === 1 ? `${array}[at]` : `${array}[${placeOf(width)}][at & ${width - 1}]`

const each = (width: number, of: (component: string, x: number) => string): string[] =>
  components.slice(0, width).map((component, x) => of(component, x))

/** Elements that are what memory holds, or that a conversion away. */
const whole = (value: string, element: string, [read, write]: readonly [string, string]): Kind => {
  const through = (convert: string, text: string): string => (convert === '' ? text : `${convert}(${text})`)
  return {
    value,
    array: (width) => `array<${vector(width, element)}>`,
    one: (array, width) => through(read, elementOf(array, width)),
    all: (array, width) =>
      read === ''
        ? `${array}[${placeOf(width)}]`
        : `${vector(width, value)}(${each(width, (c) => `${read}(${array}[${placeOf(width)}].${c})`).join(', ')})`,
    put: (array) => [`${array}[at] = ${through(write, 'value')};`],
    putAll: (array, width, shared) =>
      shared
        ? each(width, (c, x) => `${array}[at${x === 0 ? '' : ` + ${x}`}] = ${through(write, `value.${c}`)};`)
        : [
            `${array}[${placeOf(width)}] = ${write === '' ? 'value' : `${vector(width, element)}(${each(width, (c) => `${write}(value.${c})`).join(', ')})`};`,
          ],
  }
}

/** Two elements of 16 bits in a word. */
const packed: Kind = {
  value: 'f32',
  array: (width, shared) => (shared ? 'array<atomic<u32>>' : `array<${vector(Math.max(1, width / 2), 'u32')}>`),
  one: (array, width) => {
    const word = width <= 2 ? `${array}[at >> 1u]` : `${array}[at >> 2u][(at >> 1u) & 1]`
    return `widen((${word} >> (u32(at & 1) * 16u)) & 0xffffu)`
  },
  all: (array, width) => {
    const words = width === 2 ? [`${array}[at >> 1u]`] : ['x', 'y'].map((c) => `${array}[at >> 2u].${c}`)
    return `vec${width}<f32>(${words.flatMap((word) => [`widen(${word} & 0xffffu)`, `widen(${word} >> 16u)`]).join(', ')})`
  },
  put: (array) => [
    'let shift = u32(at & 1) * 16u;',
    `atomicAnd(&${array}[at >> 1u], ~(0xffffu << shift));`,
    `atomicOr(&${array}[at >> 1u], narrow(value) << shift);`,
  ],
  putAll: (array, width, shared) => {
    const words = (width === 2 ? ['xy'] : ['xy', 'zw']).map(
      ([low, high]) => `narrow(value.${low}) | (narrow(value.${high}) << 16u)`,
    )
    if (shared) return words.map((word, x) => `atomicStore(&${array}[(at >> 1u)${x === 0 ? '' : ` + ${x}`}], ${word});`)
    return [`${array}[at >> ${width / 2}u] = ${words.length === 1 ? words[0]! : `vec2<u32>(${words.join(', ')})`};`]
  },
}

const kindOf = ({ element }: Argument, storage: GpuStorage): Kind => {
  if (element === 'int') return whole('i32', 'i32', ['', ''])
  if (element === 'real' || !storage.narrow) return whole('f32', 'f32', ['', ''])
  return storage.element === 'f16' ? whole('f32', 'f16', ['widenHalf', 'narrowHalf']) : packed
}

/** How an array of a kernel is declared, by the functions that the kernel calls for it. */
export const declared = (argument: Argument, accessors: readonly Accessor[], storage: GpuStorage): Declared => {
  const kind = kindOf(argument, storage)
  const own = accessors.filter(({ array }) => array === argument.name)
  // What is written one by one is no array of vectors: writing an element might touch its neighbours.
  const shared = argument.written && own.some(({ width }) => width === 1)
  const width = shared ? 1 : Math.max(1, ...own.map((x) => x.width))
  return {
    type: kind.array(width, shared),
    functions: own.map(({ name, does, width: n }) =>
      does === 'read'
        ? templates['wgsl/read']({
            name,
            type: vector(n, kind.value),
            value: n === 1 ? kind.one(argument.name, width) : kind.all(argument.name, n),
          })
        : templates['wgsl/write']({
            name,
            type: vector(n, kind.value),
            lines: n === 1 ? kind.put(argument.name) : kind.putAll(argument.name, n, shared),
          }),
    ),
  }
}
