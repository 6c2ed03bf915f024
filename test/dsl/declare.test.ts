/** Operators declared by callbacks: handles, what they print as, and operators used inside others. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apply } from '../../dsl/apply.ts'
import { attr, input, normal, param, tensor, uniform } from '../../dsl/declarations.ts'
import { declare } from '../../dsl/declare.ts'
import { operatorFromFormula } from '../../dsl/free-formula.ts'
import { comparisons, functions } from '../../dsl/functions.ts'
import * as h from '../../dsl/handles.ts'
import { parse } from '../../dsl/parse.ts'
import { printFormula, printSyntax } from '../../dsl/print.ts'
import { settle } from '../../dsl/settle.ts'
import { callNode, compareNode, nameNode, numberNode, type Value } from '../../dsl/syntax.ts'
import { errorOf, showAll } from './show.ts'

const x = { x: input() }

describe('callbacks', () => {
  it('prints a handle as a formula', () => {
    const op = declare('op', { ...x, w: param() }, ({ x, w }) => h.add(h.mean(x), h.mul(w, h.std(x))))
    expect(op).toMatchObject({ name: 'op', formula: 'mean(x) + w * std(x)', results: ['y'] })
    expect(showAll(settle(op))).toBe('y = add(div(sum(x), divisor), mul(w, sqrt(var(x))))')
  })
  it('gives several results their names, in order', () => {
    const op = declare('max', x, ({ x }) => ({ top: h.max(x), indices: h.flatIndex(h.argmax(x)) }))
    expect(op.formula).toBe('top = max(x);\nindices = flatIndex(argmax(x))')
    expect(op.results).toEqual(['top', 'indices'])
  })
  it('names what is shared, so that it stays one value', () => {
    const op = declare('op', { ...x, v1: param() }, ({ x, v1 }) => {
      const noise = normal('sample')
      const m = h.mul(h.mean(x), noise)
      return { y: h.add(m, v1), z: h.sub(m, h.select(h.lt(m, noise), 1, noise)) }
    })
    expect(op.formula).toBe('let v2 = normal(sample);\nlet v3 = mean(x) * v2;\ny = v3 + v1;\nz = v3 - select(v3 < v2, 1, v2)')
    expect(showAll(settle(op))).toContain('y = add(mul(div(sum(x), divisor), normal#0), v1)')
  })
  it('keeps a comparison that is used twice from drawing twice', () => {
    const op = declare('op', x, ({ x }) => {
      const low = h.gt(x, normal('input'))
      return h.add(h.mean(h.select(low, x, 0)), h.sum(h.select(low, 1, 0)))
    })
    expect(op.formula).toBe('let v1 = normal(input);\nmean(select(x > v1, x, 0)) + sum(select(x > v1, 1, 0))')
  })
  it('writes brackets where they are needed, and nowhere else', () => {
    const { add, sub, mul, div, pow, neg } = h
    const a = nameNode('a')
    const text = (value: Value): string => printSyntax(value)
    expect(text(mul(add(a, 1), sub(a, sub(1, a))))).toBe('(a + 1) * (a - (1 - a))')
    expect(text(sub(sub(a, 1), mul(a, a)))).toBe('a - 1 - a * a')
    expect(text(div(a, div(a, mul(a, 2))))).toBe('a / (a / (a * 2))')
    expect(text(pow(pow(a, 2), pow(a, -2)))).toBe('(a^2)^a^(-2)')
    expect(text(pow(neg(a), neg(pow(a, 2))))).toBe('(-a)^(-a^2)')
    expect(text(neg(add(a, 1)))).toBe('-(a + 1)')
    expect(text(h.select(h.ne(add(a, 1), 2), uniform(['channel', 'width']), normal('sample-channel')))).toBe(
      'select(a + 1 != 2, uniform(channel, width), normal(sample-channel))',
    )
    expect(text(uniform([]))).toBe('uniform(scalar)')
  })
  it('has a function for each of the language', () => {
    const op = declare('all', { ...x, a: param() }, ({ x, a }) => {
      const { exp, log, sqrt, abs, sign, tanh, sigmoid, softplus, relu, clamp, pow, neg, min, max, argmin, variance } = h
      const chain = [exp, log, sqrt, abs, sign, tanh, sigmoid, softplus, relu, neg].reduce((value, fn) => fn(value), a)
      const tests = [h.lt, h.le, h.gt, h.ge, h.eq, h.ne].map((test) => h.select(test(a, 1), a, 0)).reduce((p, q) => h.add(p, q))
      const reduced = h.div(h.add(argmin(x), variance(x)), h.mul(h.count, h.size))
      return { a1: clamp(chain, min(a, 0), max(a, 0)), a2: tests, a3: pow(reduced, h.sum(h.tap)), a4: h.min(h.mean(x)) }
    })
    for (const { name } of functions) {
      if (!['std', 'sum', 'argmax', 'flatIndex', 'pow'].includes(name)) expect(op.formula).toContain(`${name}(`)
    }
    for (const { symbol } of comparisons) expect(op.formula).toContain(` ${symbol} `)
    expect(settle(op).results.size).toBe(4)
  })
  it('points into the printed formula', () => {
    expect(errorOf(() => declare('op', x, ({ x }) => ({ y: h.mean(x), z: h.exp(x) })))).toContain(
      'op, line 2, column 5: the result',
    )
  })
  it('refuses names that are none, and what is no handle', () => {
    expect(
      errorOf(() => declare('op', x, ({ x }) => ({ mean: h.mean(x), 'a b': h.mean(x) }))),
    ).toBe(`op: 'mean' cannot be a name: it is a function
  Choose another name.

op: 'a b' is not a name
  A name is a letter or _, then letters, digits and _; 100 at most.`)
    expect(errorOf(() => h.exp('x' as never))).toContain('x is no value of a formula')
    expect(errorOf(() => h.exp(null as never))).toContain('null is no value of a formula')
    expect(errorOf(() => h.add(1, Number.NaN))).toContain('NaN is no value of a formula')
    expect(errorOf(() => declare('op', x, ({ x }) => ({ y: h.mean(x), x: h.mean(x) })))).toContain("'x' is already the input")
  })
  it('takes negative numbers, and -0', () => {
    const op = declare('op', x, ({ x }) => h.mul(h.mul(h.mean(x), -0), -1.5e-9))
    expect(showAll(settle(op))).toBe('y = mul(mul(div(sum(x), divisor), -0), -1.5e-9)')
  })
  it('ends a loop that builds without end', () => {
    const grow = (): Value => {
      let value = nameNode('x')
      for (;;) value = h.exp(value)
    }
    expect(errorOf(grow)).toContain('deeper than 500 levels')
  })
})

describe('an operator', () => {
  it('is plain data that cannot be changed', () => {
    const op = declare('op', x, 'mean(x)')
    expect(JSON.parse(JSON.stringify(op))).toEqual({
      name: 'op',
      declarations: { x: { role: 'input' } },
      formula: 'mean(x)',
      results: ['y'],
    })
    expect(Object.isFrozen(op) && Object.isFrozen(op.declarations) && Object.isFrozen(op.results)).toBe(true)
  })
})

describe('apply', () => {
  const gaussian = declare(
    'gaussian',
    { x: input(), weight: param('channel'), eps: attr(0.25) },
    'let v = var(x); mean(x) + weight * sqrt(max(v, eps))',
  )
  it("uses another operator's formula, its names being given values", () => {
    const op = declare('twice', { z: input(), l: tensor() }, ({ z, l }) => {
      const { y } = apply(gaussian, { x: h.mul(z, l), weight: 2 })
      return h.max(y ?? 0, 0)
    })
    expect(op.formula).toBe(
      'max(mean(z * l) + 2 * sqrt(max(var(z * l), 0.25)), 0)'.replace(/z \* l/g, 'v1').replace(/^/, 'let v1 = z * l;\n'),
    )
    expect(apply(gaussian, { x: 1, weight: 2, eps: 3 }).y).toBeDefined()
  })
  it('draws random values anew each time, and takes results of several statements', () => {
    const noisy = declare(
      'noisy',
      { x: input(), n: normal('position') },
      'a = select(max(x) > n, max(x), n); b = a + uniform(sample)',
    )
    const op = declare('op', x, ({ x }) => {
      const [one, two] = [apply(noisy, { x }), apply(noisy, { x, n: 0 })]
      return { y: h.add(one.b ?? 0, two.a ?? 0), z: apply(noisy, { x }).a ?? 0 }
    })
    const graph = showAll(settle(op))
    expect(graph).toContain('normal#0')
    expect(graph).toContain('uniform#1')
    expect(graph).toContain('normal#2')
    expect(Object.keys(apply(noisy, { x: 1 }))).toEqual(['a', 'b'])
  })
  it('says what is missing or unknown', () => {
    expect(errorOf(() => apply(gaussian, { x: 1, wieght: 2 } as never))).toBe(`gaussian: 'gaussian' declares no 'wieght'
  Did you mean 'weight'?

gaussian: 'gaussian' needs 'weight'
  Give it: apply(gaussian, { weight, … }).`)
  })
})

describe('printing', () => {
  const leaf = fc.oneof(
    fc.constantFrom('a', 'b', 'size').map((name) => nameNode(name)),
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => numberNode(Math.abs(value))),
  )
  const { tree } = fc.letrec<{ tree: Value }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc
        .tuple(fc.constantFrom('add', 'sub', 'mul', 'div', 'pow', 'max'), tie('tree'), tie('tree'))
        .map(([fn, a, b]) => callNode(fn, [a, b])),
      fc.tuple(fc.constantFrom('neg', 'exp', 'relu', 'sum', 'var'), tie('tree')).map(([fn, a]) => callNode(fn, [a])),
      fc
        .tuple(fc.constantFrom(...comparisons), tie('tree'), tie('tree'), tie('tree'))
        .map(([{ test }, a, b, c]) => callNode('select', [compareNode(test, a, b), b, c])),
    ),
  }))
  const bare = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (key, part: unknown) => (key === 'span' || key === 'depth' ? undefined : part)))

  it('parses back to the same tree', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const { statements, diagnostics } = parse(printSyntax(value))
        expect(diagnostics).toEqual([])
        expect(bare(statements[0]?.value)).toEqual(bare(value))
      }),
      { numRuns: 500 },
    )
  })
  it('with let for what is shared, means the same', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const twice = callNode('add', [value, callNode('exp', [value])])
        const graph = (text: string): string => showAll(settle(operatorFromFormula(text)))
        expect(graph(printFormula(new Map([['y', twice]]), []))).toBe(graph(printSyntax(twice)))
      }),
    )
  })
})
