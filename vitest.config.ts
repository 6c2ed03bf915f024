/**
 * Tests stand in tiers by what they need. `pure` needs nothing but Node: it runs everywhere, and on each change. Later tiers
 * (a browser, a GPU) become further projects here, and say why where they cannot run.
 */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['scripts/vitest-setup.mjs'],
    reporters: ['default', './scripts/vitest-summary.mjs'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    exclude: ['node_modules/**', 'dist/**', '.stryker-tmp/**', 'reports/**'],
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: ['**/*.test.ts'], exclude: ['node_modules/**', 'dist/**', '.stryker-tmp/**'] },
      },
    ],
    coverage: {
      provider: 'v8',
      include: [
        'dsl/**/*.ts',
        'codegen/**/*.ts',
        'interpreter/**/*.ts',
        'oracle/**/*.ts',
        'runtime/**/*.ts',
        'specs/**/*.ts',
        'cli/**/*.ts',
      ],
      exclude: ['**/*.test.ts', 'test/**', 'cli/main.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
      reportsDirectory: 'coverage',
      thresholds: { 'dsl/**/*.ts': { lines: 90 }, 'codegen/**/*.ts': { lines: 90 } },
    },
  },
})
