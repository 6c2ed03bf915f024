/** The parameters' stages: what was summed per plane is finished, axis by axis, in a fixed order. */
import { allDims } from '../../dsl/level.ts'
import { type Frame, instantiator } from '../emit/instantiate.ts'
import type { Stage } from '../program.ts'
import type { Context } from './context.ts'

export const emitParameters = (ctx: Context, stage: Stage): string[] => {
  const { domain } = stage
  const lines: string[] = []
  let depth = 0
  const open = (text: string): void => {
    lines.push(text)
    depth++
  }
  if (domain.n) open('for (let n = 0; n < samples; n++) {')
  if (domain.c) open('for (let c = 0; c < channels; c++) {')
  if (domain.n && domain.c && ctx.first) lines.push('const plane = n * channels + c')
  if (domain.place === 'tap') open(`for (let t = 0; t < ${ctx.tapCount()}; t++) {`)
  if (domain.place === 'out') {
    ctx.axes.forEach((axis, d) => {
      const bit = 1 << (ctx.axes.length - 1 - d)
      if (axis.out !== '1' && (domain.dims === allDims || domain.dims & bit))
        open(`for (let ${axis.o} = 0; ${axis.o} < ${axis.out}; ${axis.o}++) {`)
    })
  }
  const o = ctx.axes.map((a) => a.o)
  const never = (what: string) => (): never => {
    throw new Error(`a parameter's gradient reads ${what}`)
  }
  const frame: Frame = {
    elementKey: () => 0,
    given: () => undefined,
    tensor: (node) => ctx.s.load(ctx.arrayOf(ctx.bufferOf(node)), ctx.int(ctx.levelIndex(node.level, o, 't')), 'float'),
    geometry: (what) => (what === 'tap' ? ctx.int('t') : never(what)()),
    random: (node) => ctx.random(ctx.s, node, ctx.levelIndex(node.level, o, 't')),
    taps: never('taps'),
    covers: never('covers'),
    flatIndex: never('a flat index'),
    suffix: () => '',
  }
  const instantiate = instantiator(ctx.s, frame, ctx.labels)
  const block = ctx.block()
  block.write(
    stage.stores.map((store) => {
      const value = instantiate(store.value, { w: 0, t: 0, e: 0 })
      const index = ctx.levelIndex(store.to.level, o, 't')
      return {
        values: [value],
        line: (text) => `${ctx.arrayOf(store.to)}[${index}] ${store.how === 'add' ? '+=' : '='} ${text(value)}`,
      }
    }),
  )
  lines.push(...block.lines)
  for (; depth > 0; depth--) lines.push('}')
  return lines
}
