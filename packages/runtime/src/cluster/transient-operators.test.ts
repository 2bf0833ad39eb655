/** Checkpoints against the plan of another number of workers: what is there with some of them only makes no difference. */
import { aggregateNode } from '@millrace/plan'
import { byK, counter, place, read, recorder, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import type { OperatorRecord } from '../checkpoint/manifest.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import { planNodes } from './planned.ts'
import { requireCompatible } from './require-compatible.ts'

const aggregates = [{ name: 'n', aggregate: 'count', argument: null }] as const
const counts = aggregateNode({ input: read(counter(9)), key: byK, window: null, aggregates, ...place })

function recordOf({ node }: DistributedNode, finished: boolean): OperatorRecord {
  const subtasks = [{ site: 0, finished, watermark: 'Infinity', driver: null }]
  return { id: node.id, named: false, kind: node.kind, label: '', states: [], subtasks }
}

/** A job that ran alone, with its source at the end or not, goes on with three workers. */
function goOn(sourceFinished: boolean): readonly string[] {
  const nodes = planNodes([write(counts, recorder())], {}, 3)
  const isPartial = ({ node }: DistributedNode): boolean => node.kind === 'operator' && node.spec.transient === true
  expect(nodes.filter(isPartial)).toHaveLength(1)
  const there = [...nodes.entries()].filter(([, node]) => !isPartial(node))
  const records = new Map(
    there.map(([index, node]) => [index, recordOf(node, node.node.kind !== 'source' || sourceFinished)]),
  )
  return requireCompatible({ records, dropped: [], added: [] }, nodes, false)
}

test('a partial aggregate that was not there has ended with what it reads from', () => {
  expect(goOn(true)).toEqual([])
})

test('what had ended does not go on with input that has not', () => {
  expect(() => goOn(false)).toThrow('had come to its end, and now reads from')
})
