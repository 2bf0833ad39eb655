import { field, Schema } from '@millrace/algebra'
import type { OperatorEvent } from '@millrace/testing/contracts/operator-events'
import { runOperator } from '@millrace/testing/contracts/operator-run'
import { type NaiveOutput, watermarkTwin } from '@millrace/testing/reference/watermark'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { watermarkOperator } from './watermark.ts'

const schema = Schema.record([field('n', 'int32')])
const strategy = (everyRows: number, disorderMs: number, idleMs?: number) => ({ everyRows, disorderMs, idleMs })
const row = (split: number, time: number): OperatorEvent => ({
  kind: 'row',
  input: 0,
  split,
  row: { values: [time], weight: 1, time },
})
const end: OperatorEvent = { kind: 'end', input: 0 }

/** Rows of up to three splits, each of which ends some time. */
const scripts = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 30 })).map(([split, t]) => row(split, t)) },
      {
        weight: 1,
        arbitrary: fc.nat({ max: 2 }).map((split): OperatorEvent => ({ kind: 'splitEnd', input: 0, split })),
      },
    ),
    { maxLength: 60 },
  )
  .map(events => {
    const gone = new Set<number>()
    const alive = events.filter(e => {
      const split = 'split' in e ? e.split : -1
      if (gone.has(split)) return false
      if (e.kind === 'splitEnd') gone.add(split)
      return true
    })
    return [...alive, end]
  })

const cuts = fc.record({ seed: fc.nat(), batchRows: fc.integer({ min: 1, max: 9 }), stopsOneIn: fc.constantFrom(0, 2) })

describe('watermarks', () => {
  test('are those of the rows alone, however they are cut, and after a restart', () => {
    const property = fc.property(
      scripts,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 10 }),
      cuts,
      (events, everyRows, disorderMs, cut) => {
        const spec = () => watermarkOperator({ schema, strategy: strategy(everyRows, disorderMs) })
        const outputs = runOperator(spec, events, { ...cut, throttled: false })
        const actual = outputs.flatMap((o): NaiveOutput[] => {
          if (o.kind === 'row') return [{ kind: 'row', row: o.row }]
          return o.kind === 'watermark' ? [{ kind: 'watermark', time: o.time }] : []
        })
        expect(actual).toEqual(watermarkTwin(events, everyRows, disorderMs))
      },
    )
    fc.assert(property, { numRuns: 300 })
  })

  test('do not wait for a split without rows for the idle time', () => {
    const spec = () => watermarkOperator({ schema, strategy: strategy(1, 0, 100) })
    const events: OperatorEvent[] = [
      row(0, 5),
      row(1, 50),
      { kind: 'clock', byMs: 100 },
      row(1, 60),
      { kind: 'clock', byMs: 100 },
      row(1, 70),
      end,
    ]
    const run = { seed: 1, batchRows: 9, stopsOneIn: 0, throttled: false }
    const times = runOperator(spec, events, run).flatMap(o => (o.kind === 'watermark' ? [o.time] : []))
    expect(times).toEqual([4, 59, 69, Number.POSITIVE_INFINITY])
  })

  test('are not waited for where every split is idle', () => {
    const spec = () => watermarkOperator({ schema, strategy: strategy(1, 0, 100) })
    const events: OperatorEvent[] = [row(0, 5), { kind: 'clock', byMs: 100 }, { kind: 'clock', byMs: 100 }, end]
    const run = { seed: 1, batchRows: 9, stopsOneIn: 0, throttled: false }
    const kinds = runOperator(spec, events, run).map(o => o.kind)
    expect(kinds).toContain('idle')
  })

  const run = { seed: 1, batchRows: 9, stopsOneIn: 0, throttled: false }
  const clock = (byMs: number): OperatorEvent => ({ kind: 'clock', byMs })
  /** What comes out, in order: watermarks and idleness, and rows by their time. */
  const trace = (events: readonly OperatorEvent[], idleMs = 100) =>
    runOperator(() => watermarkOperator({ schema, strategy: strategy(1, 0, idleMs) }), events, run).map(o =>
      o.kind === 'watermark' ? o.time : o.kind === 'row' ? `row ${o.row.time}` : o.kind,
    )

  test('are said again by a stream that wakes, before its row, which cannot lower them', () => {
    const events = [row(0, 50), clock(100), clock(100), row(0, 20), row(0, 60), end]
    expect(trace(events).slice(0, 7)).toEqual(['row 50', 49, 'idle', 49, 'row 20', 'row 60', 59])
  })

  test('are not said before the first by a stream that wakes', () => {
    const spec = () => watermarkOperator({ schema, strategy: strategy(9, 0, 100) })
    const events = [row(0, 50), clock(100), clock(100), row(0, 60), end]
    const kinds = runOperator(spec, events, run).map(o => o.kind)
    expect(kinds).toEqual(['row', 'idle', 'row', 'watermark', 'end'])
  })

  test('wait again for a split that wakes', () => {
    const events = [row(0, 5), row(1, 50), clock(100), row(1, 60), clock(100), row(0, 7), row(1, 70), row(0, 90), end]
    expect(trace(events).filter(o => typeof o === 'number')).toEqual([4, 59, 59, 69, Number.POSITIVE_INFINITY])
  })

  test('a stream is idle after no less than the idle time, and at most twice that', () => {
    expect(trace([row(0, 5), clock(100), clock(99), end])).not.toContain('idle')
    expect(trace([row(0, 5), clock(100), clock(100), end])).toContain('idle')
    expect(trace([row(0, 5), clock(50), row(0, 6), clock(50), clock(100), end])).toContain('idle')
    expect(trace([row(0, 5), clock(100), row(0, 6), clock(100), clock(99), end])).not.toContain('idle')
  })
})
