/**
 * The tests that mutation testing runs: those of dsl/ and codegen/, which finish in seconds; no reports, no thresholds. The
 * gate on emitted text is left out: it notices every change, right or wrong, and would hide what no other test notices.
 */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['scripts/vitest-setup.mjs'],
    include: ['dsl/**/*.test.ts', 'codegen/**/*.test.ts', 'test/dsl/**/*.test.ts', 'test/codegen/**/*.test.ts'],
    exclude: ['node_modules/**', 'dist/**', 'test/codegen/emitted*.test.ts'],
    testTimeout: 20_000,
  },
})
