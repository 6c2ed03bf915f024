/** How CUDA C++ writes what GPUs' languages write differently. */
import type { Dialect } from '../gpu/dialect.ts'
import { reserved } from './reserved.ts'
import { cudaSpelling, literal } from './spelling.ts'

const loop: Dialect['loop'] = (variable, from, below, step = 1) =>
  `for (int ${variable} = ${from}; ${variable} < ${below}; ${step === 1 ? `${variable}++` : `${variable} += ${step}`}) {`

export const cudaDialect: Dialect = {
  reserved,
  spelling: cudaSpelling,
  literal,
  constant: (name, type, text) => `const ${type} ${name} = ${text};`,
  variables: (names, type, text) => `${type} ${names.map((name) => `${name} = ${text}`).join(', ')};`,
  cast: (type, text) => `(${type})${text}`,
  truncated: (text) => `(int)(${text})`,
  widened: (text) => text,
  loop,
  loopOver: (variable, from, below, step, statement) => [loop(variable, from, below, step).replace(/ \{$/, ` ${statement}`)],
  loopUpTo: (variable, from, last, name) => [
    `for (int ${variable} = ${from}, ${name} = ${last}; ${variable} <= ${name}; ${variable}++) {`,
  ],
  when: (condition, statement) => `if (${condition}) ${statement}`,
  otherwise: (statement) => `} else ${statement}`,
  choose: (condition, yes, no) => `${condition} ? ${yes} : ${no}`,
  beats: (sign, value, best) => `${value} ${sign} ${best} || ${value} != ${value}`,
  within: (text, below) => `(unsigned)${text} < (unsigned)${below}`,
  scaled: (a, by, over) => `(int)((long long)${a} * ${by} / ${over})`,
  scaledUp: (a, by, over) => `(int)((((long long)${a} + 1) * ${by} + ${over} - 1) / ${over})`,
  thread: 'threadIdx.x',
  block: 'blockIdx.x',
  threadOf: (threads, index) =>
    index === 'int' ? `blockIdx.x * ${threads}u + threadIdx.x` : `(long long)blockIdx.x * ${threads} + threadIdx.x`,
  sumOf: (of, count, text) => `sumOf${of}<${count}>(${text})`,
  shared: (name, type, size) => `__shared__ ${type} ${name}[${size}];`,
  // The launch says how much there is; all arrays lie in it one behind the other.
  bestOf: (larger, of, count, best) => `${best} = ${larger}Of${of}<${count}>(${best});`,
  placeOf: (larger, of, count, { best, tap }) => `${larger}PlaceOf${of}<${count}>(${best}, ${tap});`,
  wins: (sign, other, own) => `wins(${other.best} ${sign} ${own.best}, ${other.best}, ${other.tap}, ${own.best}, ${own.tap})`,
  sharedPlanes: (names, type, planes) => [
    `extern __shared__ ${type} staged[];`,
    ...names.map((name, x) => `${type}* const ${name} = staged${x === 0 ? '' : ` + ${x * planes} * points`};`),
  ],
  barrier: '__syncthreads();',
  source: 'from',
  together: false,
  accessors: false,
  vectorOf: (type, width) => `${type}${width}`,
  storeVector: (array, type, index, parts) => `*(${type}*)(${array} + ${index}) = make_${type}(${parts.join(', ')});`,
  counter: (text) => `(unsigned long long)(${text})`,
}
