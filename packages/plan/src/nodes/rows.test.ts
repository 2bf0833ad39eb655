import type { Schema } from '@millrace/algebra'
import { by, refusal, schemaOf, site, sourceOf, textOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { call, column, literal } from '../expression/build.ts'
import { aggregateNode } from './aggregate.ts'
import { eventTimeNode, functionNode, projectNode, whereNode } from './rows.ts'

const fn = () => null
const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 1024 }
const flights = sourceOf('origin text, delay int32?, date timestamp')
const updating = aggregateNode({ input: flights, key: by('origin'), window: null, aggregates: [], site })

describe('single rows', () => {
  test('functions give opaque rows, or what was declared; a filter keeps the schema', () => {
    const given = (kind: 'map' | 'filter' | 'flatMap', schema?: Schema) =>
      textOf(functionNode({ input: flights, kind, fn, site, ...(schema && { schema }) }).schema)
    expect(given('map')).toBe('value any?')
    expect(given('flatMap', schemaOf('x text'))).toBe('x text')
    expect(given('filter', schemaOf('x text'))).toBe(textOf(flights.schema))
    expect(functionNode({ input: updating, kind: 'map', fn, site }).collection).toBe('updating')
  })
  test('where', () => {
    const predicate = call('gt', [column(flights.schema, 'delay'), literal(5)])
    expect(whereNode({ input: flights, predicate, site, name: 'late' })).toMatchObject({
      schema: flights.schema,
      collection: 'appending',
      name: 'late',
      site,
    })
    expect(refusal(() => whereNode({ input: sourceOf('x int32'), predicate, site }))).toBe(
      'UNKNOWN_COLUMN: unknown column: delay (known: x)',
    )
    expect(refusal(() => whereNode({ input: flights, predicate: column(flights.schema, 'delay'), site }))).toBe(
      'TYPE_MISMATCH: invalid condition: int32 (delay); a condition is boolean: compare, or use isNull()',
    )
    const opaque = sourceOf('')
    expect(whereNode({ input: opaque, predicate: column(opaque.schema, 'ok'), site }).kind).toBe('where')
  })
  test('project', () => {
    const delay = column(flights.schema, 'delay')
    const columns = [
      { name: 'd', expression: call('times', [delay, literal(2)]) },
      { name: 'o', expression: column(flights.schema, 'origin') },
    ]
    const node = projectNode({ input: flights, columns, site })
    expect(textOf(node.schema)).toBe('d double?, o text')
    expect(Object.isFrozen(node) && Object.isFrozen(node.columns) && Object.isFrozen(node.columns[0])).toBe(true)
    const twice = [columns[0]!, { ...columns[1]!, name: 'd' }]
    expect(refusal(() => projectNode({ input: flights, columns: twice, site }))).toBe(
      'COLUMN_CLASH: invalid columns: two are named d; give one of them another name',
    )
    expect(refusal(() => projectNode({ input: flights, columns: [], site }))).toBe('INVALID_ARGUMENT: missing columns')
    expect(refusal(() => projectNode({ input: sourceOf('x int32'), columns, site }))).toMatch(/^UNKNOWN_COLUMN/)
  })
  test('event time', () => {
    const time = (name: string) => column(flights.schema, name)
    expect(textOf(eventTimeNode({ input: flights, time: time('date'), strategy, site }).schema)).toBe(
      textOf(flights.schema),
    )
    expect(refusal(() => eventTimeNode({ input: flights, time: time('origin'), strategy, site }))).toBe(
      'TYPE_MISMATCH: invalid event time: text (origin); give a timestamp or milliseconds since 1970',
    )
    const wrong = {
      disorderMs: [-1, Number.NaN, Infinity],
      idleMs: [0, -5, Number.NaN],
      everyRows: [0, 1.5, Number.NaN],
    }
    for (const [option, values] of Object.entries(wrong))
      for (const value of values) {
        const bad = { ...strategy, [option]: value }
        expect(refusal(() => eventTimeNode({ input: flights, time: fn, strategy: bad, site }))).toMatch(
          /^INVALID_OPTION/,
        )
      }
    expect(eventTimeNode({ input: flights, time: fn, strategy: { ...strategy, idleMs: 5 }, site }).kind).toBe(
      'eventTime',
    )
  })
})
