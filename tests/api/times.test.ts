/** Event times that no Date can be, and windows that begin before 1970 or before their multiples. */
import { type DataStream, environment, sliding, tumbling } from '@millrace/api'
import { fromRows } from '@millrace/connectors'
import { double, timestamp } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'

interface Row {
  t: number
}

const last = 8.64e15

/** The stack frame at which `build` was called, as a call site. */
const here = { file: 'tests/api/times.test.ts' }

const sources: [string, (rows: Row[]) => DataStream<Row>][] = [
  ['objects', rows => environment().stream(fromRows(rows))],
  ['columns', rows => environment().stream(fromRows(rows, { t: double }))],
]

const count = (all: DataStream<Row>) =>
  all
    .keyBy(() => 0)
    .window(tumbling(1000))
    .apply((rows, { windowStart }) => [[windowStart, rows.length]])
    .collect()

describe.each(sources)('event times of %s', (_, source) => {
  it.each([last + 1, -last - 1, Number.NaN, Number.POSITIVE_INFINITY, 1e300])('%d is refused', async t => {
    const failure = {
      code: 'INVALID_VALUE',
      message: `invalid event time: ${t}`,
      details: { operator: 'eventTime', site: here },
    }
    const rows = [{ t: 5 }, { t }]
    await expect(count(source(rows).eventTime(r => r.t))).rejects.toMatchObject(failure)
    await expect(count(source(rows).eventTime('t'))).rejects.toMatchObject(failure)
  })

  it.each([last, -last, 0])('%d is taken', async t => {
    const start = Math.floor(t / 1000) * 1000
    expect(await count(source([{ t }]).eventTime(r => r.t))).toEqual([[start, 1]])
    expect(await count(source([{ t }]).eventTime('t'))).toEqual([[start, 1]])
  })

  it('the error names the line of eventTime, not of what is chained before it', async () => {
    const before = source([{ t: last * 2 }])
      .filter(r => r.t > 0)
      .map(r => ({ t: r.t }))
    const plain = before.eventTime('t')
    const line = lineOf(new Error('here')) - 1
    await expect(count(plain)).rejects.toMatchObject({ details: { operator: 'eventTime', site: { ...here, line } } })
  })

  it.each([undefined, null, 'noon', {}, 5n])('%s is refused', async t => {
    await expect(count(source([{ t: 5 }]).eventTime(() => t as never))).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      message: expect.stringMatching(t == null ? /^missing event time$/ : /^invalid event time: /),
      details: { operator: 'eventTime', site: here },
    })
  })
})

function lineOf(error: Error): number {
  return Number(/times\.test\.ts:(\d+)/.exec(error.stack!)![1])
}

describe('window offsets', () => {
  const starts = async (window: ReturnType<typeof tumbling>, times: readonly number[]): Promise<number[]> => {
    const rows = environment().stream(
      fromRows(
        times.map(t => ({ t })),
        { t: timestamp },
      ),
    )
    const all = await rows
      .eventTime('t', { disorder: '1d' })
      .keyBy(() => 0)
      .window(window)
      .apply((_, { windowStart }) => [windowStart])
      .collect()
    return all.sort((a, b) => a - b)
  }
  const hour = 3_600_000

  it('may be negative: windows then begin earlier', async () => {
    const at = [0, 20 * hour, 21 * hour, 45 * hour - 1, -4 * hour]
    expect(await starts(tumbling('1d', { offset: '-3h' }), at)).toEqual([-27 * hour, -3 * hour, 21 * hour])
    expect(await starts(tumbling('1d', { offset: '21h' }), at)).toEqual([-27 * hour, -3 * hour, 21 * hour])
  })

  it.each([
    [-3, 7],
    [-10, 0],
    [-13, 7],
    [13, 3],
    [20, 0],
    ['-13ms', 7],
    ['-1s', 0],
    [-0, 0],
  ] as const)('%s is folded into one slide of 10: %d', (offset, folded) => {
    expect(tumbling(10, { offset }).spec.offsetMs).toBe(folded)
    expect(sliding(30, 10, { offset }).spec.offsetMs).toBe(folded)
  })

  it.each(['-', '--1h', '-1', '-1x', -0.5, Number.NEGATIVE_INFINITY])('%s is refused', offset => {
    expect(() => tumbling(10, { offset: offset as never })).toThrow('invalid window offset')
  })

  it('sizes and slides must not be negative', () => {
    expect(() => tumbling('-1h')).toThrow('invalid window size: "-1h"')
    expect(() => sliding(10, -5)).toThrow('invalid window slide: -5')
  })
})
