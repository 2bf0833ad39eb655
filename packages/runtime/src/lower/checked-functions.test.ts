import {
  aggregateNode,
  type CustomAggregate,
  eventTimeNode,
  functionNode,
  nodesOf,
  type PlanNode,
  sinkNode,
  sourceNode,
} from '@millrace/plan'
import { recorder } from '@millrace/testing/jobs'
import { schemaOf, site } from '@millrace/testing/plans'
import { expect, it } from 'vitest'
import { checkedFunctions } from './checked-functions.ts'

const here = { site, name: undefined }
const source = () =>
  sourceNode({ source: { label: 'read', schema: schemaOf('k int32'), bounded: true, prunes: false }, ...here })
const sink = (input: PlanNode) => sinkNode({ input, sink: recorder(), ...here })
const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 8 }

it('leaves a plan without functions as it was', () => {
  const plan = [sink(source())]
  expect(checkedFunctions(plan)).toEqual(plan)
})

it('keeps what several read one node, and the names of functions', () => {
  const twice = (row: { k: number }) => row.k * 2
  const mapped = functionNode({ kind: 'map', input: source(), fn: twice, ...here })
  const timed = eventTimeNode({ input: mapped, time: row => row, strategy, ...here })
  const plan = checkedFunctions([sink(mapped), sink(timed)])
  const maps = nodesOf(plan).flatMap(node => (node.kind === 'map' ? [node] : []))
  expect(maps.map(node => node.fn.name)).toEqual(['twice'])
  const row = { k: 4 }
  expect(maps[0]!.fn(row as never)).toBe(8)
  expect(Object.isFrozen(row)).toBe(true)
  expect(() => checkedFunctions(plan)).not.toThrow()
})

it('freezes the rows that an aggregate of one’s own adds, not what it keeps', () => {
  const lists: CustomAggregate = {
    create: () => [],
    add: (list: { n: number }[], row: { n: number }) => {
      if (row.n < 0) row.n = 0
      list.push(row)
      return list
    },
    merge: (a: unknown[], b: unknown[]) => [...a, ...b],
    result: (list: unknown[]) => list.length,
  }
  const aggregates = [{ name: 'all', aggregate: lists, argument: null }]
  const [plan] = checkedFunctions([
    sink(aggregateNode({ input: source(), key: null, window: null, aggregates, ...here })),
  ])
  const node = plan!.input
  if (node.kind !== 'aggregate') throw new Error(node.kind)
  const checked = node.aggregates[0]!.aggregate as CustomAggregate
  const list = checked.create() as unknown[]
  const row = { n: 1 }
  expect(checked.add(list as never, row as never)).toBe(list)
  expect([list, Object.isFrozen(row), Object.isFrozen(list)]).toEqual([[{ n: 1 }], true, false])
  expect(() => checked.add(list as never, { n: -1 } as never)).toThrow('invalid change of a row')
})
