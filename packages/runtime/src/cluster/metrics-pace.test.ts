import { expect, test } from 'vitest'
import { MetricsPace } from './metrics-pace.ts'
import type { SiteMetrics } from './protocol.ts'

const metrics = (queued: number, idleMs: number): SiteMetrics => ({
  operators: [],
  busyMs: 0,
  idleMs,
  backpressuredMs: 0,
  memory: { waiting: 0, kept: 0, queued },
})

test('what changes is told each time; what stays once more, and then once a second', () => {
  let now = 0
  const pace = new MetricsPace({ now: () => now })
  const at = (time: number, queued: number) => {
    now = time
    return pace.pace(metrics(queued, time))
  }
  expect([at(0, 1), at(200, 2), at(400, 2), at(600, 2), at(1200, 2)]).toEqual([
    'lively',
    'lively',
    'quiet',
    undefined,
    undefined,
  ])
  expect([at(1400, 2), at(1600, 2), at(1800, 3), at(2000, 3)]).toEqual(['quiet', undefined, 'lively', 'quiet'])
})
