import { by, refusal, schemaOf, site, sourceOf, textOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { inputsOf } from '../children.ts'
import { hasEventTime } from '../event-time.ts'
import type { StateSpec } from '../state-spec.ts'
import { connectBroadcastNode } from './connect-broadcast.ts'
import { sideNode, sidesOf } from './ends.ts'
import { processNode } from './keyed.ts'

const fn = () => null
const rules = sourceOf('name text, most int32')
const spec = {
  input: sourceOf('user text, amount int32', { timed: true }),
  broadcast: rules,
  key: by('user'),
  state: { rules: { kind: 'broadcast' } },
  sides: { late: schemaOf('x text') },
  onElement: fn,
  onBroadcast: fn,
  site,
} as const

test('has the time of its rows, and the sides it declares, whatever they are called', () => {
  const node = connectBroadcastNode({ ...spec, schema: schemaOf('y int32'), onTimer: fn, name: 'alerts' })
  expect(node).toMatchObject({ kind: 'connectBroadcast', collection: 'appending', name: 'alerts', onTimer: fn })
  expect([textOf(node.schema), inputsOf(node)]).toEqual(['y int32', [spec.input, rules]])
  expect([node, node.state, node.sides].every(Object.isFrozen)).toBe(true)
  expect(hasEventTime(node)).toBe(true)
  expect([...sidesOf(node).keys()]).toEqual(['late'])
  expect(hasEventTime(sideNode({ input: node, side: 'late', site }))).toBe(true)
  const untimed = connectBroadcastNode({ ...spec, input: sourceOf('user text') })
  expect(hasEventTime(sideNode({ input: untimed, side: 'late', site }))).toBe(false)
  expect(textOf(untimed.schema)).toBe('value any?')
})

test.each([
  [true, true, 'bounded'],
  [true, false, 'appending'],
  [false, true, 'appending'],
])('of a bounded (%s) and a bounded (%s) collection is %s', (left, right, collection) => {
  const input = sourceOf('user text', { bounded: left })
  const broadcast = sourceOf('name text', { bounded: right })
  expect(connectBroadcastNode({ ...spec, input, broadcast }).collection).toBe(collection)
})

describe('what needs a key', () => {
  const unkeyed = (state: Readonly<Record<string, StateSpec>>) =>
    refusal(() => connectBroadcastNode({ ...spec, key: null, state }))

  test.each(['value', 'map'] as const)('%s', kind => {
    expect(unkeyed({ x: { kind } })).toContain(`invalid state "x": ${kind} without a key`)
  })
  test('a list that expires; timers', () => {
    const ttl = { afterMs: 1, refresh: 'write' } as const
    expect(unkeyed({ x: { kind: 'list', ttl } })).toContain('invalid state "x": a list with ttl without a key')
    expect(refusal(() => connectBroadcastNode({ ...spec, key: null, onTimer: fn }))).toContain('invalid onTimer')
    const state = { x: { kind: 'list' }, y: { kind: 'broadcast' } } as const
    expect(connectBroadcastNode({ ...spec, key: null, state }).key).toBe(null)
  })
})

test('a key that is not there; broadcast state in a process', () => {
  expect(refusal(() => connectBroadcastNode({ ...spec, key: by('usr') }))).toContain('unknown column: usr')
  const { broadcast: _, onBroadcast: __, ...process } = spec
  expect(refusal(() => processNode(process))).toContain('invalid state "rules": broadcast in a process')
})
