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
import { byK, type Contents, count, countsOf, difference, events, exact, expectedOf, type Load, place, type Row } from '../load.ts'

export function sorted(draw: Draw): Load {
  const table = events(draw, { bounded: true })
  const plans: Load['plans'] = read => {
    const input = read('events')
    const by = ['k', 'id'].map(name => ({ expression: column(input.schema, name), descending: name === 'k' }))
    const ordered = sortNode({ input, by, ...place })
    const counts = aggregateNode({ input, key: byK, window: null, aggregates: count, ...place })
    return [ordered, limitNode({ input: ordered, rows: 50, ...place }), counts]
  }
  return exact({ shape: 'sort', tables: [table], plans }, ['sorted', 'first', 'counts'])
}

export function rebalanced(draw: Draw): Load {
  const table = events(draw)
  const fn = (row: Row & { id: number }) => ({ ...row, k: row.id * 2 })
  const plans: Load['plans'] = read => {
    const input = rebalanceNode({ input: read('events'), ...place })
    return [functionNode({ input, kind: 'map', fn, schema: input.schema, ...place })]
  }
  return exact({ shape: 'rebalance', tables: [table], plans }, ['rows'])
}

export function distinctRows(draw: Draw): Load {
  const table = events(draw, { keys: 300 })
  const rows = draw.between(20, 500)
  const plans: Load['plans'] = read => {
    const input = read('events')
    const columns = ['k', 'name'].map(name => ({ name, expression: column(input.schema, name) }))
    const distinct = distinctNode({ input: projectNode({ input, columns, ...place }), key: null, ...place })
    return [distinct, limitNode({ input, rows, ...place })]
  }
  const [expected] = expectedOf({ tables: [table], plans })
  const all = countsOf(table.splits.flat())
  const wrongLimit = (contents: Contents): string | undefined => {
    const foreign = [...contents].find(([row, times]) => times !== 1 || !all.has(row))
    if (foreign !== undefined) return `${foreign[1]} of ${foreign[0]}`
    return contents.size === rows ? undefined : `${contents.size} rows of ${rows}`
  }
  const outputs = [
    { name: 'distinct', wrong: (contents: Contents) => difference(contents, expected!) },
    { name: 'limit', wrong: wrongLimit },
  ]
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
  return exact({ shape: 'several sinks', tables: [table], plans }, ['bounded', 'appending', 'updating', 'whole'])
}
