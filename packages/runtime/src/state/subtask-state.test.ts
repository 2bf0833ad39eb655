/** State that no key tells apart: broadcast, and lists that are dealt out anew. */
import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { operatorSpec } from '../operator.ts'
import { BroadcastState } from './broadcast.ts'
import type { BroadcastDeclaration, HandlesOf, OperatorListDeclaration } from './declaration.ts'
import type { StatePart } from './handle.ts'
import { OperatorList } from './operator-list.ts'
import { OperatorState } from './operator-state.ts'
import { redistributed } from './redistribute.ts'

const state = {
  rules: { kind: 'broadcast' } as BroadcastDeclaration<string, number>,
  offsets: { kind: 'operatorList' } as OperatorListDeclaration<{ readonly at: number }>,
}
const spec = operatorSpec({ label: 'test', inputs: [], outputs: [], state, create: () => ({ process() {} }) })
const handlesOf = (of: OperatorState) => of.handles as unknown as HandlesOf<typeof state>

const copied = (parts: readonly StatePart[]) => copySnapshot(new Map([['s', parts]])).get('s')!

test('declarations say what the handles hold', () => {
  const first = new OperatorState(spec)
  const { rules, offsets } = handlesOf(first)
  rules.set('b', 2)
  rules.set('a', 1)
  rules.set('c', 3)
  rules.delete('b')
  rules.set('b', 4)
  offsets.add({ at: 5 })
  offsets.add({ at: 6 })
  const doubled: number = (rules.get('a') ?? 0) * 2
  const at: number = offsets.get()[0]!.at
  expect(rules.snapshot().map(({ group, meta }) => [group, meta])).toEqual([[-1, null]])
  expect(offsets.snapshot().map(({ group, meta }) => [group, meta])).toEqual([[-1, null]])
  expect([doubled, at, rules.size, rules.has('c'), rules.has('d')]).toEqual([2, 5, 3, true, false])
  const second = new OperatorState(spec)
  second.restore(copySnapshot(first.snapshot()))
  rules.clear()
  offsets.set([])
  expect([...handlesOf(second).rules.entries()]).toEqual([
    ['a', 1],
    ['c', 3],
    ['b', 4],
  ])
  expect(handlesOf(second).offsets.get()).toEqual([{ at: 5 }, { at: 6 }])
  expect([[...rules.entries()], offsets.get()]).toEqual([[], []])
})

test('both migrate what an older version has stored', () => {
  const rules = new BroadcastState<string, number>({ name: 'rules', kind: 'broadcast', version: 1 })
  rules.set('a', 1)
  const list = new OperatorList<number>({ name: 'list', kind: 'operatorList', version: 1 })
  list.add(1)
  const migrate = (old: unknown) => `${old}`
  const newRules = new BroadcastState<string, string>({ name: 'rules', kind: 'broadcast', version: 2, migrate })
  newRules.restore(copied(rules.snapshot()))
  expect(newRules.get('a')).toBe('1')
  const newList = new OperatorList<string>({ name: 'list', kind: 'operatorList', version: 2, migrate })
  newList.restore(copied(list.snapshot()))
  expect(newList.get()).toEqual(['1'])
  expect(() => rules.restore(newRules.snapshot())).toThrow('unknown version of state "rules": 2 (known: up to 1)')
  expect(() => list.restore(newList.snapshot())).toThrow('unknown version of state "list": 2 (known: up to 1)')
})

test('lists are dealt out in turn, each value once; their order in a subtask stays', () => {
  const sizes = fc.integer({ min: 1, max: 5 })
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(), { maxLength: 7 }), { minLength: 1, maxLength: 4 }), sizes, (lists, n) => {
      const parts = lists.map(values => {
        const list = new OperatorList<number>()
        list.set(values)
        return copied(list.snapshot())
      })
      const dealt = redistributed('operatorList', parts, n).map(own => {
        const list = new OperatorList<number>()
        list.restore(own)
        return list.get()
      })
      const all = lists.flat()
      expect(dealt).toEqual(Array.from({ length: n }, (_, s) => all.filter((_, i) => i % n === s)))
    }),
  )
})

test('a broadcast state is every subtask’s, however many there are', () => {
  const parts = [0, 1].map(() => {
    const rules = new BroadcastState<string, number>()
    rules.set('a', 1)
    return rules.snapshot()
  })
  for (const n of [1, 2, 5])
    for (const own of redistributed('broadcast', parts, n)) {
      const rules = new BroadcastState<string, number>()
      rules.restore(own)
      expect([...rules.entries()]).toEqual([['a', 1]])
    }
  expect(redistributed('broadcast', [], 2)).toEqual([[], []])
})
