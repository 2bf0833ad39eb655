/**
 * `npm run kills`: real processes killed by SIGKILL at random moments, each job from its seed.
 *
 *     npm run kills -- [--moments N] [--seed S]     jobs of seed S, S + 1, ... until N processes were killed; default 500
 *     npm run kills -- --job S                      that job alone
 *
 * The jobs are the programs of the scenarios (tests/scenarios/workers/programs) with 1, 2, 3 or changing numbers of workers. Each
 * goes on from its checkpoints until it has come to its end; then what it has written is compared with SQL over the same
 * tables. Prints every job with which something is wrong, and what; fails if there is one. What was drawn follows from the
 * seed, the exact moment also from the machine.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'millrace-kills-'))
let child
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child?.kill(signal))

const one = option('--job', undefined)
const moments = one === undefined ? option('--moments', 500) : 0
const first = one ?? option('--seed', Math.floor(Math.random() * 1e9))
if (one === undefined) console.log(`${moments} moments from seed ${first} on`)

// Where it finds packages, and programs as its sources do.
const file = join(root, 'tests/scenarios/workers/.kills.mjs')
await build({
  entryPoints: [join(root, 'tests/scenarios/workers/kills/main.ts')],
  outfile: file,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['source'],
  external: ['esbuild', '@duckdb/node-api'],
  logLevel: 'error',
  absWorkingDir: root,
})
child = spawn(process.execPath, [file, folder, String(first), String(moments)], { cwd: root, stdio: 'inherit' })
child.on('exit', code => {
  rmSync(file, { force: true })
  if (code === 0) rmSync(folder, { recursive: true, force: true })
  else console.log(`what they have left: ${folder}`)
  process.exit(code ?? 1)
})

function option(name, otherwise) {
  const at = process.argv.indexOf(name)
  const value = at < 0 ? otherwise : Number(process.argv[at + 1])
  if (value === undefined || (Number.isInteger(value) && value >= 0)) return value
  console.error(`invalid ${name}: ${process.argv[at + 1]}\nusage: npm run kills -- [--moments N] [--seed S] | --job S`)
  process.exit(2)
}
