/** Jobs: several sinks in one pass, events, cancelling, errors, and any number of runs. */
import { count, environment } from '@millrace/api'
import { blackhole, fromRows, memorySink } from '@millrace/connectors'
import { int32, type JobEvent, type Source } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'

const numbers = (n: number) =>
  fromRows(
    Array.from({ length: n }, (_, i) => ({ n: i })),
    { n: int32 },
  )

/** A source that never ends. */
function endless(): Source<number, false> {
  const ended = fromRows([1, 2, 3])
  return {
    ...ended,
    label: 'endless',
    schema: ended.schema,
    bounded: false,
    prunes: false,
    splits: async () => [{ id: '0' }],
    open: (_, context) => {
      const reader = ended.open({ id: '0' }, context)
      const rest = { ...reader, offset: () => 0, close: () => {} }
      let first = true
      return {
        poll: max => {
          const batch = first ? reader.poll(max) : 'wait'
          first = false
          return batch
        },
        offset: rest.offset,
        close: rest.close,
      }
    },
  }
}

describe('jobs', () => {
  it('with several sinks read their source once', async () => {
    const env = environment()
    const all = env.dataset(numbers(5000))
    const odd = all.where(c => c.n.modulo(2).eq(1))
    const total = memorySink<{ n: number }>()
    const kept = blackhole()
    const summary = await env.run([odd.aggregate({ n: count() }).to(total), odd.to(kept), all.to(blackhole())])
    expect(total.rows()).toEqual([{ n: 2500 }])
    expect(kept.rows).toBe(2500)
    expect(summary.rowsRead).toBe(5000)
    expect(summary.rowsWritten).toBe(7501)
  })
  it('tell what they do', async () => {
    const events: JobEvent[] = []
    const env = environment()
    const summary = await env
      .stream(numbers(10))
      .to(blackhole())
      .run({ onEvent: event => void events.push(event) })
    expect(events.map(e => e.kind)).toEqual(expect.arrayContaining(['started', 'metrics', 'committed', 'finished']))
    expect(events.at(-1)).toMatchObject({ kind: 'finished', summary })
  })
  it('run again, with the same result', async () => {
    const all = environment().dataset(numbers(10))
    expect(await all.collect()).toEqual(await all.collect())
    const rows: unknown[] = []
    for (let i = 0; i < 2; i++) for await (const one of all.first(3)) rows.push(one)
    expect(rows).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }, { n: 0 }, { n: 1 }, { n: 2 }])
  })
  it('stop when their signal is aborted, and commit nothing', async () => {
    const sink = memorySink<number>()
    const stop = new AbortController()
    const running = environment().stream(endless()).to(sink).run({ signal: stop.signal })
    setTimeout(() => stop.abort(new Error('enough')), 5)
    await expect(running).rejects.toThrow('enough')
    expect(sink.rows()).toEqual([])
    const already = environment()
      .stream(endless())
      .to(sink)
      .run({ signal: AbortSignal.abort(new Error('never')) })
    await expect(already).rejects.toThrow('never')
  })
  it('stop when their loop is left', async () => {
    const seen: number[] = []
    for await (const n of environment().stream(endless())) if (seen.push(n) === 3) break
    expect(seen).toEqual([1, 2, 3])
  })
  it('fail with the line of the step whose function fails', async () => {
    const broken = environment()
      .stream(numbers(3))
      .map(({ n }) => {
        if (n === 1) throw new TypeError('not one')
        return n
      })
    const expected = {
      name: 'MillraceError',
      code: 'USER_FUNCTION',
      message: expect.stringContaining('not one'),
      details: { site: { file: 'tests/api/jobs.test.ts' } },
    }
    await expect(broken.collect()).rejects.toMatchObject(expected)
    const loop = async () => {
      for await (const _ of broken);
    }
    await expect(loop()).rejects.toMatchObject(expected)
  })
})
