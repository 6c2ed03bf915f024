/** The oracle against PyTorch's numbers: what judges the compiler has to be right itself. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkCase, readGolden } from '../../runtime/golden.ts'
import { oracleTarget } from '../../runtime/oracle-target.ts'
import { specs } from '../../specs/index.ts'

const folder = new URL('../golden/', import.meta.url)

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  describe(file, () => {
    const { cases } = readGolden(readFileSync(new URL(file, folder), 'utf8'))
    it.each(cases)('$id', async (golden) => {
      const report = await checkCase(golden, oracleTarget, { operators: specs })
      expect(report).toMatchObject({ status: 'passed' })
    })
  })
}
