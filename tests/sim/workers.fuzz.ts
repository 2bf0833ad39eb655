/**
 * Jobs on simulated clusters of one to four workers, from a seed: random plans give what they mean, windows and epochs
 * are right, nobody waits for ever, nothing is left behind when a job fails, is stopped or given up, and the same seed gives
 * the same trace. `npm run sim -- --cluster --seeds n [--first seed]` tries more of them.
 */
import { expect, test } from 'vitest'
import { checkSeed } from './check-seed.ts'

const { CI, SEED, SIM_SEEDS, SIM_FROM } = process.env
const from = Number(SIM_FROM ?? SEED ?? (CI === undefined ? Math.floor(Math.random() * 1e9) : 1))
const seeds = Number(SIM_SEEDS ?? 40)
/** Some of their jobs are none that can be run. */
const LEAST_SHARE = 0.6

test(`seeds ${from} to ${from + seeds - 1}`, { timeout: 60_000 + seeds * 2000 }, async () => {
  const wrong: unknown[] = []
  let skipped = 0
  for (let seed = from; seed < from + seeds; seed++) {
    try {
      if ((await checkSeed(seed)).skipped) skipped++
    } catch (error) {
      wrong.push(error)
      if (SIM_SEEDS !== undefined) process.stderr.write(`${(error as Error).message}\n`)
    }
    if (SIM_SEEDS !== undefined && (seed - from) % 500 === 499) process.stderr.write(`${seed - from + 1} seeds\n`)
  }
  if (wrong.length > 0) throw wrong[0]
  expect(skipped).toBeLessThanOrEqual(seeds * (1 - LEAST_SHARE))
})
