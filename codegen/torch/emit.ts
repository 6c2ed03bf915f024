/**
 * A program as a function of plain PyTorch, for windows of any geometry. It is written from what it returns backwards: a value
 * becomes a line where something needs it, so stages and carriers come in the order that the graph asks for. What a value
 * varies with is its tensor's shape, so that broadcasting does the rest.
 */
import { allDims, type Level } from '../../dsl/level.ts'
import type { Names } from '../emit/block.ts'
import { labelsOf } from '../emit/labels.ts'
import { isConst, type Node, operands, topological } from '../ir.ts'
import type { Program, Stage, Store } from '../program.ts'
import { snake } from './names.ts'
import {
  atom,
  binaryFunctions,
  binding,
  comparisons,
  infix,
  isFloat32,
  numberText,
  type Spelled,
  unaryFunctions,
  within,
} from './spelling.ts'

/** A level in the words that the windows' own functions take: `n c out`. */
export const levelWords = ({ n, c, place, dims }: Level): string => {
  const places = {
    none: [],
    tap: ['tap'],
    in: ['in'],
    out: dims === allDims ? ['out'] : ['depth', 'height', 'width'].filter((_, d) => dims & (4 >> d)),
    window: ['out', 'tap'],
  }[place]
  return [...(n ? ['n'] : []), ...(c ? ['c'] : []), ...places].join(' ')
}

/** Values that are integers in PyTorch too, places among taps; what counts taps is a number of the type that is computed in. */
const isPlace = (node: Node): boolean =>
  node.type === 'int' &&
  (node.op === 'flatIndex' ||
    node.op === 'reduce' ||
    (node.op === 'geometry' && node.what === 'tap') ||
    operands(node).some(isPlace))

class Body {
  readonly lines: string[] = []
  readonly #names: Names
  readonly #tensors: ReadonlyMap<string, string>
  readonly #uses = new Map<Node, number>()
  readonly #spelled = new Map<Node, Spelled>()
  readonly #atTaps = new Map<Node, string>()
  readonly #sums: ReadonlyMap<string, { readonly store: Store; readonly stage: Stage }>
  readonly #labels

  constructor(program: Program, roots: readonly Node[], names: Names, tensors: ReadonlyMap<string, string>) {
    this.#names = names
    this.#tensors = tensors
    this.#labels = labelsOf(program, (node) => program.carriers.find(({ value }) => value === node)?.buffer.name)
    const stored = program.stages.flatMap((stage) => stage.stores.map((store) => ({ store, stage })))
    this.#sums = new Map(stored.filter(({ store }) => store.to.role === 'sum').map((one) => [one.store.to.name, one]))
    const reached = [...roots, ...[...this.#sums.values()].map(({ store }) => store.value)]
    for (const node of topological(reached))
      for (const operand of operands(node)) this.#uses.set(operand, (this.#uses.get(operand) ?? 0) + 1)
  }

  /** A value's text; what is used more than once, or has a name, stands on a line of its own. */
  spell(node: Node): Spelled {
    const known = this.#spelled.get(node)
    if (known) return known
    const made = this.#write(node)
    const named = this.#labels.name(node)
    const isLeaf =
      node.op === 'const' || node.op === 'tensor' || node.op === 'geometry' || (node.op === 'unary' && node.fn === 'detach')
    const spelled =
      isLeaf || (named === undefined && (this.#uses.get(node) ?? 0) < 2 && made.text.length < 80)
        ? made
        : atom(this.#line(named ?? this.#labels.call(node), made.text, this.#labels.comment(node)))
    this.#spelled.set(node, spelled)
    return spelled
  }

  #line(wanted: string, text: string, comment?: string): string {
    const name = this.#names.fresh(snake(wanted))
    this.lines.push(`${name} = ${text}${comment === undefined ? '' : `  # ${comment}`}`)
    return name
  }

  /** A value where a function takes tensors only: a number is made one. */
  #alone(node: Node, { text }: Spelled): string {
    return isConst(node) ? `windows.number(${text})` : text
  }

  /** A value as it stands beside taps: one that each element has is read by the taps. */
  #taps(node: Node): Spelled {
    if (node.level.place !== 'in') return this.spell(node)
    const known = this.#atTaps.get(node)
    if (known !== undefined) return atom(known)
    const { text } = this.spell(node)
    const name = this.#line(/^\w+$/.test(text) ? `${text}_taps` : 'taps', `windows.taps(${text})`)
    this.#atTaps.set(node, name)
    return atom(name)
  }

  /** An operand of a value, of that value's level and kind. */
  #operand(of: Node, operand: Node): Spelled {
    const spelled = of.level.place === 'window' ? this.#taps(operand) : this.spell(operand)
    return of.type === 'float' && of.op !== 'select' && isPlace(operand) ? atom(`windows.real(${spelled.text})`) : spelled
  }

  /** An operand where a function takes tensors only. */
  #tensor(of: Node, operand: Node): string {
    return this.#alone(operand, this.#operand(of, operand))
  }

  #write(node: Node): Spelled {
    const operand = (of: Node): Spelled => this.#operand(node, of)
    switch (node.op) {
      case 'const':
        return node.value < 0 ? { text: numberText(node.value), binds: binding.negation } : atom(numberText(node.value))
      case 'tensor':
        return atom(node.role === 'sum' ? this.#sum(node.name) : this.#tensors.get(`${node.role} ${node.name}`)!)
      case 'geometry':
        return atom(`windows.${node.what}`)
      case 'random':
        return atom(`windows.random("${node.kind}", ${node.stream}, "${levelWords(node.level)}")`)
      case 'unary':
        if (node.fn === 'detach') return operand(node.a)
        if (node.fn === 'neg') return { text: `-${within(operand(node.a), binding.negation)}`, binds: binding.negation }
        return atom(`${unaryFunctions[node.fn]}(${this.#tensor(node, node.a)})`)
      case 'binary': {
        const { fn, a, b } = node
        if (fn === 'pow' || fn === 'max' || fn === 'min')
          return atom(`${binaryFunctions[fn]}(${this.#tensor(node, a)}, ${this.#tensor(node, b)})`)
        const { sign, binds } = infix[fn]
        // What is in brackets on the right stays so: in another order, sums round otherwise and products overflow.
        return { text: `${within(operand(a), binds)} ${sign} ${within(operand(b), binds + 1)}`, binds }
      }
      case 'select': {
        const { test, a, b, yes, no } = node
        // A number stands on the right of a comparison, or beside a tensor; there none that overflows.
        const left = isConst(a) ? this.#tensor(node, a) : within(operand(a), binding.sum)
        const condition = `${left} ${comparisons[test]} ${within(operand(b), binding.sum)}`
        const other = isConst(no) && !isFloat32(no.value) ? this.#tensor(node, no) : operand(no).text
        return atom(`torch.where(${condition}, ${this.#tensor(node, yes)}, ${other})`)
      }
      case 'flatIndex':
        return atom(`windows.flat_index(${this.spell(node.a).text})`)
      case 'reduce':
        if (node.over === 'taps') return atom(`windows.${node.by}(${this.#alone(node.a, this.#taps(node.a))})`)
        if (node.over === 'covers') return atom(`windows.covers(${this.#alone(node.a, this.spell(node.a))})`)
        throw new Error('a sum over the batch stands outside a store')
      default:
        return node satisfies never
    }
  }

  #sum(name: string): string {
    const { store, stage } = this.#sums.get(name)!
    const { value, to } = store
    const byTaps = stage.visits === 'windows' && to.level.place === 'tap'
    const text = this.#alone(value, byTaps ? this.#taps(value) : this.spell(value))
    return this.#line(name, `windows.total(${text}, over="${levelWords(stage.domain)}", to="${levelWords(to.level)}")`)
  }

  /** Values as a function returns them. */
  returned(values: readonly Node[]): string[] {
    return values.map((value) => this.#alone(value, this.spell(value)))
  }
}

/** The lines of a function's body, and what it returns. */
export interface TorchBody {
  readonly lines: readonly string[]
  readonly returns: readonly string[]
}

/**
 * Emits a program that holds for every geometry.
 * @param tensors - the names of its arguments, by role and name
 * @param wanted - results, or the tensors whose gradients are wanted, in order
 * @param names - what the body may call its values
 */
export const emitTorch = (
  program: Program,
  tensors: ReadonlyMap<string, string>,
  wanted: readonly string[],
  names: Names,
): TorchBody => {
  const stores = program.stages
    .flatMap((stage) => stage.stores)
    .filter(({ to }) => to.role === 'result' || to.role === 'gradient')
  const roots = wanted.map((name) => stores.find(({ to }) => to.name === name)!.value)
  const body = new Body(program, roots, names, tensors)
  const returns = body.returned(roots)
  return { lines: body.lines, returns }
}
