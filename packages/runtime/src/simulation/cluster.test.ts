/** The simulated cluster: it is one job's real parts, decided by its seed alone, and says who waits for what. */
import { aggregateNode, eventTimeNode, joinNode, type PlanNode, type SinkNode } from '@millrace/plan'
import { byK, counter, place, read, recorder, write } from '@millrace/testing/jobs'
import { describe, expect, test } from 'vitest'
import type { Sink, SinkWriter } from '../sink.ts'
import type { Source } from '../source.ts'
import { type SimulationOptions, simulateCluster } from './cluster.ts'

/** Rows of the counter in so many splits. */
function splitCounter(splits: number, rows: number): Source & { readonly closed: number } {
  return Object.assign(counter(rows), {
    splits: async () => Array.from({ length: splits }, (_, i) => ({ id: `${i}` })),
  })
}

function counted(source: Source, sink: Sink): SinkNode {
  const aggregates = [{ name: 'n', aggregate: 'count', argument: null }] as const
  return write(aggregateNode({ input: read(source), key: byK, window: null, aggregates, ...place }), sink)
}

const options = (seed: number, more: Partial<SimulationOptions> = {}): SimulationOptions => ({
  workers: 3,
  seed,
  batchRows: 5,
  ...more,
})

/** A sink with another writer; in the caller's thread. */
function changed(change: Partial<SinkWriter>): Sink {
  const sink = recorder()
  return {
    ...sink,
    place: 'caller',
    open: async context => ({ ...(await sink.open(context)), ready: true, ...change }),
  }
}

test('a job gives its result, and all of it is let go', async () => {
  for (const workers of [1, 2, 3, 4])
    for (let seed = 0; seed < 5; seed++) {
      const source = splitCounter(5, 30)
      const sink = recorder()
      const job = simulateCluster([counted(source, sink)], options(seed, { workers }))
      const { rowsRead } = await job.finished
      expect(rowsRead).toBe(150)
      expect(sink.rows).toHaveLength(3)
      expect(sink.rows).toEqual(expect.arrayContaining([0, 1, 2].map(k => [{ k, n: 50 }, 1])))
      expect(source.closed).toBe(5)
      expect(job.left).toEqual([])
    }
})

test('the same seed gives the same trace, another another', async () => {
  const trace = async (seed: number) => {
    const job = simulateCluster([counted(splitCounter(4, 40), recorder(2))], options(seed))
    await job.finished
    return job.trace
  }
  const first = await trace(7)
  expect(first.length).toBeGreaterThan(50)
  expect(await trace(7)).toEqual(first)
  expect(await trace(8)).not.toEqual(first)
})

test('times of the trace never go back, and messages between two sites keep their order', async () => {
  const job = simulateCluster([counted({ ...splitCounter(4, 40), bounded: false }, recorder(2))], options(3))
  await job.finished
  const times = job.trace.map(entry => entry.atMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  const told = job.trace.filter(({ site, what }) => site === 1 && what.startsWith('is told'))
  expect(told[0]!.what).toBe('is told begin')
  expect(told.at(-1)!.what).toBe('is told leave')
})

describe('what never ends', () => {
  test('is a deadlock, which says the seed and who waits for what', async () => {
    const job = simulateCluster(
      [write(read(splitCounter(3, 2000)), changed({ ready: false }))],
      options(5, { workers: 2 }),
    )
    await expect(job.finished).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(/^deadlock after \d+ events:\nsite 0: asleep, said planned.*\n/),
      hint: 'seed 5',
    })
    await expect(job.finished).rejects.toThrow(/ -> 2 recorder \(\d\.0\): \d+ records not released/)
  })

  test('is none while somebody has a timer to wake up by', async () => {
    const sink = recorder(60_000)
    await simulateCluster([counted(splitCounter(3, 20), sink)], options(6)).finished
    expect(sink.rows.length).toBe(3)
  })
})

test('what fails on a worker fails the job, there too, and is undone everywhere', async () => {
  const failing = changed({
    write: () => {
      throw new TypeError('no room')
    },
  })
  const source = splitCounter(3, 20)
  const sink = recorder()
  const nodes = [counted(source, { ...failing, place: 'workers' }), counted(source, sink)]
  const job = simulateCluster(nodes, options(2))
  await expect(job.finished).rejects.toThrow('no room')
  expect(sink.calls).toEqual(['abort'])
  expect(job.left).toEqual([])
})

test('a job that is given up or stopped comes to an end', async () => {
  for (const how of ['cancel', 'stop'] as const)
    for (let seed = 0; seed < 10; seed++) {
      const source = { ...splitCounter(3, 1e9), bounded: false }
      const sink = recorder()
      const job = simulateCluster([counted(source, sink)], options(seed))
      const reason = new Error('enough')
      job.after(100 * seed, () => (how === 'stop' ? job.stop() : job.cancel(reason)))
      if (how === 'stop') await job.finished
      else await expect(job.finished).rejects.toBe(reason)
      expect(job.left).toEqual([])
    }
})

test('an epoch that is cut while a sink still opens waits for it', async () => {
  for (let seed = 0; seed < 10; seed++) {
    const sink = recorder()
    const slow: Sink = {
      ...sink,
      place: 'workers',
      open: async context => {
        await new Promise<void>(resolve => context.host.timer(context.host.now() + 500 * context.subtask, resolve))
        return sink.open(context)
      },
    }
    const source = { ...splitCounter(3, 40), bounded: false }
    const nodes = [counted(source, recorder()), write(read(source), slow)]
    await simulateCluster(nodes, options(seed)).finished
    expect(sink.rows.length).toBe(120)
  }
})

test('joins that are crosswise do not wait for one another', async () => {
  const join = (left: PlanNode, right: PlanNode): PlanNode =>
    joinNode({ left, right, leftKey: byK, rightKey: byK, how: 'semi', ...place })
  for (const workers of [1, 2, 3]) {
    const [a, b] = [read(counter(1000, 1000)), read(counter(1000, 1000))]
    const [one, other] = [recorder(), recorder()]
    const sinks = [write(join(a, b), one), write(join(b, a), other)]
    await simulateCluster(sinks, options(1, { workers, slots: 2, slotBytes: 256 })).finished
    expect([one.rows.length, other.rows.length]).toEqual([1000, 1000])
  }
})

/** Two live splits: one is slow, the other gives so many batches, 0 or 1, and then nothing any more. */
function fallingIdle(rows: number, batches: number): Source {
  const source = splitCounter(2, rows)
  return {
    ...source,
    bounded: false,
    open: (split, context) => {
      const { host, wake } = context
      const reader = source.open(split, context)
      let polls = 0
      return {
        ...reader,
        poll: maxRows => {
          const polled = polls++ % 2 === 0 && (split.id === '0' || polls === batches) ? reader.poll(maxRows) : 'wait'
          if (polled !== 'wait' && polled !== 'end') return polled
          if (split.id === '0' && polled === 'wait') host.timer(host.now() + 50, wake)
          return 'wait'
        },
      }
    },
  }
}

test.each([0, 1])('a split that falls idle on its worker after %i batches is not waited for', async batches => {
  const strategy = { disorderMs: 0, idleMs: 100, everyRows: 1 }
  const window = { kind: 'tumbling', sizeMs: 10, slideMs: 10, offsetMs: 0 } as const
  const aggregates = [{ name: 'n', aggregate: 'count', argument: null }] as const
  for (let seed = 0; seed < 5; seed++) {
    const time = ({ t }: { t: number }): number => t
    const input = eventTimeNode({ input: read(fallingIdle(300, batches)), time, strategy, ...place })
    const sink = recorder()
    const windows = aggregateNode({ input, key: byK, window, aggregates, ...place })
    const job = simulateCluster([write(windows, sink)], options(seed, { workers: 2 }))
    job.after(60_000, () => job.stop())
    await job.finished
    expect(sink.rows.length).toBeGreaterThan(75)
  }
})
