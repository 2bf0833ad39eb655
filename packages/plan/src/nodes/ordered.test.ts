import { by, refusal, site, sourceOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { column } from '../expression/build.ts'
import { aggregateNode } from './aggregate.ts'
import { streamNode } from './ends.ts'
import { distinctNode, limitNode, sortNode } from './ordered.ts'

const flights = sourceOf('origin text, delay int32?, date timestamp')
const updating = aggregateNode({ input: flights, key: by('origin'), window: null, aggregates: [], site })

describe('whole collections', () => {
  const table = sourceOf('a int32, b text', { bounded: true })
  test('sort and stream need an end', () => {
    const terms = [{ expression: column(table.schema, 'a'), descending: true }]
    expect(sortNode({ input: table, by: terms, site }).collection).toBe('bounded')
    expect(refusal(() => sortNode({ input: sourceOf('a int32'), by: terms, site }))).toMatch(
      /^WRONG_KIND: invalid input of sort: appending/,
    )
    expect(refusal(() => sortNode({ input: sourceOf('x int32', { bounded: true }), by: terms, site }))).toMatch(
      /^UNKNOWN_COLUMN/,
    )
    expect(refusal(() => sortNode({ input: table, by: [], site }))).toBe('INVALID_ARGUMENT: missing columns to sort by')
    expect(streamNode({ input: table, site }).collection).toBe('appending')
    expect(refusal(() => streamNode({ input: flights, site }))).toMatch(/^WRONG_KIND/)
  })
  test('limit needs what stays', () => {
    expect(limitNode({ input: flights, rows: 0, site }).collection).toBe('appending')
    expect(refusal(() => limitNode({ input: updating, rows: 5, site }))).toMatch(/^WRONG_KIND: invalid input of limit/)
    for (const rows of [-1, 1.5, Number.NaN])
      expect(refusal(() => limitNode({ input: table, rows, site }))).toBe(
        `INVALID_ARGUMENT: invalid number of rows: ${rows}`,
      )
  })
  test('distinct keeps kind and columns', () => {
    expect(distinctNode({ input: updating, key: null, site }).collection).toBe('updating')
    expect(distinctNode({ input: table, key: by('b'), site }).schema).toBe(table.schema)
  })
})
