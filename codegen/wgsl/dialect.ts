/** How WGSL writes what GPUs' languages write differently. Numbers without a sign are `i32` too: no launch has 2^31 items. */
import type { Dialect, Type } from '../gpu/dialect.ts'
import { reserved } from './reserved.ts'
import { literal, wgslSpelling } from './spelling.ts'

const types: Readonly<Record<Type, string>> = {
  int: 'i32',
  unsigned: 'i32',
  float: 'f32',
  bool: 'bool',
  // Never asked for: a schedule for such tensors is refused.
  'long long': 'i32',
  double: 'f32',
}

const typed = (type: Type): string => types[type]

const loop: Dialect['loop'] = (variable, from, below, step = 1) =>
  `for (var ${variable} = ${from}; ${variable} < ${below}; ${variable} += ${step}) {`

/** Without brackets around the whole, which nothing stands beside. */
const unwrapped = (text: string): string => {
  if (!text.startsWith('(')) return text
  let depth = 0
  for (const [at, character] of [...text].entries()) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (depth === 0) return at === text.length - 1 ? text.slice(1, -1) : text
  }
  return text
}

/** What the declaration of memory begins with that the invocations of a workgroup share. */
export const workgroupVariable = 'var<workgroup>'

/** There is a function for each type: the language has no templates of a program's own. */
const kindOf = (type: Type): 'Ints' | 'Floats' => (type === 'int' ? 'Ints' : 'Floats')

export const wgslDialect: Dialect = {
  reserved,
  spelling: (_, memory) => wgslSpelling(memory),
  literal: (value, type) => literal(value, type),
  constant: (name, type, text) => `let ${name}: ${typed(type)} = ${unwrapped(text)};`,
  variables: (names, type, text) => names.map((name) => `var ${name}: ${typed(type)} = ${text};`).join(' '),
  // All integers are of one type.
  cast: (_, text) => text,
  truncated: (text) => `i32(${text})`,
  widened: (text) => `f32(${text})`,
  loop,
  loopOver: (variable, from, below, step, statement) => [loop(variable, from, below, step), statement, '}'],
  loopUpTo: (variable, from, last, name) => [
    `let ${name} = ${last};`,
    `for (var ${variable} = ${from}; ${variable} <= ${name}; ${variable} += 1) {`,
  ],
  when: (condition, statement) => `if (${condition}) ${statement.startsWith('{') ? statement : `{ ${statement} }`}`,
  otherwise: (statement) => `} else { ${statement} }`,
  choose: (condition, yes, no) => `select(${no}, ${yes}, ${condition})`,
  beats: (sign, value, best, type) =>
    type === 'int' ? `${value} ${sign} ${best}` : `${sign === '>' ? 'above' : 'below'}(${value}, ${best})`,
  within: (text, below) => `u32(${text}) < u32(${below})`,
  scaled: (a, by, over) => `scaled(${a}, ${by}, ${over})`,
  scaledUp: (a, by, over) => `scaledUp(${a}, ${by}, ${over})`,
  thread: 'thread',
  block: 'block',
  threadOf: (threads) => `block * ${threads} + thread`,
  sumOf: (_, count, text, type) => `sumOf${kindOf(type)}(${unwrapped(text)}, thread, ${count})`,
  bestOf: (larger, _, count, best, type) => `${best} = ${larger}Of${kindOf(type)}(${best}, thread, ${count});`,
  placeOf: (larger, _, count, { best, tap }, type) => `${larger}PlaceOf${kindOf(type)}(&${best}, &${tap}, thread, ${count});`,
  wins: (sign, other, own, type) =>
    `winsOf${kindOf(type)}(${other.best} ${sign} ${own.best}, ${other.best}, ${other.tap}, ${own.best}, ${own.tap})`,
  // What workgroups share is declared outside of functions: the emitter moves it there.
  shared: (name, type, size) => `${workgroupVariable} ${name}: array<${typed(type)}, ${size}>;`,
  sharedPlanes: (names, type, planes, points) =>
    names.map((name) => `${workgroupVariable} ${name}: array<${typed(type)}, ${planes} * ${points}>;`),
  source: 'source',
  together: true,
  barrier: 'workgroupBarrier();',
  accessors: true,
  vectorOf: (type, width) => `vec${width}<${typed(type)}>`,
  storeVector: (_, type, index, parts, writer) => `${writer!}(${index}, ${type}(${parts.join(', ')}));`,
  counter: (text) => `(${text})`,
}
