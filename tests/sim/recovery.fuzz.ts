/**
 * Jobs with checkpoints through crashes and broken disks, from a seed: what is visible in the end is what it should be, nothing is
 * visible twice or too early, the job comes to its end, and the same seed gives the same trace. `npm run sim` tries more of
 * them (`tests/sim/recovery`); here CI runs 50, each twice, and `SIM_SEEDS=n` so many.
 */
import { expect, test } from 'vitest'
import { caseOf } from './recovery/case.ts'
import { regressions } from './recovery/regressions.ts'
import { World } from './recovery/world.ts'

const { CI, SEED, SIM_SEEDS } = process.env
const from = Number(SEED ?? (CI === undefined ? Math.floor(Math.random() * 1e9) : 1))
const seeds = Number(SIM_SEEDS ?? (CI === undefined ? 6 : 50))

async function traceOf(seed: number): Promise<readonly unknown[]> {
  const world = new World(caseOf(seed))
  await world.run().catch(error => {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
  })
  return world.simulation.trace
}

test(`seeds ${from} to ${from + seeds - 1}, each twice`, { timeout: 60_000 + seeds * 10_000 }, async () => {
  for (let seed = from; seed < from + seeds; seed++) {
    const trace = await traceOf(seed)
    const again = await traceOf(seed)
    const other = trace.findIndex((entry, i) => JSON.stringify(entry) !== JSON.stringify(again[i]))
    expect([other, again.length], `the second trace of seed ${seed}`).toEqual([-1, trace.length])
  }
})

test.each(regressions)('seed $seed: $what', { timeout: 60_000 }, async ({ seed }) => {
  await traceOf(seed)
})
