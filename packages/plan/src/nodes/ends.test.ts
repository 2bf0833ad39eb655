import { by, refusal, schemaOf, site, sourceOf, textOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import type { KeySpec, PlanNode, SinkSpec, WindowSpec } from '../node.ts'
import { aggregateNode } from './aggregate.ts'
import { sideNode, sinkNode } from './ends.ts'
import { processNode, reduceNode, windowProcessNode } from './keyed.ts'
import { eventTimeNode } from './rows.ts'

const fn = () => null
const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 1024 }
const timed = (input: PlanNode) => eventTimeNode({ input, time: fn, strategy, site })
const byFunction: KeySpec = { kind: 'function', fn }
const day: WindowSpec = { kind: 'tumbling', sizeMs: 86_400_000, slideMs: 86_400_000, offsetMs: 0 }
const flights = sourceOf('origin text, delay int32?, date timestamp')
const updating = aggregateNode({ input: flights, key: by('origin'), window: null, aggregates: [], site })

describe('ends', () => {
  test('a source reads all its columns', () => {
    expect(sourceOf('a int32, b text', { bounded: true })).toMatchObject({
      collection: 'bounded',
      columns: ['a', 'b'],
      predicates: [],
    })
    expect(sourceOf('a int32').collection).toBe('appending')
  })
  test('a sink takes what it can represent', () => {
    const sink: SinkSpec = { label: 'jsonLines out.jsonl', takes: ['bounded', 'appending'] }
    expect(sinkNode({ input: flights, sink, site })).toMatchObject({ schema: flights.schema, collection: 'appending' })
    expect(refusal(() => sinkNode({ input: updating, sink, site }))).toBe(
      'WRONG_KIND: invalid collection for jsonLines out.jsonl: updating (takes: bounded, appending); ' +
        'its rows change after they were written: use upsert or changelog',
    )
    const wholes: SinkSpec = { label: 'array', takes: ['bounded'] }
    expect(refusal(() => sinkNode({ input: flights, sink: wholes, site }))).toMatch(/it takes only what is bounded$/)
  })
  test('side outputs', () => {
    const side = (input: PlanNode, side: string) => sideNode({ input, side, site })
    const sides = { odd: schemaOf('n double') }
    const process = processNode({ input: flights, key: byFunction, state: {}, sides, onElement: fn, site })
    expect(side(process, 'odd').schema).toBe(sides.odd)
    expect(refusal(() => side(process, 'od'))).toBe(
      'INVALID_ARGUMENT: unknown side output: od (known: odd); did you mean "odd"?',
    )
    expect(textOf(side(flights, 'rejected').schema)).toBe('at text, message text, text text')
    const input = timed(flights)
    const late = [
      aggregateNode({ input, key: by('origin'), window: day, aggregates: [], site }),
      reduceNode({ input, key: by('origin'), window: day, fn, site }),
      windowProcessNode({ input, key: by('origin'), window: day, fn, site }),
    ]
    for (const node of late)
      expect(side(node, 'late')).toMatchObject({ schema: flights.schema, collection: 'appending' })
    expect(refusal(() => side(updating, 'late'))).toMatch('unknown side output: late (known: none)')
    expect(refusal(() => side(input, 'late'))).toMatch('(known: none)')
  })
})
