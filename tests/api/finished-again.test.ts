/** A job that has finished with its checkpoint folder, run again: it says what it said, and makes nothing anew. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { count, environment, sum } from '@millrace/api'
import { fromRows, memorySink } from '@millrace/connectors'
import { afterEach, beforeEach, expect, it } from 'vitest'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const rows = [{ n: 1 }, { n: 2 }, { n: 4 }]

it('what an aggregate of all rows says at the end it does not say again, of no rows', async () => {
  const run = () =>
    environment({ checkpoints: { dir } })
      .dataset(fromRows(rows))
      .map(row => row)
      .aggregate({ rows: count(), total: sum('n') })
      .map(row => row)
      .collect()
  expect(await run()).toEqual([{ rows: 3, total: 7 }])
  expect(await run()).toEqual([{ rows: 3, total: 7 }])
})

it('nor what a sort of a stream that ended holds', async () => {
  const run = async () => {
    const sink = memorySink<{ n: number }>()
    await environment({ checkpoints: { dir } }).dataset(fromRows(rows)).sortBy('n').first(2).to(sink).run()
    return sink.rows()
  }
  expect(await run()).toEqual(rows.slice(0, 2))
  expect(await run()).toEqual(rows.slice(0, 2))
})
