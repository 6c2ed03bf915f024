/**
 * Variance in the form that is computed: two sweeps, the mean first. E[x^2] - E[x]^2 loses all digits where the mean is
 * large against the deviation. Padding that is counted enters as zeros: they are (divisor - count) taps at distance mean.
 */
import type { Builder, Node } from './ir.ts'

/** Replaces each `var` by its two sweeps; run after differentiation, whose rule for `var` is the stable one. */
export const expandVariance = (b: Builder, roots: readonly Node[], divisor: Node, count: Node): Node[] =>
  b.rewrite(roots, (node) => {
    if (node.op !== 'reduce' || node.over !== 'taps' || node.by !== 'var') return node
    const mean = b.called('mean', b.div(b.taps('sum', node.a), divisor))
    const off = b.sub(node.a, mean)
    const centred = b.taps('sum', b.mul(off, off))
    const same = divisor === count || (divisor.op === 'const' && count.op === 'const' && divisor.value === count.value)
    const all = same ? centred : b.add(centred, b.mul(b.sub(divisor, count), b.mul(mean, mean)))
    return b.called('variance', b.div(all, divisor))
  })
