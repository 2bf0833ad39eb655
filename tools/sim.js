/**
 * `npm run sim -- --seeds N [--from SEED]`: jobs on simulated clusters (tests/sim/workers.fuzz.ts) from N seeds, one after
 * the other. Prints every seed with which something is wrong, and what; fails if there is one.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const seeds = option('--seeds', 5000)
const from = option('--from', Math.floor(Math.random() * 1e9))
console.log(`seeds ${from} to ${from + seeds - 1}`)
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const env = { ...process.env, SIM_SEEDS: String(seeds), SIM_FROM: String(from) }
const child = spawn(process.execPath, [vitest, 'run', 'tests/sim/workers.fuzz.ts'], {
  cwd: root,
  stdio: 'inherit',
  env,
})
child.on('exit', code => process.exit(code ?? 1))

function option(name, otherwise) {
  const at = process.argv.indexOf(name)
  const value = at < 0 ? otherwise : Number(process.argv[at + 1])
  if (Number.isInteger(value)) return value
  console.error(`invalid ${name}: ${process.argv[at + 1]}\nusage: npm run sim -- [--seeds N] [--from SEED]`)
  process.exit(2)
}
