/** The scheduler: backpressure, stopping, giving up, epochs, ends; on the simulated Host unless time matters. */
import { BatchBuilder } from '@millrace/algebra'
import {
  aggregateNode,
  column,
  eventTimeNode,
  functionNode,
  joinNode,
  type PlanNode,
  sortNode,
  unionNode,
} from '@millrace/plan'
import { byK, counter, counterSchema, place, read, recorder, simulated, write } from '@millrace/testing/jobs'
import { describe, expect, test } from 'vitest'
import type { JobEvent } from '../events.ts'
import { execute } from '../execute.ts'
import type { Sink } from '../sink.ts'
import type { Source } from '../source.ts'
import { CHANNEL_BATCHES } from './input-port.ts'

const counted = (input: PlanNode) =>
  aggregateNode({
    input,
    key: byK,
    window: null,
    aggregates: [{ name: 'n', aggregate: 'count', argument: null }],
    ...place,
  })

const semi = (left: PlanNode, right: PlanNode) =>
  joinNode({ left, right, leftKey: byK, rightKey: byK, how: 'semi', ...place })

/** The sum of a changelog. */
function integral(rows: readonly unknown[]): Record<string, number> {
  const weights: Record<string, number> = {}
  for (const [row, weight] of rows as [object, number][]) {
    const name = JSON.stringify(row)
    weights[name] = (weights[name] ?? 0) + weight
    if (weights[name] === 0) delete weights[name]
  }
  return weights
}

describe('backpressure', () => {
  test('a slow sink slows its source', async () => {
    const source = counter(5000)
    const sink = recorder(10)
    let ahead = 0
    const watch = functionNode({
      kind: 'map',
      input: read(source),
      fn: (row: unknown) => {
        ahead = Math.max(ahead, source.polled - sink.rows.length)
        return row
      },
      ...place,
    })
    await execute([write(watch, sink)], simulated()).finished
    expect(sink.rows.length).toBe(5000)
    expect(ahead).toBeLessThanOrEqual((CHANNEL_BATCHES + 2) * 7)
  })

  test('one slow sink holds back the source it shares, not another', async () => {
    const shared = counter(500)
    const slow = recorder(10)
    const fast = recorder()
    await execute([write(read(shared), slow), write(read(counter(500)), fast)], simulated()).finished
    expect([slow.rows.length, fast.rows.length]).toEqual([500, 500])
  })

  test('a step that waits for room lets timers and signals have their turn', async () => {
    const sink = recorder(1)
    const by = [{ expression: column(counterSchema, 't'), descending: true }]
    await execute([write(sortNode({ input: read(counter(30_000)), by, ...place }), sink)]).finished
    expect(sink.rows.length).toBe(30_000)
  })

  test('many result rows wait for the sink, and come whole', async () => {
    const sink = recorder(1)
    const total = counted(read(counter(5000, 3000)))
    await execute([write(total, sink)], simulated()).finished
    expect(sink.rows.length).toBe(3000)
  })
})

describe('the end', () => {
  test('commits once, and lets go of everything', async () => {
    const source = counter(10)
    const sink = recorder()
    const events: JobEvent[] = []
    const summary = await execute([write(read(source), sink)], { ...simulated(), onEvent: e => events.push(e) })
      .finished
    expect(sink.calls).toEqual(['prepare', 'commit', 'close'])
    expect(source.closed).toBe(1)
    expect(summary).toMatchObject({ rowsRead: 10, rowsWritten: 10, late: 0, skipped: 0 })
    expect(events.map(e => e.kind)).toEqual(['started', 'committed', 'metrics', 'finished'])
  })

  test('of a failed job commits nothing and says where it failed', async () => {
    const source = counter(100)
    const sinks = [recorder(), recorder()]
    const shared = read(source)
    const failing = functionNode({
      kind: 'map',
      input: shared,
      fn: ({ k }: { k: number }) => {
        if (k === 2) throw new RangeError('no twos')
        return k
      },
      site: { file: 'job.ts', line: 7, column: 3 },
      name: undefined,
    })
    const job = execute([write(failing, sinks[0]!), write(shared, sinks[1]!)], simulated())
    await expect(job.finished).rejects.toMatchObject({
      code: 'USER_FUNCTION',
      message: 'no twos',
      details: { site: { line: 7 }, operator: 'map' },
    })
    expect(sinks.map(s => s.calls)).toEqual([['abort'], ['abort']])
    expect(source.closed).toBe(1)
  })

  test('of a job with a value that does not fit says where', async () => {
    const words = functionNode({ kind: 'map', input: read(counter(5)), fn: () => ({ k: 1, n: 'one' }), ...place })
    const sum = aggregateNode({
      input: words,
      key: byK,
      window: null,
      aggregates: [{ name: 'n', aggregate: 'sum', argument: column(words.schema, 'n') }],
      site: { file: 'job.ts', line: 9, column: 3 },
      name: undefined,
    })
    await expect(execute([write(sum, recorder())], simulated()).finished).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      message: 'invalid number: "one"',
      details: { site: { line: 9 } },
    })
  })

  test('of a cancelled job rejects with the reason, and waits for the clean-up', async () => {
    const source = counter(undefined)
    const sink = recorder()
    const job = execute([write(read(source), sink)], { batchRows: 7 })
    const finished = expect(job.finished).rejects.toThrow('enough')
    await new Promise(resolve => setImmediate(resolve))
    await job.cancel(new Error('enough'))
    expect(sink.calls).toEqual(['abort'])
    expect(source.closed).toBe(1)
    await finished
  })

  test('of a stopped job commits what an endless source gave', async () => {
    const source = counter(undefined)
    const sink = recorder()
    const job = execute([write(read(source), sink)], { batchRows: 7 })
    await new Promise(resolve => setTimeout(resolve, 20))
    job.stop()
    const { rowsRead } = await job.finished
    expect(sink.calls).toEqual(['prepare', 'commit', 'close'])
    expect(sink.rows.length).toBe(rowsRead)
  })

  test('of a stopped job holds all that was counted', async () => {
    const sink = recorder()
    const job = execute([write(counted(read(counter(undefined))), sink)], { batchRows: 7 })
    await new Promise(resolve => setTimeout(resolve, 20))
    job.stop()
    const { rowsRead } = await job.finished
    const total = Object.keys(integral(sink.rows)).reduce((sum, row) => sum + JSON.parse(row).n, 0)
    expect(total).toBe(rowsRead)
  })

  test('of a job stopped while a join still reads its build side comes, too', async () => {
    const build = { ...counter(1), open: () => ({ poll: () => 'wait' as const, offset: () => 0, close: () => {} }) }
    const join = semi(read(counter(undefined)), read(build))
    const job = execute([write(join, recorder())], { batchRows: 7 })
    await new Promise(resolve => setTimeout(resolve, 20))
    job.stop()
    await job.finished
  })

  test('of a job cancelled while it opens comes at once', async () => {
    const source = { ...counter(5), splits: () => new Promise<never>(() => {}) }
    const job = execute([write(read(source), recorder())])
    const finished = expect(job.finished).rejects.toThrow('enough')
    await job.cancel(new Error('enough'))
    await finished
  })

  test('is refused where two sinks would write the same', () => {
    const sink = { ...recorder(), exclusive: '/out/same.csv' }
    const shared = read(counter(5))
    expect(() => execute([write(shared, sink), write(shared, { ...sink })], simulated())).toThrow(
      'invalid sinks: two write /out/same.csv',
    )
  })

  test('commits no sink if one cannot prepare', async () => {
    const [first, second] = [recorder(), recorder()]
    const failing: Sink = {
      ...second,
      open: async context => ({
        ...(await second.open(context)),
        ready: true,
        prepareCommit: async () => {
          throw new Error('disk full')
        },
      }),
    }
    const shared = read(counter(5))
    await expect(execute([write(shared, first), write(shared, failing)], simulated()).finished).rejects.toThrow(
      'disk full',
    )
    expect(first.calls).toEqual(['prepare', 'abort'])
  })

  test('of a stopped job keeps no bounded result that is not whole', async () => {
    const total = recorder()
    const job = execute([write(counted(read(counter(1e7))), total)], { batchRows: 7 })
    await new Promise(resolve => setTimeout(resolve, 20))
    job.stop()
    await job.finished
    expect(total.calls).toEqual(['abort'])
  })
})

describe('joins', () => {
  test('of a collection with itself end', async () => {
    const shared = read(counter(200))
    const columns = { leftKey: byK, rightKey: byK, how: 'semi' } as const
    const sink = recorder()
    await execute([write(joinNode({ left: shared, right: shared, ...columns, ...place }), sink)], simulated()).finished
    expect(sink.rows.length).toBe(200)
  })

  test('that wait for each other end', async () => {
    const [a, b] = [read(counter(500)), read(counter(500))]
    const [x, y] = [recorder(), recorder()]
    await execute([write(semi(a, b), x), write(semi(b, a), y)], simulated()).finished
    expect([x.rows.length, y.rows.length]).toEqual([500, 500])
  })

  test('whose build side waits for an epoch of what they feed end', async () => {
    const a = read(counter(500))
    const joined = semi(read({ ...counter(500), bounded: false }), a)
    const sink = recorder()
    await execute([write(counted(unionNode({ inputs: [a, joined], ...place })), sink)], simulated(1, 1)).finished
    expect(Object.keys(integral(sink.rows)).reduce((sum, row) => sum + JSON.parse(row).n, 0)).toBe(1000)
  })

  test('read the build side first, however long it takes', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const sink = recorder()
      const join = joinNode({
        left: read(counter(2000, 5)),
        right: read(counter(300, 4)),
        leftKey: byK,
        rightKey: byK,
        how: 'anti',
        ...place,
      })
      await execute([write(join, sink)], simulated(seed)).finished
      expect(sink.rows.length).toBe(400)
    }
  })
})

describe('epochs', () => {
  test('a running count sums up to the count', async () => {
    const sink = recorder()
    await execute([write(counted(read({ ...counter(1000), bounded: false })), sink)], simulated()).finished
    expect(integral(sink.rows)).toEqual({ '{"k":0,"n":334}': 1, '{"k":1,"n":333}': 1, '{"k":2,"n":333}': 1 })
    expect(sink.rows.length).toBeGreaterThan(3) // changes came before the end
  })

  test('end together on the inputs of a union', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const source = read({ ...counter(500), bounded: false })
      const twice = unionNode({ inputs: [counted(source), counted(source)], ...place })
      const sink = recorder()
      await execute([write(twice, sink)], simulated(seed)).finished
      expect(Object.values(integral(sink.rows))).toEqual([2, 2, 2])
    }
  })
})

describe('alignment', () => {
  const timing = (alignMs: number) => ({
    time: (row: { t: number }) => row.t,
    strategy: { disorderMs: 0, idleMs: undefined, alignMs, everyRows: 7 },
  })
  const timed = (source: Source, alignMs: number) =>
    eventTimeNode({ input: read(source), ...timing(alignMs), ...place })

  test('a stream ahead in time waits for the other', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const [fast, slow] = [counter(2000), counter(2000)]
      let apart = 0
      const watched = functionNode({
        kind: 'map',
        input: timed(fast, 50),
        fn: (row: unknown) => {
          apart = Math.max(apart, Math.abs(fast.polled - slow.polled))
          return row
        },
        ...place,
      })
      await execute([write(watched, recorder()), write(timed(slow, 50), recorder())], simulated(seed)).finished
      expect(apart).toBeLessThanOrEqual(50 + 3 * 7)
      expect([fast.polled, slow.polled]).toEqual([2000, 2000])
    }
  })

  test('a source that the slowest stream waits for is not held back', async () => {
    const source = counter(2000)
    const shared = read(source)
    const rare = ({ t }: { t: number }) => t === 0 || t > 1900
    const sparse = functionNode({ kind: 'filter', input: shared, fn: rare, ...place })
    const align = (input: PlanNode) => eventTimeNode({ input, ...timing(50), ...place })
    await execute([write(align(shared), recorder()), write(align(sparse), recorder())], simulated()).finished
    expect(source.polled).toBe(2000)
  })

  test('what has ended is not waited for', async () => {
    const [long, short] = [counter(2000), counter(20)]
    await execute([write(timed(long, 50), recorder()), write(timed(short, 50), recorder())], simulated()).finished
    expect(long.polled).toBe(2000)
  })
})

describe('splits', () => {
  test('that are open and have given no row yet hold the watermark back', async () => {
    const times = [
      [1, 50, 99],
      [2, 60, 98],
    ]
    const source: Source = {
      ...counter(undefined),
      concurrentSplits: 2,
      splits: async () => [{ id: '0' }, { id: '1' }],
      open: ({ id }, { host, wake }) => {
        const left = [...times[Number(id)]!]
        let held = id === '1'
        if (held)
          host.timer(host.now() + 1000, () => {
            held = false
            wake()
          })
        return {
          poll() {
            if (held) return 'wait'
            const t = left.shift()
            if (t === undefined) return 'end'
            const builder = new BatchBuilder(counterSchema)
            builder.append({ k: 0, t })
            return builder.build()
          },
          offset: () => 0,
          close: () => {},
        }
      },
    }
    const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 1 }
    const input = eventTimeNode({ input: read(source), time: (row: { t: number }) => row.t, strategy, ...place })
    const window = { kind: 'tumbling', sizeMs: 10, slideMs: 10, offsetMs: 0 } as const
    const aggregates = [{ name: 'n', aggregate: 'count', argument: null }] as const
    const perWindow = aggregateNode({ input, key: byK, window, aggregates, ...place })
    const { late } = await execute([write(perWindow, recorder())], simulated()).finished
    expect(late).toBe(0)
  })
})

test('the same seed gives the same run', async () => {
  const trace = async (seed: number): Promise<string> => {
    const sink = recorder(3)
    const timed = (rows: number) =>
      eventTimeNode({
        input: read({ ...counter(rows), bounded: false }),
        time: (row: { t: number }) => row.t,
        strategy: { disorderMs: 5, idleMs: undefined, everyRows: 4 },
        ...place,
      })
    const both = unionNode({ inputs: [timed(300), timed(200)], ...place })
    await execute([write(both, sink)], simulated(seed)).finished
    return JSON.stringify(sink.rows)
  }
  const seeds = [1, 2, 3, 4, 5]
  const first = await Promise.all(seeds.map(trace))
  expect(await Promise.all(seeds.map(trace))).toEqual(first)
  expect(new Set(first).size).toBeGreaterThan(1)
})
