import { BatchBuilder } from '@millrace/algebra'
import { aggregateNode, distinctNode, eventTimeNode, type PlanNode } from '@millrace/plan'
import { byK, counterSchema, place, read, recorder, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import type { Source } from '../source.ts'
import { simulateCluster } from './cluster.ts'

/** Split i: times from i * 1000 on, in order. */
const source: Source = {
  label: 'days',
  schema: counterSchema,
  bounded: true,
  prunes: false,
  concurrentSplits: 4,
  splits: async () => [0, 1, 2].map(i => ({ id: `${i}` })),
  open: split => {
    let at = 0
    return {
      poll(max) {
        if (at === 300) return 'end'
        const b = new BatchBuilder(counterSchema)
        for (let i = 0; i < max && at < 300; i++, at++) b.append({ k: at % 7, t: Number(split.id) * 1000 + at })
        return b.build()
      },
      offset: () => at,
      close: () => {},
    }
  },
}
const distinct = (input: PlanNode) =>
  distinctNode({ input, key: { kind: 'columns', columns: ['t'] }, ...place } as never)
test('late rows where event time comes behind exchanges', async () => {
  for (const [hops, workers] of [
    [1, 1],
    [2, 1],
    [0, 3],
    [1, 2],
    [1, 3],
    [2, 2],
  ] as const) {
    let late = 0,
      read1 = 0
    for (let seed = 0; seed < 4; seed++) {
      let rows: PlanNode = read(source)
      for (let i = 0; i < hops; i++) rows = distinct(rows)
      const timed = eventTimeNode({
        input: rows,
        time: ({ t }: { t: number }) => t,
        strategy: { disorderMs: 0, idleMs: undefined, everyRows: 1 },
        ...place,
      })
      const windows = aggregateNode({
        input: timed,
        key: byK,
        window: { kind: 'tumbling', sizeMs: 10, slideMs: 10, offsetMs: 0 },
        aggregates: [{ name: 'n', aggregate: 'count', argument: null }],
        ...place,
      })
      const s = await simulateCluster([write(windows, recorder())], { seed, workers, batchRows: 5 }).finished
      late += s.late
      read1 += s.rowsRead
    }
    expect(late, `${workers} workers, ${hops} exchanges`).toBe(0)
    expect(read1).toBe(3600)
  }
})
