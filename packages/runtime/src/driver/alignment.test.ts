/** Streams that wait for one another by their times, and those that must not. */
import { eventTimeNode, type JoinNode, joinNode, type PlanNode, type SinkNode } from '@millrace/plan'
import { byK, counter, place, read, recorder, simulated, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import { planNodes } from '../cluster/planned.ts'
import type { JobEvent } from '../events.ts'
import { execute } from '../execute.ts'
import { SimulatedHost } from '../host/simulated.ts'
import { instantiate } from '../lower/instantiate.ts'
import { onlySite } from '../lower/site.ts'
import type { Source } from '../source.ts'
import { Job } from './job.ts'

/** Times from `from` on, aligned to within `alignMs`. */
function timed(source: Source, from: number, alignMs: number, idleMs?: number): PlanNode {
  const strategy = { disorderMs: 0, idleMs, alignMs, everyRows: 7 }
  return eventTimeNode({ input: read(source), time: ({ t }: { t: number }) => from + t, strategy, ...place })
}

function join(left: PlanNode, right: PlanNode): JoinNode {
  return joinNode({ left, right, leftKey: byK, rightKey: byK, how: 'semi', ...place })
}

/** A source that gives so many rows and then waits for ever; `given` at its last row. */
function stalling(rows: number): Source & { readonly polled: number } {
  const source = counter(undefined)
  return Object.assign(source, {
    open: (...args: Parameters<typeof source.open>) => {
      const reader = counter(rows).open(...args)
      return { ...reader, poll: (maxRows: number) => poll(reader.poll(maxRows)) }
    },
  })

  function poll<T>(polled: T | 'end'): T | 'wait' {
    return polled === 'end' ? 'wait' : polled
  }
}

test('a build side that is ahead of the rows that wait for it is read on', async () => {
  for (let seed = 0; seed < 5; seed++) {
    const [left, build] = [counter(500), counter(500)]
    const sink = recorder()
    await execute([write(join(timed(left, 0, 50), timed(build, 1e6, 50)), sink)], simulated(seed)).finished
    expect(sink.rows.length).toBe(500)
  }
})

test('rows that are ahead of their build side come when it has ended', async () => {
  for (let seed = 0; seed < 5; seed++) {
    const [left, build] = [counter(500), counter(500)]
    const sink = recorder()
    await execute([write(join(timed(left, 1e6, 50), timed(build, 0, 50)), sink)], simulated(seed)).finished
    expect(sink.rows.length).toBe(500)
  }
})

test('a build side of a build side that is ahead is read on', async () => {
  const [left, middle, right] = [timed(counter(300), 0, 50), timed(counter(300), 1e6, 50), timed(counter(300), 2e6, 50)]
  const sink = recorder()
  await execute([write(join(left, join(middle, right)), sink)], simulated()).finished
  expect(sink.rows.length).toBe(300)
})

/** Runs until nothing moves any more. */
async function exhaust(...sinks: readonly SinkNode[]): Promise<void> {
  const onEvent = (event: JobEvent): void => {
    if (event.kind === 'metrics') job.stop()
  }
  const job = execute(sinks, { ...simulated(), metricsMs: 10_000, onEvent })
  await job.finished
}

test('the wait is as long as was asked, to the millisecond', async () => {
  // The slow stream stands at 5. The fast one, after n batches, at 7n - 2: at 103 it is read on, at 110 not.
  const [fast, slow] = [counter(1000), stalling(7)]
  await exhaust(write(timed(fast, 0, 100), recorder()), write(timed(slow, 0, 100), recorder()))
  expect(fast.polled).toBe(16 * 7)
})

test('a stream at just the distance asked for is read on', async () => {
  const [fast, slow] = [counter(1000), stalling(7)]
  await exhaust(write(timed(fast, 0, 98), recorder()), write(timed(slow, 0, 98), recorder()))
  expect(fast.polled).toBe(16 * 7) // 103 is not beyond 5 + 98
})

test('a stream that has said it is idle is not waited for', async () => {
  const [fast, slow] = [counter(1000), stalling(7)]
  await exhaust(write(timed(fast, 0, 100), recorder()), write(timed(slow, 0, 100, 1000), recorder()))
  expect(fast.polled).toBe(1000)
})

test('other sites are told of the end, though it comes with the last turn of a quantum', async () => {
  let clock = 0
  const host = Object.assign(new SimulatedHost(1), { elapsed: () => (clock += 10) }) // each turn is a quantum
  const told: number[] = []
  const board = { publish: (_: number, time: number) => void told.push(time), slowestElsewhere: () => undefined }
  const site = { ...onlySite(planNodes([write(timed(counter(7), 0, 50), recorder())], {})), board }
  const job = new Job({ host, batchRows: 7, memory: 1e6, wantEpoch: () => {} })
  job.attach(instantiate({ site, host, jobId: 'job', checkpointed: false, surroundings: job, report: () => {} }))
  job.assign(0, [{ id: '0', number: 0 }])
  await job.open()
  await job.work()
  expect(told.slice(-2)).toEqual([5, Number.POSITIVE_INFINITY])
})
