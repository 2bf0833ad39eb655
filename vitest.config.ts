import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
  test: {
    include: ['packages/*/src/**/*.{test,fuzz}.ts', 'tests/**/*.{test,fuzz}.ts', 'tools/**/*.test.ts'],
    setupFiles: ['tools/seed.ts', 'tools/frozen-rows.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'threads',
    maxWorkers: 2,
  },
})
