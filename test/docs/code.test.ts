/** What the documents' code is taken to be. */
import { describe, expect, it } from 'vitest'
import { blocksOf, commandsOf, linksOf, programsOf, promisedBy } from './code.ts'

const fence = '```'
const document = [
  'Text with a [link](a/b.md#c), and [one](https://example.org) to elsewhere.',
  `${fence}ts`,
  "import { a } from 'b'",
  `${fence}`,
  `${fence}ts`,
  "log(1) // => 1 '2'",
  '// =>',
  `${fence}`,
  `${fence}ts`,
  "import { c } from 'd'",
  `${fence}`,
  `${fence}sh`,
  'npm ci',
  'npx poolwright run \'a b\' c="d e"# f \\',
  '  g # exits 2',
  `${fence}`,
  `${fence}text`,
  'said',
  `${fence}`,
].join('\n')

describe('code in a document', () => {
  const blocks = blocksOf(document)
  it('is found by its fences', () => {
    expect(blocks.map(({ language, line }) => [language, line])).toEqual([
      ['ts', 3],
      ['ts', 6],
      ['ts', 10],
      ['sh', 13],
      ['text', 18],
    ])
  })
  it('goes on until the next import', () => {
    const programs = programsOf(blocks)
    expect(programs.map(({ line }) => line)).toEqual([3, 10])
    expect(promisedBy(programs[0]?.text ?? '')).toEqual(["1 '2'", ''])
  })
  it('has commands with what they print and end with', () => {
    expect(commandsOf(blocks)).toEqual([{ words: ['run', 'a b', 'c=d e#', 'f', 'g'], exitCode: 2, line: 14, prints: 'said' }])
  })
  it('has links to files', () => {
    expect(linksOf(document)).toEqual(['a/b.md#c'])
  })
})
