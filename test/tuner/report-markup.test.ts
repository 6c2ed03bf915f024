import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Content, html } from '../../runtime/tuner/report/markup.ts'

/** What a browser makes of escaped text. */
const shown = (text: string): string =>
  text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')

test('text of any kind keeps to itself and is shown as it is', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", ';', '#', 'lt', 'amp', ']]>', '<!--') }),
  )
  fc.assert(
    fc.property(text, (given) => {
      const made = html`<p title="${given}">${given}</p>`.toString()
      const parts = /^<p title="([^<>"]*)">([^<>]*)<\/p>$/u.exec(made)
      const kept = given.replace(/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu, '\uFFFD')
      expect(parts?.slice(1).map(shown)).toEqual([kept, kept])
    }),
  )
})

test('what no document may hold is replaced', () => {
  expect(html`${'a\0b\u001Bc\uD800d\uFFFFe\n'}`.toString()).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\n')
})

test('templates nest and join, and numbers keep two decimals', () => {
  expect(html`<ul>${[1.005, 2 / 3].map((n) => html`<li>${n}</li>`)}</ul>`.toString()).toBe('<ul><li>1</li><li>0.67</li></ul>')
})

test('only what a template made is markup: an object read from a file is not, whatever it looks like', () => {
  const read = { toString: () => '<script>', text: '<script>' } as unknown as Content
  expect(html`${read}`.toString()).toBe('&lt;script&gt;')
})
