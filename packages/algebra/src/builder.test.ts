import { describe, expect, it } from 'vitest'
import { BatchBuilder } from './builder.ts'
import { field, Schema } from './schema.ts'
import { ValueError } from './value-error.ts'

const flight = Schema.record([
  field('delay', 'int32'),
  field('origin', 'text', true),
  field('distance', 'double', true),
  field('at', 'timestamp'),
])

describe('BatchBuilder', () => {
  it('turns objects into columns and back', () => {
    const builder = new BatchBuilder(flight)
    builder.append({ delay: -3, origin: 'SFO', distance: 1.5, at: 1000, ignored: 1 }, 1, 10)
    builder.append({ delay: 4, origin: null, at: new Date(2000) }, -2, 20)
    const batch = builder.build()
    expect([0, 1].map(i => batch.row(i))).toEqual([
      { delay: -3, origin: 'SFO', distance: 1.5, at: 1000 },
      { delay: 4, origin: null, distance: null, at: 2000 },
    ])
    expect([batch.weight(0), batch.weight(1), batch.time(0), batch.time(1)]).toEqual([1, -2, 10, 20])
  })

  it('takes back a row that fails in its last column', () => {
    const builder = new BatchBuilder(flight)
    builder.append({ delay: 1, origin: 'A', distance: null, at: 1 })
    expect(() => builder.append({ delay: 2, origin: null, distance: 1, at: 'noon' })).toThrow(
      'invalid timestamp in column "at": "noon"',
    )
    expect(() => builder.append({ delay: 2, origin: 'X', distance: 1, at: 1 }, 0.5)).toThrow('invalid weight: 0.5')
    builder.append({ delay: 3, origin: 'B', distance: 2, at: 3 })
    const batch = builder.build()
    expect([0, 1].map(i => batch.row(i))).toEqual([
      { delay: 1, origin: 'A', distance: null, at: 1 },
      { delay: 3, origin: 'B', distance: 2, at: 3 },
    ])
    expect(batch.length).toBe(2)
  })

  it('says what does not fit', () => {
    const cases: [Parameters<typeof Schema.bare>[0], unknown, string][] = [
      ['int32', 'abc', 'invalid int32 in column "value": "abc"'],
      ['int32', 2 ** 31, 'invalid int32 in column "value": 2147483648'],
      ['int32', 1.5, 'invalid int32 in column "value": 1.5'],
      ['int32', Number.NaN, 'invalid int32 in column "value": NaN'],
      ['int32', 1n, 'invalid int32 in column "value": 1n'],
      ['double', 2n ** 60n, 'invalid double in column "value": 1152921504606846976n'],
      ['double', '1', 'invalid double in column "value": "1"'],
      ['double', undefined, 'missing double in column "value"'],
      ['bigint', 1, 'invalid bigint in column "value": 1'],
      ['bigint', 2n ** 63n, 'invalid bigint in column "value": 9223372036854775808n'],
      ['boolean', 0, 'invalid boolean in column "value": 0'],
      ['text', 5, 'invalid text in column "value": 5'],
      ['text', null, 'missing text in column "value"'],
      ['timestamp', new Date(Number.NaN), 'invalid timestamp in column "value": an invalid Date'],
      ['timestamp', Number.POSITIVE_INFINITY, 'invalid timestamp in column "value": Infinity'],
      ['any', null, 'missing value in column "value"'],
    ]
    for (const [type, value, message] of cases) {
      const builder = new BatchBuilder(Schema.bare(type))
      expect(() => builder.append(value)).toThrow(ValueError)
      expect(() => builder.append(value)).toThrow(message)
      expect(builder.build().length).toBe(0)
    }
    expect(() => new BatchBuilder(flight).append('a line')).toThrow(
      'invalid row of columns delay, origin, distance, at: "a line"',
    )
  })

  it('carries the value, the column and what was expected', () => {
    try {
      new BatchBuilder(flight).append({ delay: 'abc' })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(ValueError)
      expect(error).toMatchObject({ column: 'delay', value: 'abc', expected: 'int32' })
    }
  })

  it('keeps extreme values', () => {
    const schema = Schema.record([field('i', 'int32'), field('d', 'double'), field('b', 'bigint')])
    const builder = new BatchBuilder(schema)
    const rows = [
      { i: 2 ** 31 - 1, d: Number.MAX_VALUE, b: 2n ** 63n - 1n },
      { i: -(2 ** 31), d: -0, b: -(2n ** 63n) },
      { i: 0, d: Number.NaN, b: 0n },
    ]
    for (const row of rows) builder.append(row)
    const batch = builder.take()
    expect(rows.map((_, i) => batch.row(i))).toEqual(rows)
  })

  it('reads inherited names only where an object owns them', () => {
    const names = ['__proto__', 'constructor', 'toString']
    const builder = new BatchBuilder(Schema.record(names.map(name => field(name, 'int32', true))))
    builder.append({})
    builder.append(JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}'))
    const batch = builder.build()
    expect(names.map((_, c) => [batch.get(c, 0), batch.get(c, 1)])).toEqual([
      [null, 1],
      [null, 2],
      [null, 3],
    ])
  })

  it('grows past its capacity, and says when it is full', () => {
    const schema = Schema.record([
      field('i', 'int32', true),
      field('d', 'double', true),
      field('b', 'bigint', true),
      field('f', 'boolean', true),
      field('s', 'text', true),
      field('t', 'timestamp', true),
      field('a', 'any', true),
    ])
    const builder = new BatchBuilder(schema, 3)
    const rows = Array.from({ length: 100 }, (_, i) =>
      i % 3 === 0
        ? { i: null, d: null, b: null, f: null, s: null, t: null, a: null }
        : { i, d: i / 2, b: BigInt(i), f: i % 2 === 0, s: `s${i}`, t: i, a: { i } },
    )
    rows.forEach((row, i) => {
      expect(builder.full).toBe(i >= 3)
      builder.append(row, i + 1, i)
    })
    const batch = builder.build()
    expect(rows.map((_, i) => batch.row(i))).toEqual(rows)
    expect(rows.map((_, i) => [batch.weight(i), batch.time(i)])).toEqual(rows.map((_, i) => [i + 1, i]))
  })

  it('hands its arrays over on take, and reuses them on clear', () => {
    const schema = Schema.record([field('n', 'double', true), field('s', 'text', true), field('b', 'boolean', true)])
    const builder = new BatchBuilder(schema)
    builder.append({ n: 1, s: 'one', b: true }, -1, 5)
    builder.append({}, 1, 6)
    const taken = builder.take()
    builder.append({ n: 2, s: 'two', b: false })
    const built = builder.build()
    expect([taken.row(0), taken.row(1), taken.weight(0), taken.time(1)]).toEqual([
      { n: 1, s: 'one', b: true },
      { n: null, s: null, b: null },
      -1,
      6,
    ])
    expect([built.row(0), built.weight(0), built.time(0), built.length]).toEqual([
      { n: 2, s: 'two', b: false },
      1,
      undefined,
      1,
    ])
    builder.clear()
    builder.append({ n: 3, s: 'three', b: true }, 1, 9)
    expect(builder.build().row(0)).toEqual({ n: 3, s: 'three', b: true })
    expect(builder.build().time(0)).toBe(9)
    expect(taken.row(0)).toEqual({ n: 1, s: 'one', b: true })
  })

  it('makes no bitmap for a batch without nulls, whatever came before', () => {
    const builder = new BatchBuilder(Schema.bare('int32', true))
    for (const empty of [() => builder.take(), () => builder.clear()]) {
      builder.append(null)
      empty()
      builder.append(1)
      expect(builder.build().columns[0]).toMatchObject({ validity: null })
      builder.clear()
    }
    builder.columns[0].appendNull()
    builder.abandonRow()
    builder.append(1)
    expect(builder.build().get(0, 0)).toBe(1)
  })

  it('takes rows column by column, and refuses half a row', () => {
    const builder = new BatchBuilder(Schema.record([field('a', 'int32'), field('b', 'text', true)]))
    builder.columns[0].append(1)
    builder.columns[1].appendNull()
    builder.endRow()
    builder.columns[0].append(2)
    expect(() => builder.build()).toThrow('invalid batch: 1 rows, but a column of 2')
    builder.abandonRow()
    expect(builder.build().row(0)).toEqual({ a: 1, b: null })
    expect(() => builder.columns[0].appendNull()).toThrow('missing int32 in column "a"')
  })

  it('refuses event times on some rows only', () => {
    const builder = new BatchBuilder(Schema.bare('int32'))
    builder.append(1)
    expect(() => builder.append(2, 1, 5)).toThrow('invalid time: 5 (earlier rows of the batch have none)')
    builder.clear()
    builder.append(1, 1, 5)
    expect(() => builder.append(2)).toThrow('invalid time: undefined')
    expect(builder.build().length).toBe(1)
  })
})
