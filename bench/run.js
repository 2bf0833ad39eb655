/**
 * `npm run bench -- SUITE [--only FIGURE] [--quick]`: builds what has changed, bundles the benchmarks (which import the
 * built packages, as any program would) and runs a suite.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = join(root, 'out/bench')

/** Programs with several workers are processes of their own: each of them evaluates the program's file. */
const programs = {
  workers: ['exchange', 'objects', 'core-program', 'memory', 'idle', 'latency'],
  checkpoints: ['large', 'throughput', 'counting', 'write', 'disk'],
}

const run = (...args) => {
  const { status, signal } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(signal === null ? status : 1)
}

run('node_modules/typescript/bin/tsc', '-b', 'packages/millrace')
await build({
  entryPoints: {
    main: join(root, 'bench/main.ts'),
    child: join(root, 'bench/harness/child.ts'),
    ...Object.fromEntries(
      Object.entries(programs).flatMap(([suite, names]) =>
        names.map(name => [name, join(root, `bench/${suite}/${name}.ts`)]),
      ),
    ),
  },
  outdir: out,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  sourcemap: 'linked',
  logLevel: 'warning',
})
run('--enable-source-maps', join(out, 'main.mjs'), ...process.argv.slice(2))
