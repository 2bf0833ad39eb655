import { refusal, site, sourceOf } from '@millrace/testing/plans'
import { expect, test } from 'vitest'
import { literal } from './expression/build.ts'
import { identify } from './identity.ts'
import type { PlanNode } from './node.ts'
import { whereNode } from './nodes/rows.ts'
import { unionNode } from './nodes/union.ts'

const where = (input: PlanNode, name?: string) => whereNode({ input, predicate: literal(true), site, name })
const source = () => sourceOf('a int32')

test('the name the user gave, or kind and number', () => {
  const plan = unionNode({ inputs: [where(source()), where(where(source(), 'orders')), source()], site })
  expect([...identify([plan]).values()]).toEqual([
    'source#1',
    'where#1',
    'source#2',
    'orders',
    'where#2',
    'source#3',
    'union#1',
  ])
})

test('a node more of one kind renumbers no other', () => {
  const identities = (plan: PlanNode) => [...identify([plan]).values()].filter(id => !id.startsWith('where'))
  expect(identities(where(where(unionNode({ inputs: [where(source()), source()], site }))))).toEqual(
    identities(unionNode({ inputs: [source(), where(source())], site })),
  )
})

test('names differ', () => {
  const shared = where(source(), 'orders')
  expect(identify([shared, unionNode({ inputs: [shared, shared], site })]).get(shared)).toBe('orders')
  expect(refusal(() => identify([where(shared, 'orders')]))).toBe(
    'INVALID_ARGUMENT: invalid name: orders is given twice; a name is how state finds its operator again: give each its own',
  )
  expect([...identify([where(where(source()), 'where#1')]).values()]).toEqual(['source#1', 'where#2', 'where#1'])
})
