/** The oracle against PyTorch's numbers: what judges the compiler has to be right itself. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { layerRunners } from '../../layers/golden.ts'
import { checkCase, readGolden } from '../../runtime/golden.ts'
import { oracleTarget } from '../../runtime/oracle-target.ts'
import { specs } from '../../specs/index.ts'

const tables = { operators: specs, layers: layerRunners }
const folder = new URL('../golden/', import.meta.url)

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  describe(file, () => {
    const { cases } = readGolden(readFileSync(new URL(file, folder), 'utf8'))
    it.each(cases)('$id', async (golden) => {
      const report = await checkCase(golden, oracleTarget, tables)
      expect(report).toMatchObject({ status: 'passed' })
    })
    // A layer has no bounds in 16 bits.
    if (file === 'gaussian-layer.json') return
    // What is expected comes from the oracle too: this holds the rounding of what is handed in and on, and the comparison.
    it.each(['float16', 'bfloat16'] as const)('all cases, stored as %s', async (dtype) => {
      for (const golden of cases) {
        const { id, status, maxError } = await checkCase(golden, oracleTarget, { ...tables, dtype })
        expect({ id, status }).toEqual({ id, status: 'passed' })
        // Of a correctly rounded result nothing is left but the rounding to float32 of parameters' gradients.
        expect(maxError, id).toBeLessThan(0.01)
      }
    })
  })
}
