/**
 * What the parts of one kernel share: its names, its arguments, how tensors are addressed in it, and the lines that its
 * values stand on. An address is an index into a tensor; channels-first that is a position in the planes laid one after
 * another, channels-last position * channels + c.
 */
import { allDims, type Level, levels } from '../../dsl/level.ts'
import { Block, Names } from '../emit/block.ts'
import { tensorNames } from '../emit/labels.ts'
import { type Scalar, Scalars } from '../emit/scalar.ts'
import type { NodeOf } from '../ir.ts'
import type { Buffer, Program } from '../program.ts'
import type { Dialect, Memory, Type } from './dialect.ts'
import { bracketed, flat } from './flat.ts'
import type { WarpsOf } from './launch.ts'
import type { Shared } from './shared.ts'

/**
 * An array that a kernel is handed: a tensor of the caller's, a carrier (`saved` where the forward kernel leaves it for the
 * backward ones), terms of sums, or finished sums.
 */
export interface Argument {
  readonly name: string
  readonly holds: 'tensor' | 'carrier' | 'saved' | 'terms' | 'sum'
  /** Of terms that warps leave: the items of a plane that they are of. */
  readonly warpsOf?: WarpsOf
  readonly buffer: Buffer
  readonly element: 'storage' | 'real' | 'int'
  readonly written: boolean
}

export interface NumberArgument {
  readonly name: string
  readonly type: 'int' | 'unsigned'
}

/** A function of a kernel's own that reads, or writes, so many elements of an array. */
export interface Accessor {
  readonly name: string
  readonly array: string
  readonly does: 'read' | 'write'
  readonly width: number
}

/** The numbers that a kernel may be handed, in the order of its parameters. */
const numbers: readonly (readonly [name: string, type: NumberArgument['type']])[] = [
  ['samples', 'int'],
  ['channels', 'int'],
  ['depth', 'int'],
  ['height', 'int'],
  ['width', 'int'],
  ['outDepth', 'int'],
  ['outHeight', 'int'],
  ['outWidth', 'int'],
  ['seedLow', 'unsigned'],
  ['seedHigh', 'unsigned'],
]

/** A line that declares a name, kept where something below uses it; without a name, always. */
export interface Declaration {
  readonly name: string
  readonly line: string
}

const mentions = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text)

/** A body behind the declarations that it reads; those that nothing reads are left out. */
export const withDeclarations = (declarations: readonly Declaration[], body: readonly string[]): string[] => {
  let text = body.join('\n')
  const kept: string[] = []
  for (const { name, line } of [...declarations].reverse()) {
    if (name !== '' && !mentions(text, name)) continue
    kept.unshift(line)
    text = `${line}\n${text}`
  }
  return [...kept, ...body]
}

/** Whether a buffer's elements are of the tensors' storage type. */
const elementOf = (program: Program, { role, type, of }: Buffer): Argument['element'] => {
  const roleOf = (name: string | undefined): string | undefined => program.operator.tensors.find((x) => x.name === name)?.role
  switch (role) {
    case 'input':
    case 'tensor':
    case 'cotangent':
      return 'storage'
    case 'result':
      return type === 'int' ? 'int' : 'storage'
    case 'gradient':
      return roleOf(of) === 'param' ? 'real' : 'storage'
    case 'carrier':
      return type === 'int' ? 'int' : 'real'
    case 'param':
    case 'noise':
    case 'sum':
      return 'real'
    default:
      return role satisfies never
  }
}

export class Kernel {
  readonly name: string
  readonly of: Shared
  readonly names: Names
  readonly s = new Scalars()
  private readonly arrays = new Map<string, Argument>()
  private readonly byName = new Map<string, Argument>()
  private readonly accessors = new Map<string, Accessor>()
  private readonly tensorNames = new Map<string, string>()

  constructor(of: Shared, name: string) {
    this.of = of
    this.name = name
    this.names = new Names(of.dialect.reserved)
    // Arrays are named first: a value of the same name goes by its operation instead.
    for (const tensor of tensorNames(of.program)) this.tensorNames.set(tensor, this.names.fresh(tensor))
  }

  get dialect(): Dialect {
    return this.of.dialect
  }

  /** A name for a value that stays. */
  constant(name: string, type: Type, text: string): Declaration {
    return { name, line: this.dialect.constant(name, type, text) }
  }

  /** A statement that is carried out where a condition holds, and always where there is none. */
  where(condition: string | undefined, statement: string): string {
    return condition === undefined ? statement : this.dialect.when(condition, statement)
  }

  /** The type of a number without a sign, of as many bits as an address. */
  get unsigned(): 'unsigned' | 'long long' {
    return this.of.index === 'int' ? 'unsigned' : 'long long'
  }

  /** A block of lines; each text for the same windows has scalars of its own. */
  block(): Block {
    const { real, infinity } = this.of.storage
    const { literal, spelling } = this.dialect
    const memory: Memory = {
      widen: (array) => (this.isConverted(array) ? 'widen' : undefined),
      vector: (array, width) => this.vectorType(array, width),
      element: (array, value) => {
        if (!this.isConverted(array) || value === 0) return literal(value, 'float', real)
        return `0x${(value < 0 ? infinity | 0x8000 : infinity).toString(16)}`
      },
      reader: (array, width) => this.accessor('read', array, width),
    }
    return new Block(spelling(real, memory), this.names)
  }

  /** Whether elements of an array are widened and narrowed where they are read and written, and not by what reads and writes them. */
  private isConverted(array: string): boolean {
    return this.of.storage.narrow && !this.dialect.accessors && this.byName.get(array)?.element === 'storage'
  }

  /** The function that reads or writes so many elements of an array; `undefined` where its elements are reached by their index. */
  private accessor(does: Accessor['does'], array: string, width: number): string | undefined {
    const argument = this.byName.get(array)
    if (!argument || !this.dialect.accessors) return undefined
    const { narrow } = this.of.storage
    const { row, out, channels } = this.of.vectors
    const { place, dims } = argument.buffer.level
    const isWide = Math.max(row, out, channels) > 1 && (place === 'in' || (place === 'out' && dims === allDims))
    if (!isWide && !(narrow && argument.element === 'storage')) return undefined
    const key = `${does} ${width} ${array}`
    const known = this.accessors.get(key)
    if (known) return known.name
    const name = this.names.fresh(`${does}${width === 1 ? '' : width}_${array}`)
    this.accessors.set(key, { name, array, does, width })
    return name
  }

  /** What an element of an array is read as. */
  load(array: string, index: string): string {
    const reader = this.accessor('read', array, 1)
    if (reader !== undefined) return `${reader}(${index})`
    return this.isConverted(array) ? `widen(${array}[${index}])` : `${array}[${index}]`
  }

  /** The statement that writes an element of an array. */
  store(array: string, index: string, value: Scalar, text: string): string {
    const stored = this.stored(array, value, text)
    const writer = this.accessor('write', array, 1)
    return writer === undefined ? `${array}[${index}] = ${stored};` : `${writer}(${index}, ${stored});`
  }

  /** The statement that writes several elements of an array, from an index on. */
  storeVector(array: string, index: string, parts: readonly { readonly value: Scalar; readonly text: string }[]): string {
    const width = parts.length
    const stored = parts.map(({ value, text }) => this.stored(array, value, text))
    const type = this.vectorType(array, width)
    return this.dialect.storeVector(array, type, index, stored, this.accessor('write', array, width))
  }

  /** The type of several elements of an array. */
  vectorType(array: string, width: number): string {
    const { vectors, real } = this.of.storage
    const { element } = this.byName.get(array)!
    return element === 'storage' ? vectors[width]! : this.dialect.vectorOf(element === 'int' ? 'int' : real, width)
  }

  /** The variable that holds a buffer. */
  array(buffer: Buffer, holds: Argument['holds'] = 'tensor', written = false, warpsOf?: WarpsOf): string {
    const key = `${holds} ${buffer.role} ${buffer.name}`
    const known = this.arrays.get(key)
    if (known) return known.name
    const suffix = buffer.role === 'gradient' || buffer.role === 'cotangent' ? 'Grad' : ''
    const wanted =
      buffer.role === 'carrier' ? `${buffer.name}s` : holds === 'terms' ? `${buffer.name}Terms` : `${buffer.name}${suffix}`
    const name = this.tensorNames.get(wanted) ?? this.names.fresh(wanted)
    const element = holds === 'terms' ? (buffer.type === 'int' ? 'int' : 'real') : elementOf(this.of.program, buffer)
    const made: Argument = { name, holds, buffer, element, written, ...(warpsOf && { warpsOf }) }
    this.arrays.set(key, made)
    this.byName.set(name, made)
    return name
  }

  /** The array of a carrier. */
  carrier(buffer: Buffer, written = false): string {
    return this.array(buffer, this.of.schedule.saved.includes(buffer.name) ? 'saved' : 'carrier', written)
  }

  bufferOf(node: NodeOf<'tensor'>): Buffer {
    return { name: node.name, role: node.role, level: node.level, type: node.type }
  }

  /** What is stored for a value, in the type of its array. */
  private stored(array: string, value: Scalar, text: string): string {
    const argument = this.byName.get(array)!
    if (this.isConverted(array)) return `narrow(${text})`
    if (argument.element === 'int') return value.type === 'float' ? this.dialect.truncated(text) : text
    return value.type === 'int' && value.op !== 'const' ? this.dialect.widened(text) : text
  }

  int(text: string): Scalar {
    return this.s.atom(text, 'int')
  }

  /** The index of a value of this level where the kernel is at n, c and these output coordinates, or at this tap. */
  levelIndex(level: Level, o: readonly string[], tap: string, channel = 'c'): string {
    const { axes, first } = this.of
    const index = level.n && level.c ? (first ? 'plane' : `n * channels + ${channel}`) : level.n ? 'n' : level.c ? channel : '0'
    if (level.place === 'tap') return flat([index, tap], ['', this.tapCount()])
    if (level.place !== 'out') return index
    const varying = axes.map((_, d) => d).filter((d) => level.dims === allDims || level.dims & (1 << (axes.length - 1 - d)))
    return flat([index, ...varying.map((d) => o[d]!)], ['', ...varying.map((d) => axes[d]!.out)])
  }

  /** The address of a position in the planes. */
  address(position: string): string {
    return this.of.first ? position : `${bracketed(position)} * channels + c`
  }

  /** The plane, or channels-last the sample, that positions begin at. */
  get planes(): string {
    return this.of.first ? 'plane' : 'n'
  }

  /** The position of an element, or of a window, by its coordinates. */
  position(of: 'extent' | 'out', coordinates: readonly string[]): string {
    return flat([this.planes, ...coordinates], ['', ...this.of.axes.map((a) => a[of])])
  }

  /** The position in its plane of an element by its coordinates. */
  inPlane(coordinates: readonly string[]): string {
    return flat(
      coordinates,
      this.of.axes.map((a) => a.extent),
    )
  }

  /** How many taps a value per tap has: where windows differ in size, as many as the largest possible has. */
  tapCount(): string {
    const { geometry } = this.of.program
    return geometry.kind === 'sliding' ? String(geometry.axes.reduce((k, a) => k * a.kernel, 1)) : 'points'
  }

  /** The counter of a random value, and where one that is handed in stands, or a parameter: channels-first, over the axes that vary, taps last. */
  drawIndex(node: NodeOf<'random' | 'tensor'>, o: readonly string[], tap: string, inPlane: () => string, channel = 'c'): string {
    const { level } = node
    const { counter } = this.dialect
    const plane = this.of.first ? 'plane' : `n * channels + ${channel}`
    if (level.place === 'in') return `${counter(plane)} * points + ${inPlane()}`
    if (level.place === 'window')
      return `${counter(this.levelIndex(levels.output, o, tap, channel))} * ${this.tapCount()} + ${tap}`
    const index = this.levelIndex(level, o, tap, channel)
    return node.op === 'random' ? counter(index) : index
  }

  random(s: Scalars, node: NodeOf<'random'>, index: string): Scalar {
    const int = (text: string): Scalar => s.atom(text, 'int')
    return s.op(node.kind, [int('seedLow'), int('seedHigh'), int(index), s.constant(node.stream, 'int')])
  }

  /** The names of the arrays and numbers that a body reads, and its text: declarations that nothing reads are left out. */
  finish(declarations: readonly Declaration[], body: readonly string[]): FinishedKernel {
    const { extents } = this.of.schedule
    const lines = withDeclarations(declarations, body)
    const text = lines.join('\n')
    const isConstant = (name: string): boolean => extents !== 'dynamic' && /^(out)?(depth|height|width)$/i.test(name)
    const used = numbers.filter(([name]) => mentions(text, name) && !isConstant(name))
    const arrays = [...this.arrays.values()]
    return {
      arrays,
      accessors: [...this.accessors.values()],
      numbers: used.map(([name, type]) => ({ name, type })),
      lines,
    }
  }
}

export interface FinishedKernel {
  readonly arrays: readonly Argument[]
  /** The functions that its lines call to read and to write. */
  readonly accessors: readonly Accessor[]
  readonly numbers: readonly NumberArgument[]
  readonly lines: readonly string[]
}
