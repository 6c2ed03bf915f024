/** Covers against the definition: a window o reads element o * stride - low + tap * dilation at each of its taps. */
import { describe, expect, it } from 'vitest'
import { isDisjoint, phasesOf, spanOf } from '../../codegen/covers.ts'

const axes = [1, 2, 3, 4].flatMap((kernel) =>
  [1, 2, 3, 5].flatMap((stride) => [1, 2, 3].map((dilation) => ({ kernel, stride, dilation, low: 0, high: 0 }))),
)

describe.each(axes)('kernel $kernel, stride $stride, dilation $dilation', (axis) => {
  const { kernel, stride, dilation } = axis
  /** All (window, tap) that read an element, windows ascending. */
  const readers = (element: number): { window: number; tap: number }[] =>
    Array.from({ length: 40 }, (_, window) => window).flatMap((window) =>
      Array.from({ length: kernel }, (_, tap) => ({ window, tap })).filter(
        (x) => x.window * stride + x.tap * dilation === element,
      ),
    )

  it('lists the covers of every phase, windows ascending', () => {
    const phases = phasesOf(axis)
    expect(phases.length).toBe(stride)
    for (let r = 0; r < stride; r++) {
      const q = 15
      const covers = phases[r]!.map(({ tap, offset }) => ({ window: q + offset, tap }))
      expect(covers).toEqual(readers(q * stride + r))
    }
  })

  it('spans from its first element to its last, and says whether windows share one', () => {
    expect(spanOf(axis)).toBe((kernel - 1) * dilation + 1)
    // Disjoint means that the next window starts past the last element, gaps between taps included.
    expect(isDisjoint(axis)).toBe(stride > (kernel - 1) * dilation)
  })
})
