import { by, refusal, schemaOf, site, sourceOf, textOf } from '@millrace/testing/plans'
import { expect, test } from 'vitest'
import { hasEventTime } from '../event-time.ts'
import { aggregateNode } from './aggregate.ts'
import { mapAsyncNode } from './map-async.ts'
import { eventTimeNode } from './rows.ts'

const retry = { attempts: 3, backoffMs: 100, factor: 2, maxBackoffMs: 1000 }
const options = { fn: () => null, capacity: 5, ordered: true, timeoutMs: 1000, retry, site, name: 'enrich' }

test.each([false, true])(
  'rows are opaque or as declared, of the same kind, and keep their times (bounded %s)',
  bounded => {
    const input = sourceOf('a int32', { bounded, timed: bounded })
    const node = mapAsyncNode({ input, ...options })
    expect(node).toMatchObject({ kind: 'mapAsync', collection: bounded ? 'bounded' : 'appending', ...options, input })
    expect([Object.isFrozen(node), Object.isFrozen(node.retry)]).toEqual([true, true])
    expect(textOf(node.schema)).toBe('value any?')
    expect(textOf(mapAsyncNode({ input, ...options, schema: schemaOf('x text') }).schema)).toBe('x text')
    expect(hasEventTime(node)).toBe(bounded)
  },
)

test('updates are refused, and event time behind it, however far', () => {
  const input = sourceOf('a int32')
  const updating = aggregateNode({ input, key: by('a'), window: null, aggregates: [], site })
  expect(refusal(() => mapAsyncNode({ input: updating, ...options }))).toContain('invalid input of mapAsync: updating')
  const answered = mapAsyncNode({ input, ...options, schema: schemaOf('k int32') })
  const counts = aggregateNode({ input: answered, key: by('k'), window: null, aggregates: [], site })
  const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 1 }
  for (const from of [answered, counts])
    expect(refusal(() => eventTimeNode({ input: from, time: () => 0, strategy, site }))).toContain(
      'invalid input of eventTime: what comes from a mapAsync',
    )
})
