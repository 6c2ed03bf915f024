/**
 * What the passes make of formulas, as text: the stages of each direction with their carriers, and which of them can be
 * saved. A formula a rule; its text is to be read when it changes. `npx vitest run test/codegen/stages.test.ts -u` accepts.
 */
import { expect, it } from 'vitest'
import { printStages } from '../../codegen/print.ts'
import { programsOf } from '../../codegen/program.ts'
import { type FreeFormulaOptions, operatorFromFormula } from '../../dsl/free-formula.ts'
import { type GeometryOptions, normaliseGeometry } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'

interface Made {
  readonly text: string
  readonly why: string
  readonly given?: FreeFormulaOptions
  readonly geometry?: GeometryOptions
  readonly results?: readonly string[]
}

const made: Readonly<Record<string, Made>> = {
  'products of sums': {
    text: 'sum(exp(x)) * sum(exp(t) * t) / (sum(exp(t)) * sum(exp(x) * 2))',
    given: { tensors: ['t'] },
    why: 'scales add up in products, and cancel in ratios of them',
  },
  'sums of sums': {
    text: '(sum(exp(x) * x) + sum(exp(x))) / sum(exp(x))',
    why: 'an equal scale passes through a sum',
  },
  'a sum below': {
    text: 'sum(x / sum(exp(t))) * sum(exp(t))',
    given: { tensors: ['t'] },
    why: 'a scale that varies with no tap is no exponent of the sum',
  },
  'no sums': { text: 'max(exp(x)) + mean(x)', why: 'a maximum of exponentials is left as it is' },
  softpool: { text: 'sum(x * exp(x)) / sum(exp(x))', why: 'the maximum cancels in the ratio; x - y stays together' },
  'log-sum-exp': {
    text: 'log(mean(exp(a * x))) / a',
    given: { paramShapes: { a: 'scalar' } },
    why: 'the maximum leaves the logarithm as a summand',
  },
  root: { text: 'sqrt(sum(exp(x)))', why: 'half of the maximum leaves a root' },
  power: { text: 'sum(exp(x)) ^ 3 / sum(exp(x) * x) ^ 3', why: 'the maximum is multiplied by an exponent, and cancels' },
  'true overflow': { text: 'sum(exp(x))', why: 'a maximum that nothing cancels is multiplied in' },
  'sum of ratios': { text: '(sum(exp(x) * x) - sum(exp(x))) / -(sum(exp(x)))', why: 'equal scales pass through sums and signs' },
  'different scales': { text: 'sum(exp(x)) + sum(exp(-x))', why: 'different scales do not' },
  quotients: {
    text: 'sum(x / exp(x)) / sum(1 / exp(x) / t)',
    given: { tensors: ['t'] },
    why: 'an exponential below the line is one of the negative',
  },
  'two exponentials': {
    text: 'sum(exp(x) * exp(t) * x / exp(a)) / sum(exp(x))',
    given: { tensors: ['t'], paramShapes: { a: 'scalar' } },
    why: 'factors are collected into one exponent',
  },
  'nested sums': {
    text: 'sum(exp(x) * (x / sum(exp(t)))) / sum(exp(x))',
    given: { tensors: ['t'] },
    why: 'a scale inside another sum joins its exponent',
  },
  'fixed exponent': { text: 'sum(exp(2) * x) + exp(mean(x))', why: 'what is the same for all taps needs no maximum' },
  gaussian: {
    text: 'mean(x) + w * sqrt(max(var(x), 0.01))',
    given: { paramShapes: { w: 'channel' } },
    geometry: { kernelSize: [3, 3], stride: 2, padding: 1 },
    why: 'variance in two sweeps; padding enters as zeros',
  },
  'variance of full windows': { text: 'var(x)', why: 'no padding, no term for it' },
  maximum: { text: 'max(x) * 2', why: 'a cotangent goes to one tap' },
  extremes: { text: 'max(x) - min(x)', why: 'one reduction serves both directions' },
  average: { text: 'mean(x)', why: 'a cheap value is made again, not carried' },
  'negated average': {
    text: '-(mean(x)) * a + a',
    given: { paramShapes: { a: 'scalar' } },
    why: 'a product of one load stays cheap',
  },
  'two loads': {
    text: 'mean(x) * p + sum(x)',
    given: { paramShapes: { p: 'position' } },
    why: 'a product of two loads is carried',
  },
  norm: {
    text: '(mean(abs(x) ^ p) * size) ^ (1 / p)',
    given: { attrs: { p: 3 } },
    why: 'one power an element, after the sum over its covers',
  },
  let: {
    text: 'let level = mean(x); let peak = max(x); y = level * peak; z = x_sum',
    given: { paramShapes: { x_sum: 'position' } },
    why: 'carriers have the names of the formula',
  },
  deviation: {
    text: 'mean(abs(x - mean(x)))',
    why: 'the cotangent is taken out of a sum over taps, so that the rest can be saved',
  },
  'third moment': { text: 'mean((x - mean(x)) ^ 3)', why: 'three sweeps' },
  select: {
    text: 'mean(select(x > 0.5, x * t, 0) / (1 + t ^ 2)) * 3',
    given: { tensors: ['t'] },
    why: 'a select moves outwards: 0 times infinity is not 0',
  },
  'clamped roots': {
    text: 'mean(sqrt(max(x, 0.1))) + mean(sqrt(x)) + mean(max(x, 0.1) ^ 0.5) + mean(x ^ 0.5) + mean(x ^ 2)',
    why: 'no guard where an argument is positive',
  },
  logarithms: { text: 'mean(log(abs(x) + 1)) + mean(log(x))', why: 'no guard where an argument cannot be negative' },
  'a value per tap': {
    text: 'sigmoid(sum(w * x)) * max(x)',
    given: { paramShapes: { w: 'kernel' } },
    why: 'its gradient sums over windows',
  },
  'a value per tap alone': {
    text: 'mean(tanh(w)) * mean(x) + mean(w * w)',
    given: { paramShapes: { w: 'kernel' } },
    why: 'and is finished once a tap',
  },
  'element and parameter': {
    text: 'mean(tanh(a * x) * b)',
    given: { paramShapes: { a: 'channel', b: 'sample' } },
    why: 'sums over elements, per plane first',
  },
  'parameters of parameters': {
    text: 'softplus(m + s * e) * mean(x) + m',
    given: { paramShapes: { m: 'sample-channel', s: 'channel', e: 'scalar' } },
    why: 'one sum serves what stands below it',
  },
  'one position': {
    text: 'mean(x) * p + a * p',
    given: { paramShapes: { p: 'position', a: 'sample' } },
    why: 'a gradient per output is stored in the visit',
  },
  noise: {
    text: 'mean(x) + softplus(m + s * normal(position)) * std(x)',
    given: { paramShapes: { m: 'sample-channel', s: 'sample-channel' } },
    why: 'random values are made again',
  },
  'no input': {
    text: 'a * count',
    given: { paramShapes: { a: 'channel' } },
    geometry: { kernelSize: [2, 2], padding: 1, stride: 1 },
    why: 'x has a gradient of zero',
  },
  'results chosen': { text: 'y = mean(x); z = max(x)', results: ['z'], why: 'what is not wanted is not there' },
  adaptive: { text: 'mean(x) * max(x)', geometry: { outputSize: [2, 3] }, why: 'the count varies' },
  divisor: { text: 'mean(x)', geometry: { kernelSize: [2, 2], divisorOverride: 3 }, why: 'an override is a number' },
  'common factors': {
    text: 'mean(t * x) * sum(t) - mean(x * x) * sum(t)',
    given: { tensors: ['t'] },
    why: 'factors that terms share are taken out',
  },
}

it.each(Object.entries(made))('%s', async (name, { text, given = {}, geometry = { kernelSize: [2, 2] }, results, why }) => {
  const operator = settle(operatorFromFormula(text, given))
  const { forward, backward } = programsOf(operator, normaliseGeometry(geometry), results)
  const printed = `${text}\n${why}\n\n${printStages(forward)}\n${printStages(backward)}`
  await expect(printed).toMatchFileSnapshot(`stages/${name.replaceAll(' ', '-')}.txt`)
})
