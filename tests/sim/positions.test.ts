/**
 * Jobs of every shape, killed before each poll of their sources in turn, with batches of 1 to 7 rows, and restored by a new process on
 * a simulated Host: with as many workers and with others. `POSITIONS=all` tries each position with each number of rows.
 */
import { expect, test } from 'vitest'
import { shapes } from './recovery/case.ts'
import { crashAt } from './recovery/crash-at.ts'
import { Draw } from './recovery/draw.ts'

const ROWS = 24
const MOST_BATCH_ROWS = 7
const layouts = [
  [1, 1],
  [2, 2],
  [1, 2],
  [2, 3],
  [3, 1],
] as const

test.each(shapes)('%o', { timeout: 120_000 }, async shape => {
  let restored = 0
  let killed = 0
  for (let rows = 1; rows <= MOST_BATCH_ROWS; rows++) {
    const load = () => shape(new Draw(rows, ROWS))
    const { polls } = await crashAt({ load: load(), batchRows: rows, workers: [1, 1] })
    const all = process.env.POSITIONS === 'all'
    for (let at = all ? 1 : rows; at <= polls; at += all ? 1 : MOST_BATCH_ROWS) {
      const moves = load().moves !== false
      const workers = moves ? layouts[at % layouts.length]! : ([2, 2] as const)
      const { checkpoints } = await crashAt({ load: load(), batchRows: rows, workers, at }).catch(error => {
        throw new Error(`batches of ${rows} rows, ${workers} workers, killed at poll ${at}: ${error}`, { cause: error })
      })
      killed++
      if (checkpoints > 0) restored++
    }
  }
  expect(killed).toBeGreaterThan(10)
  expect(restored).toBeGreaterThan(killed / 8)
})
