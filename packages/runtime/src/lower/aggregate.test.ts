/** What aggregates are lowered to, and what cannot be. */
import { typeOf } from '@millrace/algebra'
import {
  aggregateNode,
  eventTimeNode,
  type PlanNode,
  reduceNode,
  sinkNode,
  sourceNode,
  windowProcessNode,
} from '@millrace/plan'
import { byK, counter, place, recorder } from '@millrace/testing/jobs'
import { refusal, site } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { distribute } from './distribute.ts'
import { lower } from './lower.ts'

const window = { kind: 'tumbling', sizeMs: 10, slideMs: 10, offsetMs: 0 } as const
const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 8 }
const count = [{ name: 'n', aggregate: 'count', argument: null }] as const
const here = { site, name: undefined }

const source = (bounded: boolean): PlanNode => sourceNode({ source: { ...counter(9), bounded }, ...place })
const timed = (input: PlanNode): PlanNode => eventTimeNode({ input, time: () => 0, strategy, ...place })
const counted = (input: PlanNode): PlanNode =>
  aggregateNode({ input, key: byK, window: null, aggregates: count, ...place })
const lowered = (node: PlanNode) => lower([sinkNode({ input: node, sink: recorder(), ...place })])

/** The operators below the source and its columns, and whether they read rows of other workers. */
function phases(node: PlanNode, workers: number): string[] {
  const sinks = [sinkNode({ input: node, sink: recorder(), ...place })]
  return distribute(lower(sinks, { workers })).flatMap(({ node, place, inputs }) =>
    node.kind === 'operator' ? [`${node.spec.label} on ${place}: ${inputs[0]!.exchange.kind}`] : [],
  )
}

describe('in two phases', () => {
  const sum = (type: 'double' | 'bigint', key: typeof byK | null) =>
    aggregateNode({
      input: source(true),
      key,
      window: null,
      aggregates: [
        { name: 'n', aggregate: 'count', argument: null },
        { name: 's', aggregate: 'sum', argument: { kind: 'literal', value: 1, type: typeOf[type], nullable: false } },
      ],
      ...place,
    })
  const two = ['columns on workers: forward', 'partial aggregate on workers: forward']

  test('numbers, on several workers', () => {
    expect(phases(sum('double', byK), 2)).toEqual([...two, 'aggregate on workers: hash'])
    expect(phases(sum('double', null), 2)).toEqual([...two, 'aggregate on one: forward'])
  })

  test('on one worker, of other values, and where all rows are on one site: at once', () => {
    expect(phases(sum('double', byK), 1)).toEqual(['columns on workers: forward', 'aggregate on workers: hash'])
    expect(phases(sum('bigint', byK), 2)).toEqual(['columns on workers: forward', 'aggregate on workers: hash'])
    const again = aggregateNode({ input: sum('double', null), key: null, window: null, aggregates: count, ...place })
    expect(phases(again, 2).slice(2)).toEqual([
      'aggregate on one: forward',
      'columns on one: forward',
      'aggregate on one: forward',
    ])
  })
})

describe('rows that are taken back', () => {
  const updating = timed(counted(source(false)))
  const own = { create: () => 0, add: () => 0, merge: () => 0, result: () => 0 }
  const cases: [string, PlanNode][] = [
    ['aggregate', aggregateNode({ input: updating, key: byK, window, aggregates: count, ...here })],
    ['reduce', reduceNode({ input: updating, key: byK, window, fn: () => 0, ...here })],
    ['windowProcess', windowProcessNode({ input: updating, key: byK, window, fn: () => [], ...here })],
  ]
  test.each(cases)('cannot leave a window again: %s', (kind, node) => {
    expect(refusal(() => lowered(node))).toBe(
      `UNSUPPORTED: invalid input of ${kind}: updating; its rows are taken back and replaced: aggregate the rows it is made of`,
    )
  })

  test('cannot leave an aggregate of the user again', () => {
    const aggregates = [{ name: 'mine', aggregate: own, argument: null }]
    expect(
      refusal(() => lowered(aggregateNode({ input: updating, key: byK, window: null, aggregates, ...here }))),
    ).toBe(
      'UNSUPPORTED: invalid aggregate "mine" of updating rows: one of your own; rows that were added would have to be taken back: only count, sum, avg, min and max can',
    )
  })

  test('leave the others, which count the rows of each group beside', () => {
    const node = aggregateNode({ input: updating, key: byK, window: null, aggregates: count, ...here })
    const { spec } = lowered(node)
      .flatMap(n => (n.kind === 'operator' ? [n] : []))
      .at(-1)!
    expect(spec.outputs[0]!.fields.map(f => f.name)).toEqual(['k', 'n'])
    expect((spec.state.totals as unknown as { fields: unknown[] }).fields.length).toBe(2)
  })

  test('those of a bounded input are not taken back', () => {
    const bounded = timed(counted(source(true)))
    const nodes = [
      counted(bounded),
      aggregateNode({ input: bounded, key: byK, window, aggregates: count, ...place }),
      reduceNode({ input: bounded, key: byK, window, fn: () => 0, ...place }),
    ]
    for (const node of nodes) expect(lowered(node).at(-1)!.kind).toBe('sink')
  })
})
