/** Joins that wait for one another: one of each circle takes its left side in, the others hold theirs up. */
import { aggregateNode, joinNode, type PlanNode, type SinkNode, streamNode, unionNode } from '@millrace/plan'
import { byK, counter, place, read, recorder, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import { planJob } from '../cluster/plan-job.ts'

const source = (): PlanNode => read(counter(10))
const join = (left: PlanNode, right: PlanNode): PlanNode =>
  joinNode({ left, right, leftKey: byK, rightKey: byK, how: 'semi', ...place })

/** Which of the job's joins take their left side in, in the order of the plan. */
function taking(workers: number, ...roots: readonly PlanNode[]): boolean[] {
  const sinks = roots.map((root): SinkNode => write(root, recorder()))
  return planJob(sinks, workers, { optimise: false }).nodes.flatMap(({ node }) =>
    node.kind === 'operator' && node.spec.inputs[1]?.build === true ? [node.spec.inputs[0]!.early === true] : [],
  )
}

test('joins of sources of their own wait', () => {
  const [a, b, c, d] = [source(), source(), source(), source()]
  expect(taking(2, join(join(a, b), join(c, d)))).toEqual([false, false, false])
  expect(taking(2, join(a, b), join(a, c), join(d, b))).toEqual([false, false, false])
})

test('of two that are crosswise one does not', () => {
  const [a, b] = [source(), source()]
  expect(taking(2, join(a, b), join(b, a))).toEqual([false, true])
})

test('of a circle of three one does not', () => {
  const [a, b, c] = [source(), source(), source()]
  expect(taking(2, join(a, b), join(b, c), join(c, a))).toEqual([false, false, true])
})

test('a join of what another lets through waits for that', () => {
  const [a, b, c] = [source(), source(), source()]
  expect(taking(2, join(join(a, b), c), join(c, a))).toEqual([false, false, true])
  expect(taking(2, join(c, join(a, b)), join(a, c))).toEqual([false, false, true])
  expect(taking(2, join(a, b), join(unionNode({ inputs: [b, c], ...place }), join(c, a)))).toEqual([false, false, true])
})

test('the end of an epoch may lie behind what a join holds up', () => {
  const [a, b, c] = [source(), source(), source()]
  const counts = (input: PlanNode): PlanNode =>
    aggregateNode({
      input: streamNode({ input, ...place }),
      key: byK,
      window: null,
      aggregates: [{ name: 'n', aggregate: 'count', argument: null }],
      ...place,
    })
  const both = (x: PlanNode, y: PlanNode): PlanNode => unionNode({ inputs: [x, y], ...place })
  // What is built comes to the union beside what the join lets through.
  expect(taking(2, counts(both(a, join(b, a))))).toEqual([true])
  expect(taking(2, counts(both(c, join(b, a))))).toEqual([false])
  expect(taking(2, both(a, join(b, a)))).toEqual([false])
})

test('on one worker it is found out when it comes to that', () => {
  const [a, b] = [source(), source()]
  expect(taking(1, join(a, b), join(b, a))).toEqual([false, false])
})
