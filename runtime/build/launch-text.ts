/** How a kernel is launched, in words of C: the same numbers that a launcher computes from data. */
import type { LaunchShape } from '../../codegen/gpu/launch.ts'
import { allDims } from '../../dsl/level.ts'

const extentNames = { extents: ['depth', 'height', 'width'], outExtents: ['outDepth', 'outHeight', 'outWidth'] } as const

/** A quotient rounded up. */
const ceilDiv = (text: string, by: number): string => (by === 1 ? text : `ceil(${text} / ${by})`)

/** The items of a launch, as a product of its sizes. */
const itemsText = ({ items, channels = 1, multiple = 1, planes }: LaunchShape, dims: number): string => {
  const named = (of: keyof typeof extentNames, d: number): string => extentNames[of][3 - dims + d]!
  if ('place' in items) {
    const all = Array.from({ length: dims }, (_, d) => d)
    const out = all.map((d) => named('outExtents', d))
    const spatial = {
      none: [],
      tap: ['taps'],
      in: all.map((d) => named('extents', d)),
      out: out.filter((_, d) => items.dims === allDims || items.dims & (1 << (dims - 1 - d))),
      window: [...out, 'taps'],
    }[items.place]
    return [...(items.n ? ['samples'] : []), ...(items.c ? ['channels'] : []), ...spatial].join(' * ') || '1'
  }
  const places = items.map(({ of, plus, per }, d) => ceilDiv(plus === 0 ? named(of, d) : `(${named(of, d)} + ${plus})`, per))
  const plane = multiple === 1 ? places.join(' * ') : `${ceilDiv(places.join(' * '), multiple)} * ${multiple}`
  const together = channels * (planes?.count ?? 1)
  return `samples * channels * ${plane}${together === 1 ? '' : ` / ${together}`}`
}

/** Threads of a block, blocks of a grid, and bytes of dynamic shared memory. */
export const launchText = (launch: LaunchShape, dims: number) => {
  const { threads, lanes, planes } = launch
  const items = itemsText(launch, dims)
  const points = extentNames.extents.slice(3 - dims).join(' * ')
  return {
    threads,
    blocks: `max(1, ceil((${items}${lanes === 1 ? '' : ` * ${lanes}`}) / ${threads}))`,
    sharedBytes: planes ? `${planes.count * planes.bytes} * ${points}` : '0',
  }
}
