/** What a job tells about itself: the figures of its operators and of the whole. */
import { aggregateNode, eventTimeNode, functionNode, type PlanNode, sideNode } from '@millrace/plan'
import { byK, counter, place, read, recorder, simulated, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import type { JobEvent } from '../events.ts'
import { execute } from '../execute.ts'

type Metrics = Extract<JobEvent, { kind: 'metrics' }>

/** Times 0 to 89, and then 5 again, which is late where windows are of 10 ms. */
function timed(): PlanNode {
  const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 10 }
  const time = ({ t }: { t: number }) => (t < 90 ? t : 5)
  return eventTimeNode({ input: read(counter(91)), time, strategy, ...place })
}

function windowed(input: PlanNode): PlanNode {
  const window = { kind: 'tumbling', sizeMs: 10, slideMs: 10, offsetMs: 0 } as const
  const aggregates = [{ name: 'n', aggregate: 'count', argument: null }] as const
  return aggregateNode({ input, key: byK, window, aggregates, site: { file: 'job.ts', line: 8, column: 1 }, name: 'w' })
}

async function metricsOf(...plans: readonly PlanNode[]) {
  const events: JobEvent[] = []
  const options = { ...simulated(1, 10), metricsMs: 50, onEvent: (e: JobEvent) => events.push(e) }
  const began = options.host.now()
  const summary = await execute(
    plans.map(plan => write(plan, recorder(20))),
    options,
  ).finished
  return {
    events,
    summary,
    metrics: events.filter((e): e is Metrics => e.kind === 'metrics'),
    began,
    host: options.host,
  }
}

test('of each operator: what came in and went out, and what it counted', async () => {
  const windows = windowed(timed())
  const { metrics, events } = await metricsOf(windows, sideNode({ input: windows, side: 'late', ...place }))
  const last = metrics.at(-1)!
  const figures = last.operators.map(({ label, rowsIn, rowsOut, counters }) => [label, rowsIn, rowsOut, counters])
  expect(figures).toEqual([
    ['counter', 0, 91, {}],
    ['eventTime', 91, 91, {}],
    ['watermarks', 91, 91, {}],
    ['w', 91, 27 + 1, { late: 1 }],
    ['recorder', 27, 27, {}],
    ['recorder', 1, 1, {}],
  ])
  expect(last.operators.map(o => o.id)).toEqual([0, 1, 2, 3, 4, 5])
  expect(last.operators[3]!.site).toEqual({ file: 'job.ts', line: 8, column: 1 })
  expect(last.operators.every(o => o.queued === 0 && o.busyMs >= 0)).toBe(true)
  expect(last.operators[3]!.busyMs).toBeGreaterThan(0)
  expect(events[0]).toMatchObject({ kind: 'started', operators: figures.map(([label]) => label) })
})

test('of the whole: read, written, late, and the least watermark', async () => {
  const { metrics, summary } = await metricsOf(windowed(timed()))
  expect(summary).toMatchObject({ rowsRead: 91, rowsWritten: 27, late: 1, skipped: 0 })
  expect(summary.watermark).toBe(Number.POSITIVE_INFINITY)
  const { operators, summary: early } = metrics.find(m => m.summary.watermark > Number.NEGATIVE_INFINITY)!
  const known = operators.map(o => o.watermark).filter(w => w > Number.NEGATIVE_INFINITY)
  expect(early.watermark).toBe(Math.min(...known))
  expect(metrics.every(m => m.summary.rowsRead <= 91 && m.summary.rowsWritten <= 27)).toBe(true)
})

test('without event time there is no watermark until the end', async () => {
  const plain = functionNode({ kind: 'map', input: read(counter(500)), fn: (row: unknown) => row, ...place })
  const { metrics } = await metricsOf(plain)
  expect(metrics.length).toBeGreaterThan(3)
  expect(metrics[0]!.summary.watermark).toBe(Number.NEGATIVE_INFINITY)
})

test('come at the pace asked for, then once more, and no more when it is over', async () => {
  const { metrics, events, summary, began, host } = await metricsOf(read(counter(500)))
  const times = metrics.map(m => m.atMs - began)
  for (let i = 1; i < times.length - 1; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(50)
  expect(times.length).toBeGreaterThan(10)
  expect(times.length).toBeLessThanOrEqual(summary.elapsedMs / 50 + 2)
  expect(events.slice(-2).map(e => e.kind)).toEqual(['metrics', 'finished'])
  expect(summary.elapsedMs).toBeGreaterThanOrEqual(50 * 20) // 50 batches, each 20 ms in the sink
  expect(summary.elapsedMs).toBeLessThanOrEqual(host.now() - began + 1)
  const told = events.length
  host.advance(1000)
  expect(events.length).toBe(told)
})

test('of the worker: what it waited for, a sink or the input', async () => {
  const slowSink = await metricsOf(read(counter(500)))
  const waits = counter(3)
  const open = waits.open
  waits.open = (split, context) => {
    const reader = open(split, context)
    let asked = false
    const poll: typeof reader.poll = maxRows => {
      asked = !asked
      if (!asked) return reader.poll(Math.min(maxRows, 1))
      context.host.timer(context.host.now() + 300, context.wake)
      return 'wait'
    }
    return { ...reader, poll }
  }
  const slowSource = await metricsOf(read(waits))
  const [full, starved] = [slowSink, slowSource].map(({ metrics }) => metrics.at(-1)!.workers[0]!)
  expect(full!.backpressuredMs).toBeGreaterThan(15 * 20) // once the source has ended, waiting is idleness
  expect(full!.backpressuredMs).toBeGreaterThan(full!.idleMs)
  expect(starved!.idleMs).toBeGreaterThanOrEqual(3 * 300)
  expect(starved!.backpressuredMs).toBe(0)
  for (const [worker, { summary }] of [
    [full!, slowSink],
    [starved!, slowSource],
  ] as const) {
    const spent = worker.busyMs + worker.idleMs + worker.backpressuredMs
    expect(worker.busyMs).toBeGreaterThan(0)
    expect(Math.abs(spent - summary.elapsedMs)).toBeLessThan(50)
  }
})

test('of memory: what waits before operators', async () => {
  const { metrics } = await metricsOf(read(counter(500)))
  const bytes = metrics.map(m => m.memory.queued)
  // Sixteen batches of ten rows of twelve bytes.
  expect(Math.max(...bytes)).toBeGreaterThanOrEqual(16 * 10 * 12)
  expect(Math.max(...bytes)).toBeLessThan(16 * 10 * 12 * 4)
  expect(bytes.at(-1)).toBe(0)
  expect(metrics.every(m => m.memory.channels === 0 && m.memory.waiting === 0)).toBe(true)
})
