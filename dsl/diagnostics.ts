/** From what is wrong with a formula to the text of an error: line, column, a line of carets, and the remedy. */
import { type Diagnostic, PoolwrightError } from './errors.ts'
import { messages } from './messages.ts'

/** A formula as messages need it. */
export interface FormulaText {
  /** The operator's name; empty where it has none. */
  readonly name: string
  readonly text: string
}

/** A diagnostic with the place where it stands. Lines and columns count from 1, columns in characters. */
export interface LocatedDiagnostic extends Diagnostic {
  readonly line?: number
  readonly column?: number
}

/** The most diagnostics that a message prints; `diagnostics` holds all. */
const mostPrinted = 20
/** The most characters of one line of a formula that a message shows. */
const widest = 100

const locate = (text: string, diagnostic: Diagnostic): LocatedDiagnostic => {
  if (!diagnostic.span) return diagnostic
  const before = text.slice(0, diagnostic.span.start).split('\n')
  return { ...diagnostic, line: before.length, column: [...(before.at(-1) ?? '')].length + 1 }
}

/** The line of the formula with carets beneath the part that is meant, cut to a readable width. */
const picture = (text: string, span: { readonly start: number; readonly end: number }): string[] => {
  const from = text.lastIndexOf('\n', span.start - 1) + 1
  const newline = text.indexOf('\n', from)
  const line = text.slice(from, newline < 0 ? text.length : newline).replace(/\r$/, '')
  const at = Math.min(span.start - from, line.length)
  const first = line.length <= widest ? 0 : Math.max(0, Math.min(at - widest / 2, line.length - widest))
  const shown = line.slice(first, first + widest)
  const head = first > 0 ? '…' : ''
  const tail = first + widest < line.length ? '…' : ''
  // Tabs stay tabs, so that the carets stand beneath the text however wide a terminal makes them.
  const indent = head.replace(/./u, ' ') + [...line.slice(first, at)].map((c) => (c === '\t' ? '\t' : ' ')).join('')
  const marked = [...line.slice(at, Math.min(span.end - from, first + widest))].length
  return [`  ${head}${shown}${tail}`, `  ${indent}${'^'.repeat(Math.max(1, marked))}`]
}

const render = (formula: FormulaText, all: readonly LocatedDiagnostic[]): string => {
  const blocks = all.slice(0, mostPrinted).map((diagnostic) => {
    const lines = [messages.heading(formula.name, diagnostic.line, diagnostic.column, diagnostic.message)]
    if (diagnostic.span) lines.push(...picture(formula.text, diagnostic.span))
    if (diagnostic.remedy !== undefined) lines.push(`  ${diagnostic.remedy}`)
    return lines.join('\n')
  })
  if (all.length > mostPrinted) blocks.push(messages.andMore(all.length - mostPrinted))
  return blocks.join('\n\n')
}

/** A formula or a declaration that means nothing. Its message shows every diagnostic with its place and its remedy. */
export class FormulaError extends PoolwrightError {
  override name = 'FormulaError'
  /** All that is wrong, in the order of the text; what has no place stands first. */
  readonly diagnostics: readonly LocatedDiagnostic[]

  constructor(formula: FormulaText, diagnostics: readonly Diagnostic[]) {
    const sorted = diagnostics
      .toSorted((a, b) => (a.span?.start ?? -1) - (b.span?.start ?? -1))
      .map((d) => locate(formula.text, d))
    super(render(formula, sorted))
    this.diagnostics = sorted
  }
}
