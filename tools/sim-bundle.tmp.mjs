import { build } from 'esbuild'

await build({
  entryPoints: ['tests/sim/recovery/main.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['source'],
  outfile: '/tmp/simout/sim.mjs',
  external: ['esbuild'],
  sourcemap: 'inline',
  logLevel: 'warning',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
})
