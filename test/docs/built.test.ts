/** What the documents say of kernels built ahead of time, held to it with the package as it is published. */
import { describe, expect, it } from 'vitest'
import { exampleIn, folderWith, poolwright } from '../built/published.ts'
import { needsPackage } from './code.ts'
import { commandsByDocument } from './documents.ts'

describe('commands in the documents', () => {
  it.each(
    commandsByDocument.flatMap(({ path, commands }) => {
      const building = commands.filter(needsPackage)
      return building.length > 0 ? [{ path, building }] : []
    }),
  )('$path: each does what it promises', ({ building }) => {
    const folder = folderWith({})
    exampleIn(folder, 'node')
    for (const { words, exitCode, line } of building) {
      const { code, err } = poolwright(folder, ...words)
      expect({ line, code, err }).toEqual({ line, code: exitCode, err: '' })
    }
  })
})
