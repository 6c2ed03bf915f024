/** The tests that mutation testing runs: those of dsl/ and codegen/, which finish in seconds; no reports, no thresholds. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['scripts/vitest-setup.mjs'],
    include: ['dsl/**/*.test.ts', 'codegen/**/*.test.ts', 'test/dsl/**/*.test.ts', 'test/codegen/**/*.test.ts'],
    exclude: ['node_modules/**', 'dist/**', '.stryker-tmp/**'],
    testTimeout: 20_000,
  },
})
