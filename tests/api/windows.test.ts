/** Windows against plain arithmetic: every row is in its windows, or late; and never both. */
import { avg, count, environment, max, sliding, sum, tumbling } from '@millrace/api'
import { memorySink } from '@millrace/connectors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Flight, flights, groups, setOf, setting, sorted, streamOf } from './flights.ts'

const settings = fc.tuple(flights, setting, fc.constantFrom(100, 1000, 3000), fc.constantFrom(1, 2, 4), fc.nat(99))

/** What every window holds, if nothing is late. */
function naive(rows: readonly Flight[], size: number, slide: number, offset: number) {
  const placed = rows.flatMap(f => {
    const last = Math.floor((f.date - offset) / slide) * slide + offset
    const starts = Array.from({ length: size / slide }, (_, i) => last - i * slide)
    return starts.map(windowStart => ({ windowStart, f }))
  })
  return [...groups(placed, p => JSON.stringify([p.f.origin, p.windowStart])).values()].map(group => ({
    origin: group[0]!.f.origin,
    windowStart: group[0]!.windowStart,
    windowEnd: group[0]!.windowStart + size,
    // Slice by slice, and within one in the order in which they came.
    rows: group.map(p => p.f).sort((a, b) => Math.floor(a.date / slide) - Math.floor(b.date / slide)),
  }))
}

describe('windows', () => {
  it('aggregate the rows that are in them', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async ([rows, how, slide, ratio, offset]) => {
        const env = environment({ batchRows: how.batchRows })
        const window = ratio === 1 ? tumbling(slide, { offset }) : sliding(slide * ratio, slide, { offset })
        const result = streamOf(env, rows, how)
          .eventTime('date', { disorder: 20_000 })
          .keyBy('origin')
          .window(window)
          .aggregate({ n: count(), s: sum('delay'), m: avg('delay'), hi: max('delay') })
        const expected = naive(rows, slide * ratio, slide, offset % slide).map(({ rows, ...window }) => {
          const s = rows.reduce((all, f) => all + f.delay, 0)
          return { ...window, n: rows.length, s, m: s / rows.length, hi: Math.max(...rows.map(f => f.delay)) }
        })
        expect(sorted(await result.collect())).toEqual(sorted(expected))
      }),
      { numRuns: 20 },
    )
  })

  it('reduce and apply see the same rows, and a DataSet gives what a stream gives', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async ([rows, how, slide, ratio]) => {
        const env = environment({ batchRows: how.batchRows })
        const windowed = setOf(env, rows, how)
          .eventTime(f => f.date)
          .keyBy('origin')
          .window(sliding(slide * ratio, slide))
        const expected = naive(rows, slide * ratio, slide, 0)
        const applied = windowed.apply((all, { origin, windowStart, windowEnd }) => [
          { origin, windowStart, windowEnd, rows: all },
        ])
        expect(sorted(await applied.collect())).toEqual(sorted(expected))
        const latest = windowed.reduce((a, b) => (b.date >= a.date ? b : a))
        const naiveLatest = expected.map(({ rows }) => rows.reduce((a, b) => (b.date >= a.date ? b : a)))
        expect(sorted(await latest.collect())).toEqual(sorted(naiveLatest))
      }),
      { numRuns: 20 },
    )
  })

  it('rows that come too late are in the side output, and in no window', async () => {
    const env = environment()
    const row = (date: number): Flight => ({ date, delay: 0, origin: 'SEA', tail: null })
    // The watermark advances after a full batch: what comes behind it is late.
    const early = Array.from({ length: 1024 }, (_, i) => row(i * 10))
    const rows = [...early, row(5), row(10_500), row(7)]
    const counted = streamOf(env, rows, { columnar: true, batchRows: 1024 })
      .eventTime('date', { disorder: 100 })
      .keyBy('origin')
      .window(tumbling(1000))
      .aggregate({ n: count() })
    const windows = memorySink<{ n: number; windowStart: number }>()
    const late = memorySink<Flight>()
    const summary = await env.run([counted.to(windows), counted.side('late').to(late)])
    expect(late.rows().map(f => f.date)).toEqual([5, 7])
    expect(windows.rows().reduce((all, w) => all + w.n, 0)).toBe(rows.length - 2)
    expect(summary.late).toBe(2)
    expect(summary.rowsRead).toBe(rows.length)
  })

  it('results carry time, so that windows can follow windows', async () => {
    const env = environment()
    const rows = Array.from({ length: 100 }, (_, i): Flight => ({ date: i * 100, delay: i, origin: 'SEA', tail: null }))
    const seconds = streamOf(env, rows, { columnar: false, batchRows: 7 })
      .eventTime('date')
      .keyBy('origin')
      .window(tumbling('1s'))
      .aggregate({ n: count() })
    const more = seconds
      .keyBy('origin')
      .window(tumbling('5s'))
      .aggregate({ seconds: count(), n: sum('n') })
    expect(await more.collect()).toEqual([
      { origin: 'SEA', windowStart: 0, windowEnd: 5000, seconds: 5, n: 50 },
      { origin: 'SEA', windowStart: 5000, windowEnd: 10_000, seconds: 5, n: 50 },
    ])
  })
})
