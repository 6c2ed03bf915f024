/**
 * Markup with everything from outside escaped. A report shows formulas, compilers' messages, sources and schedules, some of
 * them brought from other machines. So text is the rule and markup the exception: what a template is given is escaped, unless
 * it was made by a template itself.
 *
 * One way of escaping serves all places, since text stands in elements and in quoted attributes alone: never in a script, a
 * style, an address or a name. The output is XML as well, which a strict parser can check.
 */

/** Text that templates have made. A class with a private field: nothing that was read from a file can pass for it. */
export class Markup {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

/** What a template is given: text, numbers of a drawing, markup, or several of them. */
export type Content = string | number | Markup | readonly Content[]

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** What neither HTML nor XML may hold: control characters, halves of surrogate pairs, and the two that are no characters. */
const forbidden = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu

const escaped = (text: string): string => text.replace(forbidden, '\uFFFD').replace(/[&<>"']/g, (one) => entities[one]!)

/** Hundredths of a unit of a drawing are finer than a screen shows. */
const written = (content: Content): string => {
  if (content instanceof Markup) return content.toString()
  if (Array.isArray(content)) return content.map(written).join('')
  return escaped(typeof content === 'number' ? String(Math.round(content * 100) / 100) : String(content))
}

/** A template of markup. Its text is taken as it stands, and all that is put into it escaped; numbers keep two decimals. */
export const html = (parts: TemplateStringsArray, ...contents: readonly Content[]): Markup =>
  new Markup(String.raw({ raw: parts }, ...contents.map(written)))

export const nothing = html``
