/** Small problems to tune, and places to keep what is found. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type GeometryOptions, normaliseGeometry } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import type { Problem } from '../../runtime/tuner/subject.ts'
import { specs } from '../../specs/index.ts'

export const problemOf = (
  name: string,
  options: GeometryOptions = { kernelSize: [3, 3], stride: 2, padding: 1 },
  more: Partial<Problem> = {},
): Problem => {
  const operator = settle(specs.get(name)!)
  return {
    operator,
    geometry: normaliseGeometry(options),
    direction: 'forward',
    results: [...operator.results.keys()],
    dtype: 'float32',
    samples: 1,
    channels: 2,
    extents: [13, 14],
    pinned: {},
    deterministic: false,
    ...more,
  }
}

/** A store of the test's own. */
export const temporaryStore = (): FileStore => {
  const folder = mkdtempSync(join(tmpdir(), 'poolwright-tuner-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return new FileStore({ folder })
}
