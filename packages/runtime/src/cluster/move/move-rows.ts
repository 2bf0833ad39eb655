/** States of rows in order of arrival, where the subtasks are others than before. */
import {
  type Batch,
  concat,
  field,
  GROUP_SHIFT,
  gather,
  hashRows,
  Int32Column,
  Batch as Rows,
  Schema,
} from '@millrace/algebra'
import { workerOfGroup } from '../../lower/worker-of-group.ts'
import type { StatePart } from '../../state/handle.ts'
import type { FormerParts, MovedKeys } from './moved-keys.ts'

const idSchema = Schema.record([field('id', 'int32')])

/** Rows chained by key: those of this subtask's keys, one former subtask's behind the other's, each in their order. */
export function keyedRows(state: readonly FormerParts[], keys: MovedKeys, schema: Schema): StatePart[] {
  const batches: Batch[] = []
  const ids: number[] = []
  for (const { subtask: former, parts } of state) {
    const rows = batchOf(parts, 'rows')
    const of = batchOf(parts, 'ids')
    if (rows === undefined || of === undefined) continue
    const own: number[] = []
    for (let row = 0; row < rows.length; row++) {
      const id = keys.idOf(former, of.get(0, row) as number)
      if (id < 0) continue
      own.push(row)
      ids.push(id)
    }
    batches.push(picked(rows, own))
  }
  if (ids.length === 0) return []
  return [
    ...rowsPart(batches, schema),
    { group: -1, meta: 'ids', batch: new Rows(idSchema, [new Int32Column(Int32Array.from(ids))], ids.length) },
  ]
}

/** Rows whose key's group is this subtask's, by the columns of the key. */
export function rowsOfGroups(
  state: readonly FormerParts[],
  columns: readonly number[],
  subtask: number,
  subtasks: number,
  schema: Schema,
): StatePart[] {
  const batches = state.flatMap(({ parts }) => {
    const rows = batchOf(parts, 'rows')
    if (rows === undefined) return []
    const hashes = new Int32Array(rows.length)
    hashRows(
      columns.map(c => rows.columns[c]),
      null,
      rows.length,
      hashes,
    )
    const own: number[] = []
    for (const [row, hash] of hashes.entries())
      if (workerOfGroup(hash >>> GROUP_SHIFT, subtasks) === subtask) own.push(row)
    return [picked(rows, own)]
  })
  return rowsPart(batches, schema)
}

/** All rows of the former subtasks that fall to this one, going round. */
export function rowsInTurn(
  state: readonly FormerParts[],
  subtask: number,
  subtasks: number,
  schema: Schema,
): StatePart[] {
  const batches = state.flatMap(({ subtask: former, parts }) => {
    const rows = batchOf(parts, 'rows')
    return rows === undefined || former % subtasks !== subtask ? [] : [rows]
  })
  return rowsPart(batches, schema)
}

function batchOf(parts: readonly StatePart[], meta: string): Batch | undefined {
  return parts.find(part => part.meta === meta)?.batch ?? undefined
}

/** Rows have times if all do; of former subtasks, some may have none. */
function rowsPart(batches: readonly Batch[], schema: Schema): StatePart[] {
  const some = batches.filter(({ length }) => length > 0)
  if (some.length === 0) return []
  const timed = some.every(({ times }) => times !== null)
  const alike = timed ? some : some.map(b => new Rows(b.schema, b.columns, b.length, null, b.weights))
  return [{ group: -1, meta: 'rows', batch: concat(alike, schema) }]
}

function picked({ schema, columns, length, times, weights }: Batch, rows: readonly number[]): Batch {
  const at = Int32Array.from(rows)
  if (at.length === length) return new Rows(schema, columns, length, null, weights, times)
  return new Rows(
    schema,
    columns.map(column => gather(column, at, at.length)),
    at.length,
    null,
    weights === null ? null : Int32Array.from(at, row => weights[row]),
    times === null ? null : Float64Array.from(at, row => times[row]),
  )
}
