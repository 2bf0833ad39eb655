/** Joins whose build side is long in coming: checkpoints are taken while it loads. */
import { field, Schema } from '@millrace/algebra'
import { joinNode, type PlanNode } from '@millrace/plan'
import type { Draw } from '../draw.ts'
import { byK, type Event, events, exactly, type Load, place, rowsOf, type Table } from '../load.ts'

const nameSchema = Schema.record([field('k', 'int32'), field('label', 'text')])

function names(draw: Draw, keys: number): Table {
  const rows = Array.from({ length: keys }, (_, k) => ({ k, label: `label ${k % 17}` }))
  const cut = draw.between(1, 3)
  return {
    label: 'names',
    schema: nameSchema,
    bounded: true,
    splits: Array.from({ length: cut }, (_, s) => rows.filter(({ k }) => k % cut === s)),
    paceMs: draw.pick([1, 5, 20]),
    held: draw.pick([3, 1e9, 1e9]),
    concurrentSplits: draw.pick([1, 9]),
    place: draw.pick(['workers', 'caller']),
  }
}

export function streamJoin(draw: Draw): Load {
  const table = events(draw, { keys: 60 })
  const build = names(draw, draw.pick([20, 100]))
  const how = draw.pick(['inner', 'left', 'semi', 'anti'] as const)
  const strategy = draw.pick(['hash', 'hash', 'broadcast'] as const)
  const plans: Load['plans'] = read => [
    joinNode({ left: read('events'), right: read('names'), how, strategy, leftKey: byK, rightKey: byK, ...place }),
  ]
  const labels = new Map(rowsOf<{ k: number; label: string }>(build).map(({ k, label }) => [k, label]))
  const rows = rowsOf<Event>(table).flatMap((row): unknown[] => {
    const label = labels.get(row.k)
    if (how === 'semi' || how === 'anti') return (label !== undefined) === (how === 'semi') ? [row] : []
    if (label === undefined) return how === 'left' ? [{ ...row, label: null }] : []
    return [{ ...row, label }]
  })
  return { shape: 'stream join', tables: [table, build], plans, outputs: [exactly(how, rows)] }
}

/** Each side is the other's build side, so that rows are taken in and kept. */
export function crosswiseJoins(draw: Draw): Load {
  const one = events(draw, { label: 'a', rows: 1100, bounded: true, keys: 700 })
  const other = events(draw, { label: 'b', rows: 1100, bounded: true, keys: 700 })
  const semi = (left: PlanNode, right: PlanNode): PlanNode =>
    joinNode({ left, right, how: 'semi', leftKey: byK, rightKey: byK, ...place })
  const plans: Load['plans'] = read => [semi(read('a'), read('b')), semi(read('b'), read('a'))]
  const meets = (from: Table, met: Table): Event[] => {
    const keys = new Set(rowsOf<Event>(met).map(({ k }) => k))
    return rowsOf<Event>(from).filter(({ k }) => keys.has(k))
  }
  const outputs = [exactly('a', meets(one, other)), exactly('b', meets(other, one))]
  return { shape: 'crosswise joins', tables: [one, other], plans, outputs }
}
