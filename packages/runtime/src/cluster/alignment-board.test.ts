/** What sites read of what others say, and an Alignment that waits for a stream of another site. */
import { eventTimeNode, type PlanNode } from '@millrace/plan'
import { counter, place, read, recorder, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import { Alignment } from '../driver/alignment.ts'
import type { OperatorVertex } from '../driver/operator-vertex.ts'
import type { SourceVertex } from '../driver/source-vertex.ts'
import { alignmentBoard, boardBytes } from './alignment-board.ts'
import { planNodes } from './planned.ts'

const aligned = (input: PlanNode, alignMs: number | undefined) =>
  eventTimeNode({
    input,
    time: ({ t }: { t: number }) => t,
    strategy: { disorderMs: 0, idleMs: undefined, everyRows: 7, ...(alignMs === undefined ? {} : { alignMs }) },
    ...place,
  })

const nodes = planNodes(
  [100, 200, undefined].map(alignMs => write(aligned(read(counter(1)), alignMs), recorder())),
  {},
)
const [first, second] = nodes.flatMap(({ node }, i) =>
  node.kind === 'operator' && node.spec.alignMs !== undefined ? [i] : [],
) as [number, number]

function boards() {
  const workers = 2
  const buffer = new ArrayBuffer(boardBytes(nodes, workers + 1))
  const rung: number[] = []
  const wake = (site: number): void => void rung.push(site)
  const of = (index: number) => alignmentBoard({ nodes, workers, buffer, offset: 0, index, wake })
  return { worker: [of(0), of(1)] as const, caller: of(2), rung }
}

test('the slowest elsewhere: the least of all aligned streams of the other workers', () => {
  const { worker, caller, rung } = boards()
  expect(worker[0].slowestElsewhere()).toEqual({ node: first, time: Number.NEGATIVE_INFINITY })
  worker[1].publish(first, 2.5e12)
  worker[1].publish(second, -8.64e15)
  expect(rung).toEqual([0, 2, 0, 2])
  expect(worker[0].slowestElsewhere()).toEqual({ node: second, time: -8.64e15 })
  worker[1].publish(second, 8.64e15)
  expect(worker[0].slowestElsewhere()).toEqual({ node: first, time: 2.5e12 })
  expect(worker[1].slowestElsewhere()?.time).toBe(Number.NEGATIVE_INFINITY)
  worker[0].publish(first, 7)
  worker[0].publish(second, 9)
  expect([worker[1].slowestElsewhere(), caller.slowestElsewhere()]).toEqual(Array(2).fill({ node: first, time: 7 }))
})

test('streams that are idle or have ended are not waited for; saying the same again rings nobody', () => {
  const { worker, rung } = boards()
  for (const node of [first, second]) worker[1].publish(node, Number.POSITIVE_INFINITY)
  expect(worker[0].slowestElsewhere()).toBeUndefined()
  rung.length = 0
  worker[1].publish(first, Number.POSITIVE_INFINITY)
  expect(rung).toEqual([])
  worker[1].publish(first, 3)
  expect([rung, worker[0].slowestElsewhere()?.time]).toEqual([[0, 2], 3])
})

test('a source waits for a stream of another worker, but never for its own', () => {
  const input = { index: 0 }
  const source = { feeds: (other: unknown) => other === input } as unknown as SourceVertex
  const operator = (id: number) =>
    ({
      id,
      spec: { alignMs: 100 },
      inputs: [input],
      building: [],
      sentWatermark: 1000,
      ended: false,
    }) as unknown as OperatorVertex
  const slow = (node: number, time: number) => ({ publish: () => {}, slowestElsewhere: () => ({ node, time }) })
  expect(new Alignment([operator(5)], slow(8, 899)).holdsBack(source)).toBe(true)
  expect(new Alignment([operator(5)], slow(8, 900)).holdsBack(source)).toBe(false)
  expect(new Alignment([operator(5)], slow(5, 0)).holdsBack(source)).toBe(false)
  expect(new Alignment([operator(5)], { publish: () => {}, slowestElsewhere: () => undefined }).holdsBack(source)).toBe(
    false,
  )
})
