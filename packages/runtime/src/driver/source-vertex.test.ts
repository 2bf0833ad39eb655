/** Sources in a job: how their readers are opened, polled and let go, and where their errors say they come from. */
import { access } from 'node:fs/promises'
import { type CallSite, eventTimeNode, MillraceError, sideNode, sourceNode } from '@millrace/plan'
import { counter, place, read, recorder, simulated, write } from '@millrace/testing/jobs'
import { describe, expect, test } from 'vitest'
import type { JobEvent } from '../events.ts'
import { execute } from '../execute.ts'
import type { ExecuteOptions } from '../execute-options.ts'
import { SimulatedHost } from '../host/simulated.ts'
import type { WriterContext } from '../sink.ts'
import type { ReaderContext, Source, SplitReader } from '../source.ts'
import { SourceVertex } from './source-vertex.ts'

const site: CallSite = { file: 'job.ts', line: 4, column: 2 }

/** `splits` of `rows` rows each, with readers changed by `change`. */
function split(splits: number, rows: number, change: Partial<SplitReader> = {}, more: Partial<Source> = {}): Source {
  return {
    ...counter(rows),
    splits: async () => Array.from({ length: splits }, (_, i) => ({ id: `part ${i}` })),
    open: (part, context) => ({ ...counter(rows).open(part, context), ...change }),
    ...more,
  }
}

async function run(source: Source, options: Partial<ExecuteOptions> = {}) {
  const events: JobEvent[] = []
  const sink = recorder()
  const node = sourceNode({ source, site, name: undefined })
  const job = execute([write(node, sink)], { ...simulated(), onEvent: e => events.push(e), ...options })
  const summary = await job.finished
  return { events, sink, summary }
}

describe('a reader that fails to close', () => {
  const failing = { close: () => Promise.reject(new Error('stale handle')) }

  test('changes no result, and is reported with its split', async () => {
    const { events, sink } = await run(split(2, 5, failing))
    expect(sink.rows.length).toBe(10)
    expect(sink.calls).toEqual(['prepare', 'commit', 'close'])
    expect(events.filter(e => e.kind === 'notClosed')).toEqual([
      { kind: 'notClosed', source: 'counter', split: 'part 0', message: 'stale handle' },
      { kind: 'notClosed', source: 'counter', split: 'part 1', message: 'stale handle' },
    ])
    expect(events.at(-1)!.kind).toBe('finished')
  })

  test('at once, with something that is no error, is reported too', async () => {
    const throwing = {
      close: () => {
        throw 'closed twice'
      },
    }
    const { events } = await run(split(1, 5, throwing))
    expect(events).toContainEqual({ kind: 'notClosed', source: 'counter', split: 'part 0', message: 'closed twice' })
  })

  test('after another failure leaves that as the failure', async () => {
    const poll = (): never => {
      throw new Error('torn page')
    }
    const events: JobEvent[] = []
    const failed = run(split(1, 5, { ...failing, poll }), { onEvent: e => events.push(e) })
    await expect(failed).rejects.toThrow('torn page')
    expect(events.map(e => e.kind)).toEqual(['started', 'notClosed', 'failed'])
  })
})

describe('errors of a source know the operator and the call site', () => {
  const missing = (): never => {
    throw new MillraceError('FILE_NOT_FOUND', 'missing file: a.csv', { hint: 'look elsewhere' })
  }
  const located = { code: 'FILE_NOT_FOUND', hint: 'look elsewhere', details: { site, operator: 'counter' } }

  test('when its splits are listed', async () => {
    await expect(run(split(1, 5, {}, { splits: async () => missing() }))).rejects.toMatchObject(located)
  })
  test('when a split is opened', async () => {
    await expect(run(split(1, 5, {}, { open: missing }))).rejects.toMatchObject(located)
  })
  test('when it is read', async () => {
    await expect(run(split(1, 5, { poll: missing }))).rejects.toMatchObject(located)
  })
  test('and those of another class are its cause', async () => {
    const own = new TypeError('bad driver')
    const open = (): never => {
      throw own
    }
    const named = { code: 'USER_FUNCTION', message: 'bad driver', details: { site, operator: 'counter' } }
    const failed = run(split(1, 5, {}, { open }))
    await expect(failed).rejects.toMatchObject(named)
    await expect(failed).rejects.toHaveProperty('cause', own)
  })
  test('and those of the system are of input and output', async () => {
    const splits = () => access('/absent/a.csv').then(() => [])
    await expect(run(split(1, 5, {}, { splits }))).rejects.toMatchObject({ code: 'IO', details: { site } })
  })
})

describe('splits', () => {
  /** Notes which splits are open whenever one is polled. */
  function watched(splits: number, concurrentSplits: number | undefined) {
    const open = new Set<string>()
    const seen: string[] = []
    const source: Source = {
      ...split(splits, 20),
      ...(concurrentSplits === undefined ? {} : { concurrentSplits }),
      open: (part, context) => {
        open.add(part.id)
        const reader = counter(20).open(part, context)
        return {
          ...reader,
          poll: maxRows => {
            seen.push(`${part.id.slice(5)} of ${open.size}`)
            return reader.poll(maxRows)
          },
          close: () => void open.delete(part.id),
        }
      },
    }
    return { source, seen, open }
  }

  test('are read one after another, in order, unless more are wanted', async () => {
    const { source, seen, open } = watched(3, undefined)
    const { sink } = await run(source)
    expect(sink.rows.length).toBe(60)
    expect(seen).toEqual(['0', '1', '2'].flatMap(id => Array.from({ length: 4 }, () => `${id} of 1`)))
    expect(open.size).toBe(0)
  })

  test('are read so many at a time, the next as soon as one has ended', async () => {
    const { source, seen } = watched(4, 2)
    await run(source)
    expect(seen.filter(s => s.endsWith('of 2')).length).toBeGreaterThan(8)
    expect(seen.some(s => s.endsWith('of 3'))).toBe(false)
    expect(seen.slice(0, 4).every(s => s < '2')).toBe(true)
    expect(new Set(seen.map(s => s[0]))).toEqual(new Set(['0', '1', '2', '3']))
  })

  test('that were begun on other workers are opened at once, with those that come before one of them', () => {
    const { source, open } = watched(5, 1)
    const host = new SimulatedHost(1)
    const node = sourceNode({ source, site, name: undefined })
    const surroundings = { stalled: () => {}, blocked: () => {} }
    for (const moved of [true, false]) {
      open.clear()
      const vertex = new SourceVertex(0, node, host, () => {}, surroundings)
      vertex.outputs.push([], [])
      const begun = [0, undefined, 3, undefined, undefined]
      vertex.assign(begun.map((offset, number) => ({ id: `part ${number}`, number, offset })))
      const record = { finished: false, watermark: '-Infinity', driver: { idle: false, ports: [] } }
      vertex.restore({ record, states: new Map(), moved, formerly: 2 })
      vertex.step(5)
      expect([...open]).toEqual(moved ? ['part 0', 'part 1', 'part 2'] : ['part 0'])
    }
  })

  test('none at all is an empty input', async () => {
    const { sink } = await run(split(0, 5))
    expect(sink.calls).toEqual(['prepare', 'commit', 'close'])
    expect(sink.rows).toEqual([])
  })

  test('a reader that waits is polled again when it wakes, be it within the poll, and not before', async () => {
    const polls: string[] = []
    const open = (_: unknown, { host, wake }: ReaderContext): SplitReader => {
      const answers = ['later', 'now', 'end']
      return {
        poll: () => {
          const answer = answers.shift()!
          polls.push(answer)
          if (answer === 'end') return 'end'
          if (answer === 'now') wake()
          else host.timer(host.now() + 1000, wake)
          return 'wait'
        },
        offset: () => 0,
        close: () => {},
      }
    }
    const options = simulated()
    const begin = options.host.now()
    await run(split(1, 0, {}, { open }), options)
    expect(polls).toEqual(['later', 'now', 'end'])
    expect(options.host.now() - begin).toBeGreaterThanOrEqual(1000)
  })
})

describe('a source that has given every row it has for now', () => {
  /** Three rows, a pause, three rows; what its watermarks were when it was polled for the last three. */
  async function watermarksIn(bounded: boolean): Promise<readonly number[]> {
    const seen: number[] = []
    let beforeLast: readonly number[] = []
    const source = split(
      1,
      6,
      {},
      {
        bounded,
        open: (part, context) => {
          const reader = counter(6).open(part, context)
          let polls = 0
          const poll = (): ReturnType<SplitReader['poll']> => {
            polls++
            if (polls === 2) context.host.timer(context.host.now() + 1000, context.wake)
            if (polls === 2) return 'wait'
            if (polls === 3) beforeLast = [...seen]
            return reader.poll(3)
          }
          return { ...reader, poll }
        },
      },
    )
    const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 100 }
    const input = eventTimeNode({ input: read(source), time: ({ t }: { t: number }) => t, strategy, ...place })
    const sink = recorder()
    const noting = {
      ...sink,
      open: async (context: WriterContext) => ({
        ...(await sink.open(context)),
        ready: true,
        watermark: (time: number) => void seen.push(time),
      }),
    }
    await execute([write(input, noting)], simulated()).finished
    expect(sink.rows.length).toBe(6)
    return beforeLast
  }

  test('moves time on if it is live', async () => {
    expect(await watermarksIn(false)).toEqual([1])
  })
  test('moves nothing if it ends anyway: then the rows alone decide', async () => {
    expect(await watermarksIn(true)).toEqual([])
  })
})

test('a source is asked for the splits of one worker', async () => {
  const asked: unknown[] = []
  const source = split(1, 5)
  const options = simulated()
  await run(
    {
      ...source,
      splits: context => {
        asked.push(context)
        return source.splits(context)
      },
    },
    options,
  )
  expect(asked).toEqual([{ host: options.host, parallelism: 1 }])
})

describe('rows that cannot be read', () => {
  const bad = (onError?: Source['onError']): Source =>
    split(
      1,
      5,
      {},
      {
        ...(onError === undefined ? {} : { onError }),
        open: (part, context) => {
          const reader = counter(5).open(part, context)
          return {
            ...reader,
            poll: maxRows => {
              const polled = reader.poll(maxRows)
              if (polled !== 'end') context.reject({ at: 'a.csv:3', message: 'invalid number: x', text: 'x,y' })
              return polled
            },
          }
        },
      },
    )

  test('fail the job by default, with their place', async () => {
    await expect(run(bad())).rejects.toMatchObject({
      code: 'INVALID_ROW',
      message: 'invalid number: x',
      details: { at: 'a.csv:3', site, operator: 'counter' },
    })
  })

  test('are counted and told where they are skipped', async () => {
    const { events, summary, sink } = await run(bad('skip'))
    expect(sink.rows.length).toBe(5)
    expect(summary.skipped).toBe(1)
    expect(events).toContainEqual({ kind: 'rejected', at: 'a.csv:3', message: 'invalid number: x' })
  })

  test('are a collection where they go to a side output', async () => {
    const input = read(bad('sideOutput'))
    const rejected = recorder()
    await execute(
      [write(input, recorder()), write(sideNode({ input, side: 'rejected', ...place }), rejected)],
      simulated(),
    ).finished
    expect(rejected.rows).toEqual([[{ at: 'a.csv:3', message: 'invalid number: x', text: 'x,y' }, 1]])
  })
})
