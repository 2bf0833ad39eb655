/** What joins keep of their left while they read their right, in whole jobs: late rows, room below, no deadlock. */
import {
  aggregateNode,
  column,
  eventTimeNode,
  functionNode,
  joinNode,
  type PlanNode,
  sortNode,
  streamNode,
  unionNode,
} from '@millrace/plan'
import { byK, counter, counterSchema, place, read, recorder, simulated, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import { execute } from '../execute.ts'
import { CHANNEL_BATCHES } from './input-port.ts'

const everyRows = 4
const disorderMs = 20
const sizeMs = 50
/** Every ninth row is far behind, every fifth a little. */
const timeOf = ({ t }: { readonly t: number }): number => t * 10 - (t % 9 === 8 ? 300 : t % 5 === 4 ? 15 : 0)

const timed = (input: PlanNode) =>
  eventTimeNode({ input, time: timeOf, strategy: { disorderMs, idleMs: undefined, everyRows }, ...place })

const semi = (left: PlanNode, right: PlanNode) =>
  joinNode({ left, right, leftKey: byK, rightKey: byK, how: 'semi', ...place })

const perWindow = (input: PlanNode) =>
  aggregateNode({
    input,
    key: byK,
    window: { kind: 'tumbling', sizeMs, slideMs: sizeMs, offsetMs: 0 },
    aggregates: [{ name: 'n', aggregate: 'count', argument: null }],
    ...place,
  })

/** Of the rows 0 to `rows`: those whose window the watermark before them has closed. */
function lateRows(rows: number): number {
  let [late, greatest, watermark] = [0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let t = 0; t < rows; t++) {
    if (t % everyRows === 0) watermark = greatest - disorderMs - 1
    const time = timeOf({ t })
    if ((Math.floor(time / sizeMs) + 1) * sizeMs - 1 <= watermark) late++
    greatest = Math.max(greatest, time)
  }
  return late
}

const total = (rows: readonly unknown[]): number =>
  (rows as [{ n: number }, number][]).reduce((sum, [{ n }, weight]) => sum + n * weight, 0)

test('of a collection joined with itself, the late rows are those by its own watermarks', async () => {
  expect(lateRows(1000)).toBeGreaterThan(100)
  for (let seed = 0; seed < 5; seed++) {
    const rows = timed(read(counter(1000)))
    const sink = recorder()
    const { late } = await execute([write(perWindow(semi(rows, rows)), sink)], simulated(seed)).finished
    expect([late, total(sink.rows)]).toEqual([lateRows(1000), 1000 - lateRows(1000)])
  }
})

test('late rows are the same where part of the left waited and part was taken in', async () => {
  for (let seed = 0; seed < 5; seed++) {
    const [a, b] = [timed(read(counter(700))), timed(read(counter(900)))]
    const sinks = [recorder(), recorder()]
    const joins = [semi(a, b), semi(b, a)]
    const { late } = await execute(
      joins.map((join, i) => write(perWindow(join), sinks[i])),
      simulated(seed),
    ).finished
    const expected = [700, 900].map(n => n - lateRows(n))
    expect([late, ...sinks.map(s => total(s.rows))]).toEqual([lateRows(700) + lateRows(900), ...expected])
  }
})

test('what was kept waits for room below', async () => {
  const rows = timed(read(counter(3000)))
  const sink = recorder(10)
  let [passed, ahead] = [0, 0]
  const watch = functionNode({
    kind: 'map',
    input: semi(rows, rows),
    fn: (row: unknown) => {
      ahead = Math.max(ahead, ++passed - sink.rows.length)
      return row
    },
    ...place,
  })
  await execute([write(watch, sink)], simulated()).finished
  expect(sink.rows.length).toBe(3000)
  expect(ahead).toBeLessThanOrEqual((CHANNEL_BATCHES + 2) * everyRows)
})

test('joins whose sides are sorted, and wait for each other, end', async () => {
  const by = [{ expression: column(counterSchema, 't'), descending: true }]
  const sorted = (rows: number) => sortNode({ input: read(counter(rows)), by, ...place })
  const [a, b] = [sorted(20_000), sorted(20_000)]
  const [x, y] = [recorder(), recorder()]
  await execute([write(semi(a, b), x), write(semi(b, a), y)], simulated(1, 1024)).finished
  expect([x.rows.length, y.rows.length]).toEqual([20_000, 20_000])
})

test('no more is kept than the job has memory for', async () => {
  const site = { file: 'job.ts', line: 5, column: 7 }
  const join = (rows: PlanNode) =>
    joinNode({ left: rows, right: rows, leftKey: byK, rightKey: byK, how: 'semi', name: undefined, site })
  const run = (memory: number, sink = recorder()) =>
    execute([write(join(read(counter(1000))), sink)], { ...simulated(), memory }).finished
  await expect(run(1000)).rejects.toMatchObject({
    code: 'MEMORY_LIMIT',
    message: 'invalid join: keeps more than 1000 bytes of its left',
    details: { operator: 'semi join', site },
  })
  expect((await run(100_000)).rowsWritten).toBe(1000)
})

test('an epoch is not waited for on an input whose end is kept', async () => {
  // The union waits for the end of each epoch from the join too, whose left has ended long before its right.
  const counted = (input: PlanNode) =>
    aggregateNode({
      input,
      key: byK,
      window: null,
      aggregates: [{ name: 'n', aggregate: 'count', argument: null }],
      ...place,
    })
  for (const [left, right] of [
    [100, 90_000],
    [90_000, 90_000],
  ] as const) {
    const rows = read(counter(right))
    const joined = semi(read(counter(left)), rows)
    const both = unionNode({
      inputs: [streamNode({ input: rows, ...place }), streamNode({ input: joined, ...place })],
      ...place,
    })
    const sink = recorder()
    await execute([write(counted(both), sink)], simulated(1, 1024)).finished
    expect(total(sink.rows)).toBe(left + right)
  }
})
