import { site, sourceOf } from '@millrace/testing/plans'
import { expect, test } from 'vitest'
import { hasEventTime } from '../event-time.ts'
import { rebalanceNode } from './rebalance.ts'

test.each([false, true])('a rebalance changes nothing of what a collection is (bounded %s)', bounded => {
  const input = sourceOf('a int32, b text', { bounded, timed: bounded })
  const node = rebalanceNode({ input, site, name: 'spread' })
  expect(node).toEqual({
    kind: 'rebalance',
    schema: input.schema,
    collection: bounded ? 'bounded' : 'appending',
    site,
    name: 'spread',
    input,
  })
  expect(Object.isFrozen(node)).toBe(true)
  expect(hasEventTime(node)).toBe(bounded)
})
