import { by, schemaOf, site, sourceOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { hasEventTime } from './event-time.ts'
import type { JoinHow, PlanNode, WindowSpec } from './node.ts'
import { aggregateNode } from './nodes/aggregate.ts'
import { sideNode, streamNode } from './nodes/ends.ts'
import { joinNode } from './nodes/join.ts'
import { processNode } from './nodes/keyed.ts'
import { eventTimeNode, functionNode } from './nodes/rows.ts'
import { unionNode } from './nodes/union.ts'

const fn = () => null
const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 1024 }
const timed = (input: PlanNode) => eventTimeNode({ input, time: fn, strategy, site })
const day: WindowSpec = { kind: 'tumbling', sizeMs: 86_400_000, slideMs: 86_400_000, offsetMs: 0 }

describe('event time', () => {
  const stream = sourceOf('id int32')
  const table = sourceOf('id int32', { bounded: true })
  const join = (left: PlanNode, right: PlanNode, how: JoinHow = 'inner') =>
    joinNode({ left, right, how, leftKey: by('id'), rightKey: by('id'), site })
  const window = aggregateNode({ input: timed(stream), key: by('id'), window: day, aggregates: [], site })
  const grouped = aggregateNode({ input: timed(stream), key: by('id'), window: null, aggregates: [], site })
  const process = (input: PlanNode) =>
    processNode({ input, key: by('id'), state: {}, sides: { s: schemaOf('n double') }, onElement: fn, site })
  test.each<[string, PlanNode, boolean]>([
    ['source', stream, false],
    ['source with times', sourceOf('id int32', { timed: true }), true],
    ['eventTime', timed(stream), true],
    ['map', functionNode({ input: timed(stream), kind: 'map', fn, site }), true],
    ['stream', streamNode({ input: timed(table), site }), true],
    ['union of timed', unionNode({ inputs: [timed(stream), timed(table)], site }), true],
    ['union of one untimed', unionNode({ inputs: [timed(stream), table], site }), false],
    ['stream with table', join(timed(stream), table), true],
    ['table with stream', join(table, timed(stream)), true],
    ['stream with untimed stream', join(timed(stream), stream), false],
    ['tables without', join(table, table), false],
    ['timed rows with or without partner', join(timed(stream), table, 'left'), true],
    ['untimed rows with or without partner', join(table, timed(table), 'left'), false],
    ['untimed rows with a timed partner', join(table, timed(table), 'right'), true],
    ['untimed rows that no timed one met', join(timed(table), table, 'right'), false],
    ['all untimed rows and timed ones', join(timed(table), table, 'full'), false],
    ['untimed rows that have a timed partner', join(table, timed(table), 'semi'), false],
    ['window', window, true],
    ['aggregate without a window', grouped, false],
    ['late rows', sideNode({ input: window, side: 'late', site }), true],
    ['process', process(timed(stream)), true],
    ['side of process', sideNode({ input: process(timed(stream)), side: 's', site }), true],
    ['side of untimed process', sideNode({ input: process(stream), side: 's', site }), false],
    ['rejected', sideNode({ input: sourceOf('id int32', { timed: true }), side: 'rejected', site }), false],
  ])('%s: %s', (_, node, expected) => expect(hasEventTime(node)).toBe(expected))
})
