/**
 * Tests stand in tiers by what they need, each a project: `pure` needs nothing but Node, and runs everywhere, on each change;
 * `nvrtc` needs CUDA's compiler, and no GPU; `driver` a C compiler, for the stand-in that takes the place of NVIDIA's driver; `webgpu` an adapter,
 * and `browser` a browser with one, which come with the development packages.
 * `built` needs Node, and the package of the working tree as it is published.
 * A test that cannot run where it is says why. A further tier is a row of the table.
 */
import { defineConfig } from 'vitest/config'
import SlowestFirst from './scripts/vitest-order.ts'

const never = ['node_modules/**', 'dist/**', '.stryker-tmp/**', 'reports/**']

/** The files of each tier; `pure` has all the rest. */
const tiers = {
  nvrtc: [
    'test/cuda/nvrtc/**/*.test.ts',
    'test/cuda/target/**/*.test.ts',
    'test/property/cuda.test.ts',
    'test/cli/{nvrtc,sanitize}.test.ts',
    'test/docs/nvrtc.test.ts',
  ],
  driver: ['test/cuda/driver/**/*.test.ts'],
  webgpu: ['test/webgpu/**/*.test.ts', 'test/property/webgpu.test.ts', 'test/docs/webgpu.test.ts'],
  built: ['test/built/**/*.test.ts', 'test/docs/built.test.ts'],
  browser: ['test/browser/**/*.test.ts'],
}

export default defineConfig({
  test: {
    globalSetup: ['scripts/vitest-setup.mjs'],
    reporters: ['default', './scripts/vitest-summary.mjs'],
    // Vitest leaves one core free, of two that is half.
    maxWorkers: '100%',
    sequence: { sequencer: SlowestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    exclude: never,
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: ['**/*.test.ts'], exclude: [...never, ...Object.values(tiers).flat()] },
      },
      ...Object.entries(tiers).map(([name, include]) => ({ extends: true as const, test: { name, include, exclude: never } })),
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
        'layers/**/*.ts',
        'cli/**/*.ts',
      ],
      exclude: ['**/*.test.ts', 'test/**', 'cli/main.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
      reportsDirectory: 'coverage',
      thresholds: { 'dsl/**/*.ts': { lines: 90 }, 'codegen/**/*.ts': { lines: 90 } },
    },
  },
})
