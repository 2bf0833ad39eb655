import { by, refusal, schemaOf, site, sourceOf, textOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import type { KeySpec, PlanNode, WindowSpec } from '../node.ts'
import { aggregateNode } from './aggregate.ts'
import { processNode, reduceNode, scanNode, windowProcessNode } from './keyed.ts'
import { distinctNode } from './ordered.ts'
import { eventTimeNode } from './rows.ts'

const fn = () => null
const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 1024 }
const timed = (input: PlanNode) => eventTimeNode({ input, time: fn, strategy, site })
const byFunction: KeySpec = { kind: 'function', fn }
const day: WindowSpec = { kind: 'tumbling', sizeMs: 86_400_000, slideMs: 86_400_000, offsetMs: 0 }
const flights = sourceOf('origin text, delay int32?, date timestamp')
const updating = aggregateNode({ input: flights, key: by('origin'), window: null, aggregates: [], site })

describe('functions by key', () => {
  const input = timed(flights)
  const key = by('origin')
  test('schemas and kinds', () => {
    const described = (node: PlanNode) => `${textOf(node.schema)}: ${node.collection}`
    const rows = textOf(flights.schema)
    expect(described(reduceNode({ input, key, window: null, fn, site }))).toBe(`${rows}: updating`)
    expect(described(reduceNode({ input, key, window: day, fn, site }))).toBe(`${rows}: appending`)
    expect(described(windowProcessNode({ input, key, window: day, fn, site }))).toBe('value any?: appending')
    const schema = schemaOf('n double')
    expect(described(windowProcessNode({ input, key, window: day, fn, schema, site }))).toBe('n double: appending')
    expect(described(scanNode({ input, key, initial: fn, fn, schema, site }))).toBe('n double: appending')
    const process = {
      key: byFunction,
      state: { n: { kind: 'value' } },
      sides: { odd: schema },
      onElement: fn,
      site,
    } as const
    expect(described(processNode({ ...process, input: updating, schema }))).toBe('n double: appending')
    expect(described(processNode({ ...process, input }))).toBe('value any?: appending')
  })
  test('what cannot be is refused', () => {
    expect(refusal(() => scanNode({ input: updating, key, initial: fn, fn, site }))).toMatch(
      /^WRONG_KIND: .*scan: updating/,
    )
    expect(refusal(() => reduceNode({ input: flights, key, window: day, fn, site }))).toMatch(/^MISSING_EVENT_TIME/)
    expect(refusal(() => windowProcessNode({ input: flights, key, window: day, fn, site }))).toMatch(
      /^MISSING_EVENT_TIME/,
    )
    const wrong = by('orgin')
    for (const make of [
      () => reduceNode({ input, key: wrong, window: null, fn, site }),
      () => windowProcessNode({ input, key: wrong, window: day, fn, site }),
      () => scanNode({ input, key: wrong, initial: fn, fn, site }),
      () => processNode({ input, key: wrong, state: {}, sides: {}, onElement: fn, site }),
      () => distinctNode({ input, key: wrong, site }),
    ])
      expect(refusal(make)).toMatch(/^UNKNOWN_COLUMN: unknown column: orgin .* mean "origin"/)
  })
})
