/** Operators that have much to give at once wait for the sink: what is queued on the way stays bounded. */
import {
  aggregateNode,
  column,
  eventTimeNode,
  joinNode,
  type PlanNode,
  processNode,
  reduceNode,
  sortNode,
  type WindowSpec,
} from '@millrace/plan'
import { byK, counter, counterSchema, place, read, recorder, simulated, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import { execute } from '../execute.ts'
import { CHANNEL_BATCHES } from './input-port.ts'

/** So many batches of results that a sink that takes one at a time leaves most of them waiting. */
const rows = 40 * 1024

const all = (bounded: boolean): PlanNode => read({ ...counter(rows, rows), bounded })
const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 1024 }
const timed = (): PlanNode => eventTimeNode({ input: all(true), time: ({ t }: { t: number }) => t, strategy, ...place })
const later = (_: unknown, b: unknown): unknown => b

function counted(input: PlanNode, window: WindowSpec | null): PlanNode {
  const aggregates = [{ name: 'n', aggregate: 'count', argument: null }] as const
  return aggregateNode({ input, key: byK, window, aggregates, ...place })
}

/** Every row's timer is due when the input ends. */
function alarmed(): PlanNode {
  const onElement = ({ t }: { t: number }, { timers }: { timers: { at(timeMs: number): void } }): void =>
    timers.at(t + 1e6)
  const onTimer = (time: number, { emit }: { emit(row: unknown): void }): void => emit(time)
  return processNode({ input: timed(), key: byK, state: {}, sides: {}, onElement, onTimer, ...place })
}

const whole = { kind: 'tumbling', sizeMs: 1e6, slideMs: 1e6, offsetMs: 0 } as const
const overlapping = { kind: 'sliding', sizeMs: 1e6, slideMs: 5e5, offsetMs: 0 } as const
const byTime = [{ expression: column(counterSchema, 't'), descending: true }]

const programs: readonly [string, () => PlanNode, number][] = [
  ['a final aggregate', () => counted(all(true), null), rows],
  ['a running aggregate', () => counted(all(false), null), rows],
  ['a window', () => counted(timed(), whole), rows],
  ['overlapping windows', () => counted(timed(), overlapping), 2 * rows],
  ['a final reduce', () => reduceNode({ input: all(true), key: byK, window: null, fn: later, ...place }), rows],
  ['a running reduce', () => reduceNode({ input: all(false), key: byK, window: null, fn: later, ...place }), rows],
  ['a sort', () => sortNode({ input: all(true), by: byTime, ...place }), rows],
  ['timers', alarmed, rows],
  [
    'rows that only a build side has',
    () =>
      joinNode({
        left: read(counter(1)),
        right: all(true),
        leftKey: byK,
        rightKey: byK,
        how: 'right',
        select: later,
        ...place,
      }),
    rows,
  ],
]

test.each(programs)('%s', async (_, plan, expected) => {
  const sink = recorder(50)
  let queued = 0
  await execute([write(plan(), sink)], {
    ...simulated(1, 1024),
    metricsMs: 25,
    onEvent: e => {
      if (e.kind === 'metrics') for (const operator of e.operators) queued = Math.max(queued, operator.queued)
    },
  }).finished
  expect(sink.rows.length).toBe(expected)
  expect(queued).toBeGreaterThanOrEqual(CHANNEL_BATCHES) // else it was never asked to wait
  expect(queued).toBeLessThanOrEqual(CHANNEL_BATCHES + 2)
})
