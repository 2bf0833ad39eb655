import { counter, place, read, recorder, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import type { JobEvent, OperatorMetrics } from '../events.ts'
import { SimulatedHost } from '../host/simulated.ts'
import { JobMetrics } from './job-metrics.ts'
import { planNodes } from './planned.ts'
import type { SiteMetrics } from './protocol.ts'

const nodes = planNodes([write(read(counter(1)), recorder())], {})
const operator = (id: number, figures: Partial<OperatorMetrics>): OperatorMetrics => ({
  id,
  label: `${id}`,
  ...place,
  rowsIn: 0,
  rowsOut: 0,
  busyMs: 0,
  queued: 0,
  watermark: Number.NEGATIVE_INFINITY,
  counters: {},
  ...figures,
})
const site = (busyMs: number, ...operators: OperatorMetrics[]): SiteMetrics => ({
  operators,
  busyMs,
  idleMs: 1,
  backpressuredMs: 2,
  memory: { waiting: 3, kept: 0, queued: 4 },
})

test('figures of an operator are those of its subtasks together; time stands where the slowest is', () => {
  const metrics = new JobMetrics(nodes, new SimulatedHost(1), 100)
  metrics.take(0, site(10, operator(0, { rowsOut: 5, watermark: 7, counters: { skipped: 1 } })))
  metrics.take(1, site(20, operator(0, { rowsOut: 6, watermark: 9, counters: { skipped: 2, late: 1 } })))
  metrics.take(2, site(0, operator(1, { rowsIn: 11, queued: 2 })))
  const events: JobEvent[] = []
  metrics.report(event => events.push(event))
  expect(events).toMatchObject([
    {
      operators: [
        { id: 0, rowsOut: 11, watermark: 7, counters: { skipped: 3, late: 1 } },
        { id: 1, rowsIn: 11, queued: 2 },
      ],
      workers: [{ busyMs: 10, idleMs: 1, backpressuredMs: 2 }, { busyMs: 20 }, { busyMs: 0 }],
      memory: { channels: 100, waiting: 9, kept: 0, queued: 12 },
      summary: { rowsRead: 11, rowsWritten: 11, late: 1, skipped: 3, watermark: 7 },
    },
  ])
})

test('the latest figures of a site count, and sites that have told none do not', () => {
  const metrics = new JobMetrics(nodes, new SimulatedHost(1), 0)
  expect(metrics.summary()).toMatchObject({ rowsRead: 0, watermark: Number.NEGATIVE_INFINITY })
  metrics.take(1, site(0, operator(0, { rowsOut: 5 })))
  metrics.take(1, site(0, operator(0, { rowsOut: 8 })))
  expect(metrics.summary().rowsRead).toBe(8)
})
