/** The meaning of formulas: levels, types, sharing, streams, and what is settled when a kernel is made. */
import { describe, expect, it } from 'vitest'
import { attr, input, normal, param, tensor, uniform } from '../../dsl/declarations.ts'
import { declare } from '../../dsl/declare.ts'
import type { Expr } from '../../dsl/expression.ts'
import { describeLevel, levels } from '../../dsl/level.ts'
import { settle } from '../../dsl/settle.ts'
import { checked, errorOf, graphOf, show, showAll } from './show.ts'

const result = (text: string, name = 'y', options = {}): Expr => {
  const found = checked(text, options).results.get(name)
  if (!found) throw new Error(`no result ${name}`)
  return found
}
const level = (text: string, options = {}): string => describeLevel(result(text, 'y', options).level)

describe('levels', () => {
  it.each([
    ['1', 'nothing'],
    ['size', 'nothing'],
    ['count', 'window'],
    ['mean(1)', 'window'],
    ['sum(tap)', 'window'],
    ['max(x)', 'sample, channel and window'],
    ['w', 'channel'],
    ['w * s', 'sample and channel'],
    ['sum(w)', 'channel and window'],
    ['sum(k)', 'window'],
    ['row', 'height'],
    ['row * w', 'channel and height'],
    ['normal(sample)', 'sample'],
    ['sum(normal(window) * normal(kernel))', 'sample, channel and window'],
    ['normal(position)', 'sample, channel and window'],
    ['uniform(width, depth)', 'depth and width'],
    ['mean(uniform(input))', 'sample, channel and window'],
    ['select(w > 0, size, count)', 'channel and window'],
    ['flatIndex(argmax(x))', 'sample, channel and window'],
  ] as const)('%s varies with %s', (text, words) => {
    const all = { w: 'channel', s: 'sample', k: 'kernel', row: ['height'] } as const
    const used = Object.fromEntries(Object.entries(all).filter(([name]) => new RegExp(`\\b${name}\\b`).test(text)))
    expect(level(text, { paramShapes: used })).toBe(words)
  })
  it('gives a tap its place in the plane, once a window', () => {
    expect(describeLevel(result('max(flatIndex(tap))').level)).toBe('window')
  })
})

describe('types', () => {
  it.each(['count', 'size', 'argmax(x)', 'argmin(x)', 'flatIndex(argmax(x))', 'select(max(x) > 0, argmax(x), argmin(x))'])(
    '%s is an int',
    (text) => expect(result(text).type).toBe('int'),
  )
  it.each(['count + 1', 'count * size', '-count', 'sum(tap)', 'max(tap)', 'select(max(x) > 0, count, 1)', 'mean(1)'])(
    '%s is a float',
    (text) => expect(result(text).type).toBe('float'),
  )
})

describe('sharing', () => {
  it('makes equal values one node, wherever they stand', () => {
    const both = checked('a = mean(x); b = sum(x) / 1 + mean(x)')
    const sum = both.results.get('b')
    expect(sum?.op === 'binary' && sum.b).toBe(both.results.get('a'))
  })
  it('keeps random values apart, unless one is named', () => {
    expect(graphOf('normal(sample) + normal(sample)')).toBe('y = add(normal#0, normal#1)')
    expect(graphOf('let n = normal(sample); n + n')).toBe('y = add(normal#0, normal#0)')
  })
  it('keeps 0 and -0 apart', () => expect(graphOf('0 * -0')).toBe('y = mul(0, -0)'))
  it('names what let and results name, but no bare tensor or number', () => {
    const { names } = checked('let m = mean(x); let w = a; let two = 2; y = m * w * two; z = m')
    expect([...names].map(([value, name]) => `${name}: ${show(value)}`)).toEqual([
      'm: div(sum(x), divisor)',
      'y: mul(mul(div(sum(x), divisor), a), 2)',
    ])
  })
})

describe('random values', () => {
  const operator = declare(
    'noisy',
    { x: input(), b: uniform('channel'), a: normal('position') },
    'normal(sample) + a * uniform(kernel) * 0 + b + mean(x * normal(input))'.replace('uniform(kernel)', 'sum(uniform(kernel))'),
  )
  it('gives declared ones the first streams, then occurrences in the order of the text', () => {
    expect(showAll(settle(operator))).toBe(
      'y = add(add(add(normal#2, mul(mul(normal#1, sum(uniform#3)), 0)), uniform#0), div(sum(mul(x, normal#4)), divisor))',
    )
  })
  it('keeps the streams when one is handed in, which is then a tensor', () => {
    const handed = settle(operator, { handIn: ['b'] })
    expect(showAll(handed)).toBe(showAll(settle(operator)))
    expect(handed.tensors).toEqual([
      { name: 'x', role: 'input' },
      { name: 'b', role: 'noise', shape: 'channel' },
    ])
    expect(handed.seeded).toBe(true)
  })
  it('needs no seed when all are handed in', () => {
    const one = declare('one', { x: input(), n: normal('position') }, 'mean(x) + n')
    expect(settle(one).seeded).toBe(true)
    expect(settle(one, { handIn: ['n'] }).seeded).toBe(false)
    expect(checked('max(x)').seeded).toBe(false)
    expect(checked('mean(select(x > normal(input), x, 0))').seeded).toBe(true)
  })
})

describe('settling', () => {
  const operator = declare(
    'op',
    { x: input(), l: tensor(), w: param('channel'), n: normal('position'), eps: attr(0.5) },
    'mean(x * l) * w + n + eps',
  )
  it('takes the declared shapes and defaults', () => {
    const settled = settle(operator)
    expect(settled.tensors).toEqual([
      { name: 'x', role: 'input' },
      { name: 'l', role: 'tensor' },
      { name: 'w', role: 'param', shape: 'channel' },
    ])
    expect(settled.attrs).toEqual({ eps: 0.5 })
    expect(settled.name).toBe('op')
    expect(settled.formula).toBe(operator.formula)
  })
  it('takes others', () => {
    const settled = settle(operator, { shapes: { w: ['width', 'sample'], n: 'sample-channel' }, attrs: { eps: -2 } })
    expect(settled.tensors.at(-1)).toEqual({ name: 'w', role: 'param', shape: ['sample', 'width'] })
    expect(showAll(settled)).toBe('y = add(add(mul(div(sum(mul(x, l)), divisor), w), normal#0), -2)')
    expect(settle(operator, { shapes: { w: [] } }).tensors.at(-1)).toEqual({ name: 'w', role: 'param', shape: 'scalar' })
    expect(settle(operator, { shapes: { w: ['channel'] } }).tensors.at(-1)).toMatchObject({ shape: 'channel' })
  })
  it('reports every option that fits nothing, at once', () => {
    const options = {
      shapes: { ww: 'channel', w: 'window', n: 'nowhere' },
      attrs: { esp: 1, eps: Number.NaN },
      handIn: ['w'],
    } as const
    expect(
      errorOf(() => settle(operator, options as never)),
    ).toBe(`op: shapes names 'ww', which is no declared parameter or random value
  Name a declared parameter or random value, or leave it out.

op: attrs names 'esp', which is no declared attribute
  Did you mean 'eps'?

op: handIn names 'w', which is no declared random value
  Name a declared random value, or leave it out.

op: the parameter 'w' cannot have the shape 'window'
  Declare a tensor of the input's shape: w: tensor().

op: 'nowhere' is no shape
  The shapes are scalar, channel, sample, sample-channel, position and kernel, or a list of the axes sample, channel, depth, height and width.

op: the attribute 'eps' is NaN
  An attribute is a finite number, known when a kernel is made.`)
  })
  it('checks the levels that other shapes give', () => {
    expect(errorOf(() => settle(operator, { shapes: { w: 'kernel' } }))).toContain(
      "'y' varies with sample, channel, window and tap",
    )
  })
  it('places every node that the text wrote', () => {
    const { results, formula } = checked('mean(x) + 2')
    const y = results.get('y')
    expect(y?.span && formula.slice(y.span.start, y.span.end)).toBe('mean(x) + 2')
    expect(y?.op === 'binary' && y.a.span && formula.slice(y.a.span.start, y.a.span.end)).toBe('mean(x)')
  })
  it('reads a level', () => expect(describeLevel(levels.tap)).toBe('tap'))
})

describe('free formulas', () => {
  it('takes x as the input, tensors and attributes as given, and other names as parameters', () => {
    const operator = checked('mean(x * l) + w * eps + v', { tensors: ['l'], attrs: { eps: 2 }, paramShapes: { w: 'channel' } })
    expect(operator.tensors).toEqual([
      { name: 'x', role: 'input' },
      { name: 'l', role: 'tensor' },
      { name: 'w', role: 'param', shape: 'channel' },
      { name: 'v', role: 'param', shape: 'scalar' },
    ])
    expect(operator.name).toBe('formula')
  })
  it('needs no x in the formula: the input still has the extents', () => expect(graphOf('count')).toBe('y = count'))
  it('knows all names where the parameters are told', () => {
    expect(
      errorOf(() => checked('mean(x) * wieght', { params: ['weight'] })),
    ).toBe(`formula, line 1, column 11: there is no 'wieght' here
  mean(x) * wieght
            ^^^^^^
  Did you mean 'weight'?`)
    expect(checked('mean(x) * w', { params: ['w'], paramShapes: { w: 'channel' } }).tensors.at(-1)).toMatchObject({
      shape: 'channel',
    })
  })
  it('refuses a name given twice, and one that the formula does not use', () => {
    expect(errorOf(() => checked('mean(x * l)', { tensors: ['l'], attrs: { l: 1 } }))).toContain(
      "'l' is already given as something else",
    )
    expect(errorOf(() => checked('mean(x)', { tensors: ['l'] }))).toContain("'l' is declared as a tensor and never used")
    expect(errorOf(() => checked('mean(x)', { tensors: ['x'] }))).toContain("'x' is already given")
  })
  it.each(['__proto__', 'constructor', 'toString', 'seed', 'hasOwnProperty'])('refuses %s as a name', (name) => {
    expect(errorOf(() => checked(`mean(x) * ${name}`))).toContain(`'${name}' cannot be a name`)
    expect(errorOf(() => checked(`let ${name} = mean(x); ${name}`))).toContain(`'${name}' cannot be a name`)
  })
})
