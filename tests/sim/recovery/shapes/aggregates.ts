/** Counts by key, which update; windows, which close; and a union of two ways that one source takes. */
import { aggregateNode, eventTimeNode, functionNode, type PlanNode, sideNode, unionNode } from '@millrace/plan'
import type { Draw } from '../draw.ts'
import {
  byK,
  type Contents,
  count,
  countsByK,
  type Event,
  events,
  exactly,
  type Load,
  place,
  rowOf,
  rowsOf,
} from '../load.ts'

const time = ({ t }: { readonly t: number }): number => t

export function keyedAggregate(draw: Draw): Load {
  const table = events(draw)
  const plans: Load['plans'] = read => [
    aggregateNode({ input: read('events'), key: byK, window: null, aggregates: count, ...place }),
  ]
  return { shape: 'aggregate', tables: [table], plans, outputs: [exactly('counts', countsByK(rowsOf<Event>(table)))] }
}

/** @param kind sliding windows are made of slices */
function windows(input: PlanNode, kind: 'tumbling' | 'sliding', sizeMs: number, idleMs?: number): PlanNode {
  const strategy = { disorderMs: 0, idleMs, alignMs: undefined, everyRows: 3 }
  const timed = eventTimeNode({ input, time, strategy, ...place })
  const slideMs = kind === 'sliding' ? sizeMs / 4 : sizeMs
  return aggregateNode({
    input: timed,
    key: byK,
    window: { kind, sizeMs, slideMs, offsetMs: 0 },
    aggregates: count,
    ...place,
  })
}

/** No row is late: every split is in order, and all are read at the same time. */
export function closedWindows(draw: Draw): Load {
  const table = events(draw, { keys: 10 })
  const kind = draw.pick(['sliding', 'sliding', 'tumbling'] as const)
  const [sizeMs, slideMs] = [400, kind === 'sliding' ? 100 : 400]
  const expected = new Map<string, number>()
  for (const { k, t } of rowsOf<Event>(table))
    for (let start = Math.floor(t / slideMs) * slideMs; start > t - sizeMs; start -= slideMs) {
      const window = JSON.stringify([k, start])
      expected.set(window, (expected.get(window) ?? 0) + 1)
    }
  const rows = [...expected].map(([window, n]) => {
    const [k, windowStart] = JSON.parse(window) as [number, number]
    return { k, windowStart, windowEnd: windowStart + sizeMs, n }
  })
  return {
    shape: kind,
    tables: [table],
    plans: read => [windows(read('events'), kind, sizeMs)],
    outputs: [exactly('windows', rows)],
  }
}

/** Some rows are late, the more where a split falls idle. Each row is counted or late, and each window comes once. */
export function lateRows(draw: Draw): Load {
  const table = events(draw, { keys: 10, late: 0.1 })
  const total = rowsOf(table).length
  const idleMs = draw.pick([undefined, undefined, 100])
  const plans: Load['plans'] = read => {
    const closed = windows(read('events'), 'tumbling', 400, idleMs)
    return [closed, sideNode({ input: closed, side: 'late', ...place })]
  }
  let counted = 0
  const wrong = (contents: Contents): string | undefined => {
    const rows = [...contents.keys()].map(rowOf)
    const twice = duplicate(rows.map(({ k, windowStart }) => `${k} at ${windowStart}`))
    counted = rows.reduce((sum, { n }) => sum + Number(n), 0)
    return twice && `window ${twice} came twice`
  }
  const wrongLate = (contents: Contents): string | undefined => {
    const sum = counted + contents.size
    return sum === total ? undefined : `${counted} rows are counted and ${contents.size} late, of ${total}`
  }
  const outputs = [
    { name: 'windows', wrong },
    { name: 'late', wrong: wrongLate },
  ]
  // Where a split was idle, workers may have closed other windows than one another: that is refused.
  return { shape: 'late rows', tables: [table], plans, outputs, moves: idleMs === undefined }
}

function duplicate(names: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return names.find(name => seen.has(name) || !seen.add(name))
}

export function diamond(draw: Draw): Load {
  const table = events(draw)
  const isEven = ({ id }: { id: number }): boolean => id % 2 === 0
  const moved = (row: Event): Event => ({ ...row, k: row.k + 1, id: -1 - row.id })
  const plans: Load['plans'] = read => {
    const input = read('events')
    const even = functionNode({ input, kind: 'filter', fn: isEven, ...place })
    const other = functionNode({ input, kind: 'map', fn: moved, schema: input.schema, ...place })
    const all = unionNode({ inputs: [even, other], ...place })
    return [all, aggregateNode({ input: all, key: byK, window: null, aggregates: count, ...place })]
  }
  const all = [...rowsOf<Event>(table).filter(isEven), ...rowsOf<Event>(table).map(moved)]
  const outputs = [exactly('union', all), exactly('counts', countsByK(all))]
  return { shape: 'diamond', tables: [table], plans, outputs }
}

/** A stream that ends early, and one that does not. */
export function twoStreams(draw: Draw): Load {
  const early = { ...events(draw, { label: 'early', rows: draw.between(20, 600) }), held: Number.POSITIVE_INFINITY }
  const long = events(draw)
  const moved = (row: Event): Event => ({ ...row, id: -1 - row.id })
  const plans: Load['plans'] = read => {
    const input = read('early')
    const other = functionNode({ input, kind: 'map', fn: moved, schema: input.schema, ...place })
    const all = unionNode({ inputs: [other, read('events')], ...place })
    return [other, all, aggregateNode({ input: all, key: byK, window: null, aggregates: count, ...place })]
  }
  const first = rowsOf<Event>(early).map(moved)
  const all = [...first, ...rowsOf<Event>(long)]
  const outputs = [exactly('early', first), exactly('union', all), exactly('counts', countsByK(all))]
  return { shape: 'two streams', tables: [early, long], plans, outputs }
}
