import { by, refusal, schemaOf, site, sourceOf, textOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { column } from '../expression/build.ts'
import type { AggregateCall, KeySpec, PlanNode, WindowSpec } from '../node.ts'
import { aggregateNode } from './aggregate.ts'

const fn = () => null
const byFunction: KeySpec = { kind: 'function', fn }
const day: WindowSpec = { kind: 'tumbling', sizeMs: 86_400_000, slideMs: 86_400_000, offsetMs: 0 }
const flights = sourceOf('origin text, delay int32?, date timestamp')

describe('aggregates', () => {
  const of = (aggregate: AggregateCall['aggregate'], name: string): AggregateCall => ({
    name: `${aggregate}_${name}`,
    aggregate,
    argument: name === '' ? null : column(input.schema, name),
  })
  const input = sourceOf('i int32, d double?, b bigint, t text, at timestamp, x any?', { timed: true })
  const result = (key: KeySpec | null, window: WindowSpec | null, ...aggregates: AggregateCall[]) =>
    aggregateNode({ input, key, window, aggregates, site })

  test('rows are key, window, aggregates', () => {
    expect(textOf(result(by('t', 'i'), day, of('count', '')).schema)).toBe(
      't text, i int32, windowStart timestamp, windowEnd timestamp, count_ double',
    )
    expect(textOf(result(byFunction, null, of('count', 'd')).schema)).toBe('key any?, count_d double')
  })
  test('types, and null where all that is aggregated is', () => {
    const types = (key: KeySpec | null, window: WindowSpec | null, ...names: string[]) =>
      textOf(result(key, window, ...names.flatMap(n => (['sum', 'avg', 'min'] as const).map(a => of(a, n)))).schema)
    expect(types(by('t'), null, 'i', 'd')).toBe(
      't text, sum_i double, avg_i double, min_i int32, sum_d double?, avg_d double?, min_d double?',
    )
    expect(types(by('t'), null, 'b', 'x')).toBe(
      't text, sum_b bigint, avg_b double, min_b bigint, sum_x double?, avg_x double?, min_x any?',
    )
    expect(textOf(result(by('i'), null, of('max', 't'), of('max', 'at')).schema)).toBe(
      'i int32, max_t text, max_at timestamp',
    )
  })
  test('of no rows at all they are null, but for the count', () => {
    expect(textOf(result(null, null, of('sum', 'i'), of('count', '')).schema)).toBe('sum_i double?, count_ double')
    expect(textOf(result(null, day, of('sum', 'i')).schema)).toBe(
      'windowStart timestamp, windowEnd timestamp, sum_i double',
    )
  })
  test('a custom aggregate gives anything', () => {
    const custom = { create: fn, add: fn, merge: fn, result: fn }
    expect(textOf(result(by('t'), null, { name: 'c', aggregate: custom, argument: null }).schema)).toBe(
      't text, c any?',
    )
  })
  test('kinds', () => {
    const kind = (input: PlanNode, window: WindowSpec | null) =>
      aggregateNode({ input, key: by('i'), window, aggregates: [], site }).collection
    const bounded = sourceOf('i int32', { bounded: true, timed: true })
    expect([kind(input, null), kind(input, day), kind(bounded, null), kind(bounded, day)]).toEqual([
      'updating',
      'appending',
      'bounded',
      'bounded',
    ])
  })
  test('what cannot be is refused', () => {
    expect(refusal(() => result(by('t'), null, of('sum', 't')))).toBe(
      'TYPE_MISMATCH: invalid operand of sum: text (t); it adds numbers up; count, min and max take any column',
    )
    expect(refusal(() => result(by('t'), null, of('avg', '')))).toBe('INVALID_ARGUMENT: missing column of avg')
    expect(refusal(() => result(by('tt'), null))).toMatch(/^UNKNOWN_COLUMN: unknown column: tt .*did you mean "t"/)
    expect(refusal(() => result(by(), null))).toBe('INVALID_ARGUMENT: missing key columns')
    expect(refusal(() => result(null, null))).toBe('INVALID_ARGUMENT: missing aggregates')
    for (const name of ['t', 'windowStart'])
      expect(refusal(() => result(by('t'), day, { ...of('count', ''), name }))).toMatch(
        `COLUMN_CLASH: invalid columns: two are named ${name}; give the aggregate another name`,
      )
    const foreign = { name: 'm', aggregate: 'max', argument: column(schemaOf('q int32'), 'q') } as const
    expect(refusal(() => result(by('t'), null, foreign))).toMatch(/^UNKNOWN_COLUMN: unknown column: q/)
    expect(
      refusal(() => aggregateNode({ input: flights, key: by('origin'), window: day, aggregates: [], site })),
    ).toMatch(/^MISSING_EVENT_TIME: missing event time: a window .*\.eventTime\(/)
  })
  test('windows that cannot be are refused', () => {
    const window = (part: Partial<WindowSpec>) => refusal(() => result(by('t'), { ...day, ...part }))
    expect(window({ sizeMs: 0, slideMs: 0 })).toMatch('INVALID_OPTION: invalid window size: 0')
    expect(window({ sizeMs: 1.5 })).toMatch('invalid window size: 1.5')
    expect(window({ kind: 'sliding', slideMs: -1 })).toMatch('invalid window slide: -1')
    expect(window({ slideMs: 5 })).toMatch('invalid window slide: 5; tumbling windows slide by their size, 86400000')
    expect(window({ offsetMs: Number.NaN })).toMatch('invalid window offset: NaN')
    expect(result(by('t'), { ...day, kind: 'sliding', slideMs: 5, offsetMs: -7 }).window!.slideMs).toBe(5)
  })
})
