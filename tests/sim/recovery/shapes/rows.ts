/** Rows that are sorted, dealt out, told apart or cut off; and several sinks of all kinds. */
import {
  aggregateNode,
  column,
  distinctNode,
  functionNode,
  limitNode,
  projectNode,
  rebalanceNode,
  sortNode,
  streamNode,
} from '@millrace/plan'
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
  rowsOf,
  shown,
  type Table,
} from '../load.ts'

export function sorted(draw: Draw): Load {
  const table = events(draw, { bounded: true })
  const plans: Load['plans'] = read => {
    const input = read('events')
    const by = ['k', 'id'].map(name => ({ expression: column(input.schema, name), descending: name === 'k' }))
    const ordered = sortNode({ input, by, ...place })
    const counts = aggregateNode({ input, key: byK, window: null, aggregates: count, ...place })
    return [ordered, limitNode({ input: ordered, rows: 50, ...place }), counts]
  }
  const rows = rowsOf<Event>(table)
  const first = rows.toSorted((a, b) => b.k - a.k || a.id - b.id).slice(0, 50)
  const outputs = [exactly('sorted', rows), exactly('first', first), exactly('counts', countsByK(rows))]
  return { shape: 'sort', tables: [table], plans, outputs }
}

export function rebalanced(draw: Draw): Load {
  const table = events(draw)
  const fn = (row: Event): Event => ({ ...row, k: row.id * 2 })
  const plans: Load['plans'] = read => {
    const input = rebalanceNode({ input: read('events'), ...place })
    return [functionNode({ input, kind: 'map', fn, schema: input.schema, ...place })]
  }
  const outputs = [exactly('rows', rowsOf<Event>(table).map(fn))]
  return { shape: 'rebalance', tables: [table], plans, outputs }
}

/** Workers whose splits are at their end have nothing more to do, while others go on. */
export function forwarded(draw: Draw): Load {
  const every = draw.pick([1, 1, 2])
  const table: Table = { ...events(draw), early: split => split > 0 && split % every === 0, place: 'workers' }
  const isOdd = ({ id }: { id: number }): boolean => id % 2 === 1
  const plans: Load['plans'] = read => {
    const input = read('events')
    return [functionNode({ input, kind: 'filter', fn: isOdd, ...place }), input]
  }
  const outputs = [exactly('odd', rowsOf<Event>(table).filter(isOdd)), exactly('rows', rowsOf<Event>(table))]
  return { shape: 'forward', tables: [table], plans, outputs }
}

export function distinctRows(draw: Draw): Load {
  const table = events(draw, { keys: 300 })
  const rows = draw.between(20, draw.rows ?? 500)
  const plans: Load['plans'] = read => {
    const input = read('events')
    const columns = ['k', 'name'].map(name => ({ name, expression: column(input.schema, name) }))
    const distinct = distinctNode({ input: projectNode({ input, columns, ...place }), key: null, ...place })
    return [distinct, limitNode({ input, rows, ...place })]
  }
  const all = new Set<string>()
  const pairs = new Map<string, unknown>()
  for (const { k, name } of rowsOf<Event>(table)) pairs.set(`${k} ${name}`, { k, name })
  for (const row of rowsOf(table)) all.add(shown(row))
  const wrongLimit = (contents: Contents): string | undefined => {
    const foreign = [...contents].find(([row, times]) => times !== 1 || !all.has(row))
    if (foreign !== undefined) return `${foreign[1]} of ${foreign[0]}`
    return contents.size === rows ? undefined : `${contents.size} rows of ${rows}`
  }
  const outputs = [exactly('distinct', [...pairs.values()]), { name: 'limit', wrong: wrongLimit }]
  return { shape: 'distinct', tables: [table], plans, outputs }
}

export function severalSinks(draw: Draw): Load {
  const table = events(draw, { bounded: true })
  const plans: Load['plans'] = read => {
    const input = read('events')
    const rows = streamNode({ input, ...place })
    const counted = (from: typeof input | typeof rows) =>
      aggregateNode({ input: from, key: byK, window: null, aggregates: count, ...place })
    return [counted(input), rows, counted(rows), input]
  }
  const rows = rowsOf<Event>(table)
  const counts = countsByK(rows)
  const outputs = [
    exactly('bounded', counts),
    exactly('appending', rows),
    exactly('updating', counts),
    exactly('whole', rows),
  ]
  return { shape: 'several sinks', tables: [table], plans, outputs }
}
