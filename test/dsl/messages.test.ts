/** What the language says of what is wrong: whole messages, with their carets and remedies. */
import { describe, expect, it } from 'vitest'
import { attr, input, normal, param, tensor } from '../../dsl/declarations.ts'
import { declare } from '../../dsl/declare.ts'
import { FormulaError } from '../../dsl/diagnostics.ts'
import { PoolwrightError } from '../../dsl/errors.ts'
import { checked, errorOf } from './show.ts'

/** The message for a formula alone, without the leading name. */
const message = (text: string, options = {}): string => errorOf(() => checked(text, options))

describe('whole messages', () => {
  it.each([
    [
      'mean(x) + 2 * sdt(x)',
      `formula, line 1, column 15: there is no function 'sdt'
  mean(x) + 2 * sdt(x)
                ^^^
  Did you mean 'std'?`,
    ],
    [
      'y = max(x);\n  i = flatindex(argmax(x))',
      `formula, line 2, column 7: there is no function 'flatindex'
    i = flatindex(argmax(x))
        ^^^^^^^^^
  Did you mean 'flatIndex'?`,
    ],
    [
      'max(x',
      `formula, line 1, column 6: the formula ends before its bracket is closed
  max(x
       ^
  Add ')'.`,
    ],
    [
      'mean(x))',
      `formula, line 1, column 8: this ')' closes nothing
  mean(x))
         ^
  Remove it, or open it with '('.`,
    ],
    [
      '2 x',
      `formula, line 1, column 3: an operator is missing before 'x'
  2 x
    ^
  A product is written with *, as in 2 * x; statements end in ;`,
    ],
    [
      'mean(x) ** 2',
      `formula, line 1, column 10: a value should stand here, not '*'
  mean(x) ** 2
           ^
  A power is written ^, as in x^2.`,
    ],
    [
      'mean(x +)',
      `formula, line 1, column 9: a value should stand here, not ')'
  mean(x +)
          ^
  A value is a number, a name, a call, or something in brackets.`,
    ],
    [
      'mean(x) + ',
      `formula, line 1, column 10: the formula ends where a value should stand
  mean(x) + 
           ^
  Add a number, a name, a call, or something in brackets.`,
    ],
    [
      'mean(select(x = 0, 1, x))',
      `formula, line 1, column 15: '=' gives a name to a whole statement
  mean(select(x = 0, 1, x))
                ^
  To compare, write ==, as in select(a == b, x, y).`,
    ],
    [
      'mean(x × 2)',
      `formula, line 1, column 8: '×' is no part of the language
  mean(x × 2)
         ^
  Write * instead.`,
    ],
    [
      'mean(x) + $@',
      `formula, line 1, column 11: '$@' is no part of the language
  mean(x) + $@
            ^^
  Formulas are written with names, numbers, + - * / ^ ( ) , ; = and, in select, < <= > >= == !=`,
    ],
    [
      'x - mean(x)',
      `formula, line 1, column 1: the result 'y' varies with sample, channel, window and tap, and a result has one value a window: 'x' varies with sample, channel and input element, 'mean(x)' varies with sample, channel and window
  x - mean(x)
  ^^^^^^^^^^^
  Reduce it over the window: wrap it in mean(…), sum(…) or max(…), as in mean(x - mean(x)).`,
    ],
    [
      'exp(x)',
      `formula, line 1, column 1: the result 'y' varies with sample, channel and input element, and a result has one value a window
  exp(x)
  ^^^^^^
  Reduce it over the window: wrap it in mean(…), sum(…) or max(…), as in mean(exp(x)).`,
    ],
    [
      'max(x) < 3',
      `formula, line 1, column 1: a comparison is no value
  max(x) < 3
  ^^^^^^^^^^
  Choose between two values with it: select(a < b, x, y).`,
    ],
    [
      'mean(select(x, 1, 2))',
      `formula, line 1, column 13: 'x' is a value where a comparison should stand
  mean(select(x, 1, 2))
              ^
  Compare it: select(a < b, x, y).`,
    ],
    [
      'flatIndex(max(x))',
      `formula, line 1, column 11: flatIndex wants a tap's index; 'max(x)' is none
  flatIndex(max(x))
            ^^^^^^
  Give it argmax(…), argmin(…) or tap.`,
    ],
    [
      'clamp(mean(x), 0)',
      `formula, line 1, column 1: 'clamp' was given 2 arguments
  clamp(mean(x), 0)
  ^^^^^^^^^^^^^^^^^
  It is called as clamp(x, lo, hi).`,
    ],
    [
      'max()',
      `formula, line 1, column 1: 'max' was given 0 arguments
  max()
  ^^^^^
  It is called as max(a) or max(a, b).`,
    ],
    [
      'mean(x) + normal(postion)',
      `formula, line 1, column 18: 'postion' is no shape
  mean(x) + normal(postion)
                   ^^^^^^^
  Did you mean 'position'?`,
    ],
    [
      'mean(x) + uniform()',
      `formula, line 1, column 11: 'uniform' takes a shape
  mean(x) + uniform()
            ^^^^^^^^^
  For example uniform(position), uniform(sample-channel), uniform(input) or uniform(window).`,
    ],
    [
      'let m = mean(x); max(x)',
      `formula, line 1, column 5: 'm' is named and never used
  let m = mean(x); max(x)
      ^
  Remove the statement.`,
    ],
    [
      'let m = mean(x)',
      `formula: the formula has no result
  End it with what is pooled: let m = mean(x); m * 2

formula, line 1, column 5: 'm' is named and never used
  let m = mean(x)
      ^
  Remove the statement.`,
    ],
    [
      'y = m * 2; let m = mean(x)',
      `formula, line 1, column 5: 'm' is used before its statement
  y = m * 2; let m = mean(x)
      ^
  Move the statement that defines it up.

formula, line 1, column 16: 'm' is named and never used
  y = m * 2; let m = mean(x)
                 ^
  Remove the statement.`,
    ],
    [
      'let m = mean(x); let m = 2; m',
      `formula, line 1, column 22: 'm' is already named by let
  let m = mean(x); let m = 2; m
                       ^
  Choose another name.`,
    ],
    [
      'max(x); min(x)',
      `formula, line 1, column 9: there is already a result 'y', as a value without a name is called
  max(x); min(x)
          ^^^^^^
  Name each: name = value;`,
    ],
    [
      'y * max(x)',
      `formula, line 1, column 1: 'y' is already a parameter
  y * max(x)
  ^^^^^^^^^^
  Choose another name.`,
    ],
    [
      'let mean = 2; mean',
      `formula, line 1, column 5: 'mean' cannot be a name: it is a function
  let mean = 2; mean
      ^^^^
  Choose another name.

formula, line 1, column 15: 'mean' is a function
  let mean = 2; mean
                ^^^^
  Call it: mean(x).`,
    ],
    [
      'normal * mean(x)',
      `formula, line 1, column 1: 'normal' cannot be a name: it is a function
  normal * mean(x)
  ^^^^^^
  Choose another name.`,
    ],
    [
      'mean(x) + 1e999',
      `formula, line 1, column 11: '1e999' is too large for a number
  mean(x) + 1e999
            ^^^^^
  The largest is 1.7976931348623157e+308.`,
    ],
    [
      '',
      `formula: the formula is empty
  Write what is pooled, for example mean(x).`,
    ],
    [
      'x(2) + mean(x)',
      `formula, line 1, column 1: 'x' is a value, not a function
  x(2) + mean(x)
  ^
  A product is written with *, as in x * (…).`,
    ],
    [
      'let = mean(x); max(x)',
      `formula, line 1, column 5: a name should follow let, not '='
  let = mean(x); max(x)
      ^
  Write let name = value;`,
    ],
    [
      'let',
      `formula, line 1, column 4: let ends before it names anything
  let
     ^
  Write let name = value;`,
    ],
    [
      'let a 3; max(x) + a',
      `formula, line 1, column 7: '=' should follow the name
  let a 3; max(x) + a
        ^
  Write let name = value;`,
    ],
    [
      'max(x), min(x)',
      `formula, line 1, column 7: ',' stands outside a call
  max(x), min(x)
        ^
  Commas stand between arguments; statements end in ;`,
    ],
    [
      '3 = max(x)',
      `formula, line 1, column 3: only a name can stand before =
  3 = max(x)
    ^
  Write name = value; or, to compare, ==`,
    ],
    [
      'mean(x x)',
      `formula, line 1, column 8: 'x' stands where ',' or ')' should
  mean(x x)
         ^
  Put an operator or a comma before it, or close the bracket.`,
    ],
  ])('%j', (text, whole) => expect(message(text)).toBe(whole))
})

describe('several in one go', () => {
  const text = `let spread = sdt(x);
  y = spread + 2 * (a $ 3);
  z = x +;
  w = flatIndex(y)`

  it('reports all, in the order of the text', () => {
    expect(message(text)).toBe(
      `formula, line 1, column 14: there is no function 'sdt'
  let spread = sdt(x);
               ^^^
  Did you mean 'std'?

formula, line 2, column 23: '$' is no part of the language
    y = spread + 2 * (a $ 3);
                        ^
  Formulas are written with names, numbers, + - * / ^ ( ) , ; = and, in select, < <= > >= == !=

formula, line 3, column 10: a value should stand here, not ';'
    z = x +;
           ^
  Add a number, a name, a call, or something in brackets.`.replace(
        "a value should stand here, not ';'",
        'the formula ends where a value should stand',
      ),
    )
  })
  it('keeps them as data', () => {
    try {
      checked(text)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(FormulaError)
      expect(error).toBeInstanceOf(PoolwrightError)
      if (!(error instanceof FormulaError)) return
      expect(error.name).toBe('FormulaError')
      expect(error.diagnostics[0]).toEqual({
        message: "there is no function 'sdt'",
        remedy: "Did you mean 'std'?",
        span: { start: 13, end: 16 },
        line: 1,
        column: 14,
      })
    }
  })
  it('checks the arguments of what is unknown', () => {
    expect(message('foo(bar(x), x < 2, select(foo(x), 1, 2), max(x, x, x))').split('\n\n')).toHaveLength(4)
  })
  it('says nothing twice of what is broken', () => {
    expect(message('let m = foo(x); m + exp(m) + select(m < 1, m, 2)').split('\n\n')).toHaveLength(1)
    expect(message('max(x) < 2 < 3').split('\n\n')).toHaveLength(1)
  })
  it('prints twenty and counts the rest', () => {
    const many = message(Array.from({ length: 25 }, () => 'foo(x)').join(' + '))
    expect(many.split('\n\n')).toHaveLength(21)
    expect(many.endsWith('… and 5 more errors')).toBe(true)
  })
})

describe('the caret line', () => {
  it('keeps tabs, and counts characters', () => {
    expect(message('\tmean(x) + 𝛼')).toBe(`formula, line 1, column 12: '𝛼' is no part of the language
  \tmean(x) + 𝛼
  \t          ^
  Formulas are written with names, numbers, + - * / ^ ( ) , ; = and, in select, < <= > >= == !=`)
  })
  it('cuts a long line around the place', () => {
    const [, line, caret] = message(`${'mean(x) + '.repeat(30)}foo(x)${' + mean(x)'.repeat(30)}`).split('\n')
    expect(line?.length).toBeLessThan(110)
    expect(line?.startsWith('  …')).toBe(true)
    expect(line?.endsWith('…')).toBe(true)
    expect(line?.slice(caret?.indexOf('^'), (caret?.lastIndexOf('^') ?? 0) + 1)).toBe('foo')
  })
  it('stops at the end of a line', () => {
    expect(message('mean(x\n + x) + x')).toContain('\n  mean(x\n  ^^^^^^\n')
  })
  it('shows long parts shortened', () => {
    const long = `mean(x) * ${Array.from({ length: 20 }, () => 'x').join(' + ')}`
    expect(message(long)).toContain('as in mean(…)')
    expect(message(`(x${' + 1'.repeat(20)}) * mean(x)`)).toContain("'(x + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + …' varies with")
  })
})

describe('limits', () => {
  it.each([
    ['x'.repeat(20_001), 'the formula has 20001 characters; 20000 is the most'],
    [`mean(${'('.repeat(200)}x`, 'more than 200 brackets are open here'],
    [`${'1 + '.repeat(600)}1`, 'the formula nests deeper than 500 levels'],
    [`let a = mean(x)${' + 1'.repeat(300)}; a${' + 1'.repeat(300)}`, 'the formula nests deeper than 500 levels'],
    [`let ${'n'.repeat(101)} = mean(x); 1`, 'is not a name'],
  ])('%#', (text, part) => expect(message(text)).toContain(part))
})

describe('declarations', () => {
  it('reports what is not used, and names that cannot be', () => {
    const wrong = {
      x: input(),
      l: tensor(),
      w: param(),
      n: normal('position'),
      eps: attr(1),
      seed: param(),
      'a b': param(),
    } as const
    expect(errorOf(() => declare('op', wrong, 'mean(x)'))).toBe(`op: 'seed' cannot be a name: it is an argument of every kernel
  Choose another name.

op: 'a b' is not a name
  A name is a letter or _, then letters, digits and _; 100 at most.

op: 'l' is declared as a tensor and never used
  Remove the declaration, or use it in the formula.

op: 'w' is declared as a parameter and never used
  Remove the declaration, or use it in the formula.

op: 'n' is declared as a random value and never used
  Remove the declaration, or use it in the formula.

op: 'eps' is declared as an attribute and never used
  Remove the declaration, or use it in the formula.

op: 'seed' is declared as a parameter and never used
  Remove the declaration, or use it in the formula.

op: 'a b' is declared as a parameter and never used
  Remove the declaration, or use it in the formula.`)
  })
  it('wants one input', () => {
    expect(errorOf(() => declare('op', {}, '1'))).toBe('op: no input is declared\n  Declare one: x: input().')
    expect(errorOf(() => declare('op', { x: input(), z: input() }, 'mean(x + z)'))).toBe(
      "op: 'x', 'z' are all declared as input\n  One tensor is the input; declare the others with tensor().",
    )
  })
  it('finds the declared name that was meant, and does not call it unused', () => {
    expect(
      errorOf(() => declare('op', { x: input(), weight: param() }, 'mean(x) * wieght')),
    ).toBe(`op, line 1, column 11: there is no 'wieght' here
  mean(x) * wieght
            ^^^^^^
  Did you mean 'weight'?`)
    expect(errorOf(() => declare('op', { x: input() }, 'mean(x) * q'))).toContain(
      "Declared are 'x'; declare it, or name it with let.",
    )
    expect(errorOf(() => declare('op', {}, 'q'))).toContain('Nothing is declared.')
  })
  it('refuses what plain JavaScript may declare', () => {
    expect(errorOf(() => declare('op', { x: input(), w: { role: 'weight' } } as never, 'mean(x) * w'))).toContain(
      "'w' is declared as nothing known",
    )
    expect(errorOf(() => declare('op', { x: input(), w: param(3 as never) }, 'mean(x) * w'))).toContain("'3' is no shape")
    expect(errorOf(() => declare('op', { x: input(), w: param('input' as never) }, 'mean(x * w)'))).toContain('w: tensor()')
    expect(errorOf(() => declare('op', { x: input(), w: param(['heigth'] as never) }, 'mean(x) * w'))).toContain(
      "Did you mean 'height'?",
    )
    expect(errorOf(() => declare('op', { x: input(), e: attr(Number.POSITIVE_INFINITY) }, 'mean(x) * e'))).toContain(
      "the attribute 'e' is Infinity",
    )
    expect(errorOf(() => declare('op', { x: input(), n: normal('nope' as never) }, 'mean(x) * n'))).toContain(
      "'nope' is no shape",
    )
  })
  it('refuses names that every object has', () => {
    const declarations = {
      x: input(),
      ...JSON.parse('{"__proto__": {"role": "param", "shape": "scalar"}, "constructor": {"role": "param", "shape": "scalar"}}'),
    }
    expect(errorOf(() => declare('op', declarations, 'mean(x) * __proto__ * constructor'))).toContain(
      "'constructor' cannot be a name: every JavaScript object has it",
    )
  })
})
