/**
 * What all parts of one JavaScript kernel share: its names, its arguments, and how tensors are addressed in it. A position
 * is a place in the spatial planes laid one after another; an address is an index into a typed array. Channels-first, both
 * are the same; channels-last, an address is position * channels + c.
 */
import { allDims, type Level } from '../../dsl/level.ts'
import { type AxisNames, axesOf } from '../emit/axes.ts'
import { Block, Names } from '../emit/block.ts'
import { type Labels, labelsOf, tensorNames } from '../emit/labels.ts'
import { type Scalar, type ScalarOp, Scalars } from '../emit/scalar.ts'
import type { Node, NodeOf } from '../ir.ts'
import type { Buffer, Program } from '../program.ts'
import type { JsSchedule } from './schedule.ts'
import { shiftsOf } from './shift.ts'
import { jsSpelling } from './spelling.ts'

const reserved =
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield Infinity NaN Math Array Object Number BigInt Symbol Float32Array Float64Array Int32Array globalThis window self global process require module exports samples channels depth height width outDepth outHeight outWidth points n c plane inPlane outPlane od oh ow id ih iw o i  first end firstD firstH firstW endD endH endW outRow row start at seedLow seedHigh normal uniform philox softplus unkey tapOf placeKey whole past'.split(
    ' ',
  )

/** An array that the kernel is handed: a stored tensor, its bits, what the forward kernel saves, or scratch. */
export interface Argument {
  readonly name: string
  readonly holds: 'tensor' | 'bits' | 'scratch' | 'saved' | 'sum'
  readonly buffer: Buffer
}

export class Context {
  private readonly used = new Set<ScalarOp>()
  /** Scalars of code that stands by itself; written-out blocks have tables of their own. */
  readonly s = this.scalars()
  readonly names = new Names(reserved)
  readonly arguments: Argument[] = []
  readonly axes: readonly AxisNames[]
  readonly labels: Labels
  readonly first: boolean
  /** The values per window that elements read; none where windows write the gradients themselves. */
  readonly carriers: ReadonlyMap<Node, Buffer>
  /** The values per window that the forward kernel has left behind for this backward one. */
  readonly saved: ReadonlyMap<Node, Buffer>
  readonly program: Program
  readonly schedule: JsSchedule
  readonly dtype: 'float32' | 'float64'
  /** What windows that are computed together subtract from their exponents, each with the greatest exponent that it is. */
  readonly shifts: ReadonlyMap<Node, Node>
  /** Whether extrema of stored numbers are found among keys (fold.ts), in windows written out and in loops: float64 has none. */
  readonly byKeys: { readonly straight: boolean; readonly looped: boolean }
  private readonly arrayNames = new Map<string, string>()
  private readonly byKey = new Map<string, Argument>()

  constructor(program: Program, schedule: JsSchedule, dtype: 'float32' | 'float64') {
    this.program = program
    this.schedule = schedule
    this.dtype = dtype
    // What is saved goes with the shift that it was made with, which the other kernel does not know.
    this.shifts = schedule.shift === 'block' && schedule.saved.length === 0 ? shiftsOf(program) : new Map()
    const { extrema, unroll } = schedule
    const hasKeys = dtype === 'float32'
    this.byKeys = {
      straight: hasKeys && extrema === 'keys',
      // The few windows at a border that loop beside places chosen by selects compare: another array of bits is not worth it.
      looped: hasKeys && (extrema === 'keys' || (extrema === 'select' && unroll !== 'all')),
    }
    this.axes = axesOf(program.geometry)
    const gathers = schedule.phases === 'plane' || schedule.phases === 'global'
    this.carriers = new Map(gathers ? program.carriers.map((x) => [x.value, x.buffer]) : [])
    const isSaved = program.carriers.filter((x) => program.direction === 'backward' && schedule.saved.includes(x.buffer.name))
    this.saved = new Map(isSaved.map((x) => [x.value, x.buffer]))
    this.first = program.geometry.layout === 'channels-first'
    // Arrays are named first: a value with the same name in the formula goes by its operation instead.
    for (const name of tensorNames(program)) {
      this.arrayNames.set(name, this.names.fresh(name))
      this.arrayNames.set(`${name}Bits`, this.names.fresh(`${name}Bits`))
    }
    this.labels = labelsOf(program, (node) => this.carriers.get(node)?.name)
  }

  /** A table of scalars; all tables of a kernel note what operations they use in one place. */
  scalars(): Scalars {
    return new Scalars(this.used)
  }

  block(): Block {
    return new Block(jsSpelling, this.names)
  }

  private argument(holds: Argument['holds'], buffer: Buffer, wanted: string): string {
    const key = `${holds} ${buffer.role} ${buffer.name}`
    const known = this.byKey.get(key)
    if (known) return known.name
    const made = { name: this.arrayNames.get(wanted) ?? this.names.fresh(wanted), holds, buffer }
    this.byKey.set(key, made)
    this.arguments.push(made)
    return made.name
  }

  /** The variable that holds a buffer. */
  arrayOf(buffer: Buffer): string {
    if (buffer.role === 'sum') return this.argument('sum', buffer, buffer.name)
    if (buffer.role === 'carrier') {
      return this.argument(this.schedule.saved.includes(buffer.name) ? 'saved' : 'scratch', buffer, `${buffer.name}s`)
    }
    const suffix = buffer.role === 'gradient' || buffer.role === 'cotangent' ? 'Grad' : ''
    return this.argument('tensor', buffer, `${buffer.name}${suffix}`)
  }

  /** The variable that holds a float32 buffer's bits as integers. */
  bitsOf(buffer: Buffer): string {
    return this.argument('bits', buffer, `${buffer.name}Bits`)
  }

  bufferOf(node: NodeOf<'tensor'>): Buffer {
    return { name: node.name, role: node.role, level: node.level, type: node.type }
  }

  int(text: string): Scalar {
    return this.s.atom(text, 'int')
  }

  /** The index of a value of this level where the loops are at n, c and these output coordinates, or this tap. */
  levelIndex(level: Level, o: readonly string[], tap: string): string {
    const per = (base: string, extent: string, at: string): string => {
      if (extent === '1') return base
      return base === '0' ? at : `(${base}) * ${extent} + ${at}`
    }
    let index = level.n && level.c ? (this.first ? 'plane' : 'n * channels + c') : level.n ? 'n' : level.c ? 'c' : '0'
    if (level.place === 'tap') return per(index, this.tapCount(), tap)
    if (level.place !== 'out') return index
    this.axes.forEach((axis, d) => {
      const bit = 1 << (this.axes.length - 1 - d)
      if (level.dims === allDims || level.dims & bit) index = per(index, axis.out, o[d]!)
    })
    return index.replace(/\((\w+)\)/g, '$1')
  }

  /** How many taps a value per tap has: where windows differ in size, as many as the largest possible has. */
  tapCount(): string {
    if (this.program.geometry.kind === 'sliding') return String(this.taps())
    return this.axes.map((a) => a.extent).join(' * ')
  }

  taps(): number {
    const { geometry } = this.program
    return geometry.kind === 'sliding' ? geometry.axes.reduce((k, a) => k * a.kernel, 1) : 1
  }

  /** The index of an input-shaped array at a position, and of an output-shaped one at a window. */
  address(position: string): string {
    return this.first ? position : `(${position}) * channels + c`
  }

  /** Whether a carrier's array holds one plane (one sample, channels-last) and not all. */
  inPlane(carrier: Buffer): boolean {
    return this.schedule.phases === 'plane' && !this.schedule.saved.includes(carrier.name)
  }

  /** Where a carrier of a window stands. */
  carrierIndex(carrier: Buffer, window: string): string {
    return this.address(this.inPlane(carrier) ? `${window} - outPlane` : window)
  }

  /** The address of a position that is known at run time only. */
  addressOf(s: Scalars, position: Scalar): Scalar {
    if (this.first) return position
    return s.op('add', [s.op('mul', [position, s.atom('channels', 'int')], 'int'), s.atom('c', 'int')], 'int')
  }

  random(s: Scalars, node: NodeOf<'random'>, index: string): Scalar {
    const int = (text: string): Scalar => s.atom(text, 'int')
    return s.op(node.kind, [int('seedLow'), int('seedHigh'), int(index), s.constant(node.stream, 'int')])
  }
}
