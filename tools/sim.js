/**
 * `npm run sim`: jobs on simulated clusters, each from its seed.
 *
 *     npm run sim -- [--seeds N] [--first S]     jobs with checkpoints, crashes and broken disks (tests/sim/recovery)
 *     npm run sim -- --seed X                    that seed alone, step by step
 *     npm run sim -- --mutants [NAME]            plants defects, and fails unless the seeds find each
 *     npm run sim -- --cluster [--seeds N] [--first S]     random plans without checkpoints (tests/sim/workers.fuzz.ts)
 *
 * Prints every seed with which something is wrong, and what; fails if there is one.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './sim/bundle.js'
import { plant } from './sim/plant.js'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')
const usage =
  'usage: npm run sim -- [--seeds N] [--first S] | --seed X | --mutants [NAME] | --cluster [--seeds N] [--first S]'
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'millrace-sim-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

if (has('--mutants')) await plantAll()
else if (has('--cluster')) simulateClusters()
else await simulate()

async function plantAll() {
  const name = process.argv[process.argv.indexOf('--mutants') + 1]
  const missed = await plant(root, folder, name)
  if (missed.length > 0) process.exitCode = 1
  console.log(missed.length === 0 ? 'all defects were found' : `${missed.length} defects were not found`)
}

function simulateClusters() {
  const seeds = option('--seeds', 5000)
  const first = option('--first', anySeed())
  console.log(`seeds ${first} to ${first + seeds - 1}`)
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const env = { ...process.env, SIM_SEEDS: String(seeds), SIM_FROM: String(first) }
  run([vitest, 'run', 'tests/sim/workers.fuzz.ts'], env)
}

async function simulate() {
  const replay = has('--seed')
  const first = replay ? option('--seed') : option('--first', anySeed())
  const seeds = replay ? 1 : option('--seeds', 500)
  if (!replay) console.log(`seeds ${first} to ${first + seeds - 1}`)
  const file = join(folder, 'sim.mjs')
  await bundle(root, file)
  const how = replay ? ['replay'] : []
  run(['--enable-source-maps', '--max-semi-space-size=64', file, String(first), String(seeds), ...how], process.env)
}

function run(args, env) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env })
  child.on('exit', code => process.exit(code ?? 1))
}

function anySeed() {
  return Math.floor(Math.random() * 1e9)
}

function has(name) {
  return process.argv.includes(name)
}

function option(name, otherwise) {
  const at = process.argv.indexOf(name)
  const value = at < 0 ? otherwise : Number(process.argv[at + 1])
  if (Number.isInteger(value)) return value
  console.error(`invalid ${name}: ${process.argv[at + 1]}\n${usage}`)
  process.exit(2)
}
