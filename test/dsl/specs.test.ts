/** The operators that come with Poolwright: which there are, and what each means. */
import { describe, expect, it } from 'vitest'
import { settle } from '../../dsl/settle.ts'
import { specs } from '../../specs/index.ts'
import { ispGaussianPool } from '../../specs/isp-gaussian.ts'
import { showAll } from './show.ts'

const graphs: Readonly<Record<string, string>> = {
  max: 'y = max(x); indices = flatIndex(argmax(x))',
  min: 'y = min(x)',
  avg: 'y = div(sum(x), divisor)',
  sum: 'y = sum(x)',
  lp: 'y = pow(mul(div(sum(pow(abs(x), 2)), divisor), size), div(1, 2))',
  gem: 'y = pow(div(sum(pow(max(x, 0.000001), p)), divisor), div(1, p))',
  logsumexp: 'y = div(log(div(sum(exp(mul(r, x))), divisor)), r)',
  var: 'y = var(x)',
  std: 'y = sqrt(max(var(x), 0.000001))',
  gaussian: 'y = add(div(sum(x), divisor), mul(weight, sqrt(max(var(x), 0.000001))))',
  'isp-gaussian': 'y = add(div(sum(x), divisor), mul(softplus(add(m, mul(s, normal#0))), sqrt(max(var(x), 0.000001))))',
  'isp-gaussian-cn': 'y = add(div(sum(x), divisor), mul(softplus(add(m, mul(s, normal#0))), sqrt(max(var(x), 0.000001))))',
  'isp-gaussian-inference': 'y = add(div(sum(x), divisor), mul(softplus(m), sqrt(max(var(x), 0.000001))))',
  softpool: 'y = div(sum(mul(x, exp(x))), sum(exp(x)))',
  'alpha-softmax': 'y = div(sum(mul(x, exp(mul(lambda, x)))), sum(exp(mul(lambda, x))))',
  lip: 'y = div(sum(mul(x, exp(l))), sum(exp(l)))',
  mixed: 'y = add(mul(a, max(x)), mul(sub(1, a), div(sum(x), divisor)))',
  gated: 'y = add(mul(sigmoid(sum(mul(w, x))), max(x)), mul(sub(1, sigmoid(sum(mul(w, x)))), div(sum(x), divisor)))',
}

describe('specs', () => {
  it('are these', () => expect([...specs.keys()]).toEqual(Object.keys(graphs)))
  it.each(Object.entries(graphs))('%s', (name, graph) => {
    const operator = specs.get(name)
    expect(operator && showAll(settle(operator))).toBe(graph)
  })
  it('hands noise in or makes it', () => {
    expect(settle(ispGaussianPool).seeded).toBe(true)
    const handed = settle(ispGaussianPool, { handIn: ['noise'] })
    expect(handed.seeded).toBe(false)
    expect(handed.tensors.at(-1)).toEqual({ name: 'noise', role: 'noise', shape: 'position' })
  })
})
