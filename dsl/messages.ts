/**
 * Every sentence that the language says to its users, in one place: each a function of what is known, giving what is wrong
 * and what to do about it. Nothing here decides anything, so that wording can change without a rule changing.
 */
import type { Diagnostic } from './errors.ts'
import type { Span } from './expression.ts'

const at = (span: Span | undefined, message: string, remedy?: string): Diagnostic => ({
  message,
  ...(remedy === undefined ? {} : { remedy }),
  ...(span ? { span } : {}),
})

const quoted = (text: string): string => `'${text}'`
const list = (names: readonly string[]): string => names.map(quoted).join(', ')
const meant = (suggestion: string | undefined, otherwise: string): string =>
  suggestion === undefined ? otherwise : `Did you mean ${quoted(suggestion)}?`
const plural = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`
/** A part of a formula, short enough for a sentence. */
const part = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return quoted(line.length <= 40 ? line : `${line.slice(0, 37)}…`)
}

const shapeRemedy =
  'The shapes are scalar, channel, sample, sample-channel, position and kernel, or a list of the axes sample, channel, depth, height and width.'

export const messages = {
  heading: (name: string, line: number | undefined, column: number | undefined, message: string): string => {
    const where = [...(name ? [name] : []), ...(line === undefined ? [] : [`line ${line}, column ${column ?? 1}`])].join(', ')
    return where ? `${where}: ${message}` : message
  },
  andMore: (n: number): string => `… and ${plural(n, 'more error')}`,

  // The text of a formula

  empty: () => at(undefined, 'the formula is empty', 'Write what is pooled, for example mean(x).'),
  tooLong: (length: number, most: number) =>
    at(
      undefined,
      `the formula has ${length} characters; ${most} is the most`,
      'Name parts of it with let, or make it of several operators.',
    ),
  tooDeep: (most: number, span?: Span) =>
    at(span, `the formula nests deeper than ${most} levels`, 'Make fewer operations depend on each other.'),
  tooManyBrackets: (span: Span, most: number) =>
    at(span, `more than ${most} brackets are open here`, 'Name inner parts with let.'),
  strangeCharacter: (span: Span, text: string, instead: string | undefined) =>
    at(
      span,
      `${part(text)} is no part of the language`,
      instead === undefined
        ? 'Formulas are written with names, numbers, + - * / ^ ( ) , ; = and, in select, < <= > >= == !='
        : `Write ${instead} instead.`,
    ),
  missingValue: (span: Span, found: string | undefined) =>
    found === undefined
      ? at(span, 'the formula ends where a value should stand', 'Add a number, a name, a call, or something in brackets.')
      : at(
          span,
          `a value should stand here, not ${quoted(found)}`,
          found === '*' ? 'A power is written ^, as in x^2.' : 'A value is a number, a name, a call, or something in brackets.',
        ),
  unclosed: (span: Span, found: string | undefined) =>
    found === '='
      ? at(span, "'=' gives a name to a whole statement", 'To compare, write ==, as in select(a == b, x, y).')
      : at(
          span,
          found === undefined ? 'the formula ends before its bracket is closed' : `'${found}' stands where ',' or ')' should`,
          found === undefined ? "Add ')'." : 'Put an operator or a comma before it, or close the bracket.',
        ),
  missingName: (span: Span, found: string | undefined) =>
    at(
      span,
      found === undefined ? 'let ends before it names anything' : `a name should follow let, not ${quoted(found)}`,
      'Write let name = value;',
    ),
  missingEquals: (span: Span) => at(span, "'=' should follow the name", 'Write let name = value;'),
  leftOver: (span: Span, found: string) => {
    if (found === ')') return at(span, "this ')' closes nothing", "Remove it, or open it with '('.")
    if (found === ',') return at(span, "',' stands outside a call", 'Commas stand between arguments; statements end in ;')
    if (found === '=') return at(span, 'only a name can stand before =', 'Write name = value; or, to compare, ==')
    return at(
      span,
      `an operator is missing before ${quoted(found)}`,
      'A product is written with *, as in 2 * x; statements end in ;',
    )
  },
  numberTooLarge: (span: Span, text: string) =>
    at(span, `${part(text)} is too large for a number`, `The largest is ${Number.MAX_VALUE}.`),

  // Names

  unknownName: (span: Span | undefined, name: string, suggestion: string | undefined, known: readonly string[]) =>
    at(
      span,
      `there is no ${quoted(name)} here`,
      meant(
        suggestion,
        known.length === 0 ? 'Nothing is declared.' : `Declared are ${list(known)}; declare it, or name it with let.`,
      ),
    ),
  unknownFunction: (span: Span | undefined, name: string, suggestion: string | undefined, known: readonly string[]) =>
    at(span, `there is no function ${quoted(name)}`, meant(suggestion, `The functions are ${known.join(' ')}`)),
  notAFunction: (span: Span | undefined, name: string) =>
    at(span, `${quoted(name)} is a value, not a function`, `A product is written with *, as in ${name} * (…).`),
  functionAsValue: (span: Span | undefined, name: string, signature: string) =>
    at(span, `${quoted(name)} is a function`, `Call it: ${signature}.`),
  usedBefore: (span: Span | undefined, name: string) =>
    at(span, `${quoted(name)} is used before its statement`, 'Move the statement that defines it up.'),
  wrongCount: (span: Span | undefined, name: string, given: number, signature: string) =>
    at(span, `${quoted(name)} was given ${plural(given, 'argument')}`, `It is called as ${signature}.`),
  reservedName: (span: Span | undefined, name: string, why: string) =>
    at(span, `${quoted(name)} cannot be a name: ${why}`, 'Choose another name.'),
  malformedName: (span: Span | undefined, name: string) =>
    at(span, `${part(name)} is not a name`, 'A name is a letter or _, then letters, digits and _; 100 at most.'),
  alreadyNamed: (span: Span | undefined, name: string, as: string) =>
    at(span, `${quoted(name)} is already ${as}`, 'Choose another name.'),
  twoUnnamed: (span: Span | undefined) =>
    at(span, "there is already a result 'y', as a value without a name is called", 'Name each: name = value;'),
  noResult: () => at(undefined, 'the formula has no result', 'End it with what is pooled: let m = mean(x); m * 2'),

  // Declarations

  unusedDeclaration: (name: string, as: string) =>
    at(undefined, `${quoted(name)} is declared as ${as} and never used`, 'Remove the declaration, or use it in the formula.'),
  unusedLet: (span: Span | undefined, name: string) =>
    at(span, `${quoted(name)} is named and never used`, 'Remove the statement.'),
  inputs: (names: readonly string[]) =>
    names.length === 0
      ? at(undefined, 'no input is declared', 'Declare one: x: input().')
      : at(undefined, `${list(names)} are all declared as input`, 'One tensor is the input; declare the others with tensor().'),
  badShape: (span: Span | undefined, shape: string, suggestion: string | undefined) =>
    at(span, `${part(shape)} is no shape`, meant(suggestion, shapeRemedy)),
  paramShapedAsInput: (name: string, shape: string) =>
    at(
      undefined,
      `the parameter ${quoted(name)} cannot have the shape ${quoted(shape)}`,
      `Declare a tensor of the input's shape: ${name}: tensor().`,
    ),
  badAttr: (name: string, value: unknown) =>
    at(
      undefined,
      `the attribute ${quoted(name)} is ${String(value)}`,
      'An attribute is a finite number, known when a kernel is made.',
    ),
  badDeclaration: (name: string) =>
    at(
      undefined,
      `${quoted(name)} is declared as nothing known`,
      'Declare it with input(), tensor(), param(), attr(), normal() or uniform().',
    ),
  notToSettle: (name: string, what: 'shapes' | 'attrs' | 'handIn', suggestion: string | undefined) => {
    const kind = { shapes: 'parameter or random value', attrs: 'attribute', handIn: 'random value' }[what]
    return at(
      undefined,
      `${what} names ${quoted(name)}, which is no declared ${kind}`,
      meant(suggestion, `Name a declared ${kind}, or leave it out.`),
    )
  },
  missingArgument: (operator: string, name: string) =>
    at(undefined, `${quoted(operator)} needs ${quoted(name)}`, `Give it: apply(${operator}, { ${name}, … }).`),
  unknownArgument: (operator: string, name: string, suggestion: string | undefined) =>
    at(undefined, `${quoted(operator)} declares no ${quoted(name)}`, meant(suggestion, 'Leave it out.')),
  badOperand: (what: string) =>
    at(
      undefined,
      `${what} is no value of a formula`,
      'A function takes handles of the callback, calls of other functions, and finite numbers.',
    ),

  // Meaning

  conditionAsValue: (span: Span | undefined) =>
    at(span, 'a comparison is no value', 'Choose between two values with it: select(a < b, x, y).'),
  valueAsCondition: (span: Span | undefined, text: string) =>
    at(span, `${part(text)} is a value where a comparison should stand`, 'Compare it: select(a < b, x, y).'),
  notATap: (span: Span | undefined, text: string) =>
    at(span, `flatIndex wants a tap's index; ${part(text)} is none`, 'Give it argmax(…), argmin(…) or tap.'),
  randomShapeArgument: (span: Span | undefined, fn: string) =>
    at(span, `${quoted(fn)} takes a shape`, `For example ${fn}(position), ${fn}(sample-channel), ${fn}(input) or ${fn}(window).`),
  wrongLevel: (
    span: Span | undefined,
    name: string,
    level: string,
    parts: readonly { readonly text: string; readonly level: string }[],
    remedy: string,
  ) => {
    const because = parts.length === 0 ? '' : `: ${parts.map((p) => `${part(p.text)} varies with ${p.level}`).join(', ')}`
    return at(span, `the result ${quoted(name)} varies with ${level}, and a result has one value a window${because}`, remedy)
  },
  reduceIt: (text: string): string =>
    `Reduce it over the window: wrap it in mean(…), sum(…) or max(…), as in mean(${text.length <= 40 ? text : '…'}).`,
}
