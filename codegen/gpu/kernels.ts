/** The kernels of a program in the order in which they are launched: over windows, over elements, of sums, over parameters. */
import { sameLevel } from '../../dsl/level.ts'
import { capital } from '../emit/capital.ts'
import { topological } from '../ir.ts'
import type { Program, Store } from '../program.ts'
import { type EmittedKernel, emitCells, termsOf, type Work } from './cells.ts'
import { emitLoopedElements, emitLoopedWindows } from './looped-kernels.ts'
import type { Shared } from './shared.ts'
import { emitParameters, emitSum, type Terms } from './sums.ts'

/** The kernels over windows and elements. */
const poolingKernels = (of: Shared, base: string): EmittedKernel[] => {
  const { program, schedule } = of
  const storesOf = (visits: 'windows' | 'elements'): Store[] =>
    program.stages.flatMap((x) => (x.visits === visits ? x.stores : []))
  const elements = storesOf('elements')
  const carried = elements.length > 0 && schedule.phases === 'carried'
  const isSaved = (name: string): boolean => schedule.saved.includes(name)
  // What is saved is made by the forward kernel; the rest of the carriers by the backward one, where elements gather.
  const made = program.carriers.filter((x) =>
    program.direction === 'forward' ? isSaved(x.buffer.name) : carried && !isSaved(x.buffer.name),
  )
  const carriers = made.map((x): Store => ({ to: x.buffer, value: x.value, how: 'set' }))
  const work: Work = { windows: [...storesOf('windows'), ...carriers], elements: carried ? [] : elements }
  const written = schedule.unroll === 'all'
  const kernels: EmittedKernel[] = []
  const all = work.windows.length + work.elements.length
  if (all > 0) {
    const name = carried ? `${base}Windows` : base
    const comment = carried
      ? 'what elements will read of each window, and the terms of what is summed'
      : `${program.direction === 'forward' ? 'windows' : 'windows, and the gradients of their elements'}${written ? ' written out' : ' by loops over their taps'}`
    if (written) kernels.push(emitCells(of, name, comment, work))
    else kernels.push(...emitLoopedWindows(of, name, comment, work))
  }
  if (carried) {
    const name = `${base}Elements`
    const comment = 'each element gathers from the windows that cover it'
    kernels.push(
      written ? emitCells(of, name, comment, { windows: [], elements }) : emitLoopedElements(of, name, comment, elements),
    )
  }
  return kernels
}

/** What the kernels over windows and elements have left of a sum. */
const termsFor = (kernels: readonly EmittedKernel[], store: Store, visits: 'windows' | 'elements'): Terms => {
  const left = kernels.flatMap((x) => x.arrays).find((x) => x.holds === 'terms' && x.buffer.name === store.to.name)
  return left?.warpsOf ? { buffer: left.buffer, warpsOf: left.warpsOf } : { buffer: termsOf(store, visits) }
}

/** The kernels that sum terms, and those over parameters. */
const sumKernels = (of: Shared, base: string, kernels: readonly EmittedKernel[]): EmittedKernel[] => {
  const name = (part: string): string => `${base}${capital(part.replace(/[^A-Za-z0-9]/g, '_'))}`
  const finals = gradientsThatAreSums(of.program)
  /** A store of a sum, to where it is wanted. */
  const settled = (store: Store): Store => ({ ...store, to: finals.get(store.to.name) ?? store.to })
  return of.program.stages.flatMap(({ visits, domain, stores }) => {
    const own = stores.filter((store) => store.how === 'add' || ![...finals.values()].includes(store.to))
    if (visits === 'parameters')
      return own.map((store) => {
        const to = settled(store)
        return emitParameters(of, name(`${to.to.name}${to.to.role === 'gradient' ? 'Grad' : 'Total'}`), domain, to)
      })
    return own
      .filter((x) => x.how === 'add')
      .flatMap((store) => emitSum(of, name, settled(store), termsFor(kernels, store, visits)))
  })
}

/** The sums that are a parameter's gradient as they are, and that nothing else reads: the gradients' buffers by their names. */
const gradientsThatAreSums = (program: Program): ReadonlyMap<string, Store['to']> => {
  const stores = program.stages.flatMap((x) => x.stores)
  const readers = new Map<string, Store[]>()
  for (const store of stores) {
    for (const node of topological([store.value])) {
      if (node.op === 'tensor' && node.role === 'sum') readers.set(node.name, [...(readers.get(node.name) ?? []), store])
    }
  }
  const finals = new Map<string, Store['to']>()
  for (const [sum, of] of readers) {
    const [only, ...more] = of
    const made = stores.find((x) => x.to.role === 'sum' && x.to.name === sum)
    if (!only || !made || more.length > 0 || only.how === 'add' || only.value.op !== 'tensor') continue
    if (sameLevel(made.to.level, only.to.level)) finals.set(sum, only.to)
  }
  return finals
}

/** @param base - what the kernels' names begin with */
export const kernelsOf = (of: Shared, base: string): EmittedKernel[] => {
  const pooling = poolingKernels(of, base)
  return [...pooling, ...sumKernels(of, base, pooling)]
}
