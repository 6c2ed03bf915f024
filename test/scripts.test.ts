/** The template compiler: what it makes, and what it refuses. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
// @ts-expect-error: plain JavaScript without declarations.
import { compiledSource } from '../scripts/compile-templates.mjs'

const folders: string[] = []
let loaded = 0
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const compile = (templates: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'poolwright-templates-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(templates)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return compiledSource(folder)
}

/** The templates of a compiled module, loaded. */
const load = async (templates: Readonly<Record<string, string>>): Promise<Record<string, (view: unknown) => string>> => {
  const source = compile(templates)
    .replace(/^export type .*$/m, '')
    .replace(/export const templates: .* = \{/, 'export const templates = {')
  const path = join(import.meta.dirname, `compiled-${process.pid}-${loaded++}.mjs`)
  writeFileSync(path, source)
  try {
    return (await import(path)).templates
  } finally {
    rmSync(path)
  }
}

describe('compile-templates', () => {
  it('gives each template by its path, with partials and nothing escaped', async () => {
    const templates = await load({
      'js/kernel.hbs': '{{#each lines}}\n{{> js/line}}\n{{/each}}\n{{#if done}}done{{else}}open{{/if}}',
      'js/line.hbs': '<{{this}}>\n',
    })
    expect(Object.keys(templates)).toEqual(['js/kernel', 'js/line'])
    expect(templates['js/kernel']?.({ lines: ['a & b', 'c'], done: false })).toBe('<a & b>\n<c>\nopen')
    expect(() => templates['js/kernel']?.({ lines: [] })).not.toThrow()
    expect(() => templates['js/line']?.({}).length).not.toThrow()
  })

  it('throws for a field that the view lacks', async () => {
    const templates = await load({ 'a.hbs': '{{name}}' })
    expect(templates.a?.({ name: 0 })).toBe('0')
    expect(() => templates.a?.({})).toThrow('name')
  })

  it('writes the same text for the same templates, and some for none', () => {
    expect(compile({ 'b.hbs': 'b', 'a.hbs': 'a' })).toBe(compile({ 'a.hbs': 'a', 'b.hbs': 'b' }))
    expect(compile({ 'a.hbs': 'a', 'x/b.hbs': 'b' })).toContain("export type TemplateName = 'a' | 'x/b'")
    expect(compile({})).toContain('export type TemplateName = never')
  })

  it.each([
    ['{{#with a}}b{{/with}}', 'a.hbs:1: {{#with}} is not allowed'],
    ['a\n{{lookup a b}}', 'a.hbs:2: {{lookup …}} calls a helper'],
    ['{{#if (lookup a b)}}c{{/if}}', 'a call inside a call'],
    ['{{> nowhere}}', "there is no partial 'nowhere'"],
  ])('refuses %s', (text, why) => {
    expect(() => compile({ 'a.hbs': text })).toThrow(why)
  })
})
