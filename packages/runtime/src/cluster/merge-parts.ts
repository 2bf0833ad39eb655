/**
 * The files of a part as if they were one that has everything.
 *
 * Law: a record that is no change is all of its state; the files before it count no longer, nor do they for a state of which a
 * file has no record. Changes are of states by key: the key index says which ids were touched, and what files before have of
 * these is replaced; which ids have another key or none, and what they have of their keys is replaced. What no key tells
 * apart (group -1) is as the last file has it; of the free ids, a change keeps the first so many.
 *
 * Files are read from the last to the first, and a row is kept if no later file replaces it: each once, whatever their number.
 */
import { Batch, field, gather, Int32Column, Schema } from '@millrace/algebra'
import type { PartRecord } from '../checkpoint/part.ts'
import { idsOf } from '../state/arrays.ts'
import { mostOf } from '../state/held-ids.ts'
import { slicesByStart } from './slice-records.ts'

/** Bits of an id. */
const VALUES = 1
const KEYS = 2

interface Layout {
  readonly highWater: number
  readonly free: Int32Array
  /** Of the free ids of the file before, from the first; 0: it has all of them. */
  readonly kept: number
}

/** @param files the records of each, the base first */
export function mergedRecords(files: readonly (readonly PartRecord[])[]): PartRecord[] {
  const subtasks = new Map<string, PartRecord[][]>()
  for (const [at, records] of files.entries())
    for (const record of records) {
      const name = JSON.stringify([record.operator, record.subtask])
      let own = subtasks.get(name)
      if (own === undefined) subtasks.set(name, (own = files.map(() => [])))
      own[at]!.push(record)
    }
  return [...subtasks.values()].flatMap(own => slicesByStart(mergedSubtask(own)))
}

function mergedSubtask(files: readonly (readonly PartRecord[])[]): PartRecord[] {
  const last = files[files.length - 1] ?? []
  if (!last.some(({ change }) => change)) return [...last]
  let replaced: Uint8Array = new Uint8Array(0)
  let open = new Set(last.map(({ state }) => state))
  const merged: PartRecord[][] = []
  const layouts: Layout[] = []
  for (const records of files.toReversed()) {
    const next = new Set<string>()
    const own: PartRecord[] = []
    merged.unshift(own)
    for (const record of records) {
      if (!open.has(record.state)) continue
      if (record.change) next.add(record.state)
      const layout = layoutOf(record)
      if (layout !== undefined) layouts.push(layout)
      else if (record.group >= 0) own.push(...kept(record, replaced))
      else if (records === last && !isList(record) && !isSign(record)) own.push({ ...record, change: false })
    }
    for (const record of records) replaced = marked(replaced, record)
    open = next
  }
  const [newest] = last.filter(record => layoutOf(record) !== undefined)
  return [...(newest === undefined ? [] : [layoutRecord(newest, layouts)]), ...merged.flat()]
}

function isList({ state, group, meta }: PartRecord): boolean {
  return state === '' && group === -1 && typeof meta === 'string'
}

/** Says only that a state goes on from files before. */
function isSign({ change, meta, batch }: PartRecord): boolean {
  return change && meta === null && batch === null
}

function layoutOf({ state, group, meta, batch }: PartRecord): Layout | undefined {
  if (state !== '' || group !== -1 || typeof meta === 'string') return undefined
  const free = (batch!.columns[0] as Int32Column).values.subarray(0, batch!.length)
  if (typeof meta === 'number') return { highWater: meta, free, kept: 0 }
  const { highWater, kept } = meta as { readonly highWater: number; readonly kept: number }
  return { highWater, free, kept }
}

/** If the record says which ids have changed: later files have what these have. Returns the marks, larger if need be. */
export function marked(replaced: Uint8Array, record: PartRecord): Uint8Array {
  if (!isList(record)) return replaced
  const { meta, batch } = record
  const ids = idsOf(batch!.columns[0], batch!.length)
  const marks = withRoom(replaced, mostOf(ids) + 1)
  const bits = meta === 'keys' ? KEYS | VALUES : VALUES
  for (let i = 0; i < ids.length; i++) marks[ids[i]] |= bits
  return marks
}

function withRoom(marks: Uint8Array, room: number): Uint8Array {
  if (marks.length >= room) return marks
  const larger = new Uint8Array(Math.max(room, marks.length * 2))
  larger.set(marks)
  return larger
}

/** The record without what later files replace. */
export function kept(record: PartRecord, replaced: Uint8Array): PartRecord[] {
  const { batch, state } = record
  if (batch === null) return []
  const { values } = batch.columns[0] as Int32Column
  const bit = state === '' ? KEYS : VALUES
  const rows = new Int32Array(batch.length)
  let count = 0
  for (let i = 0; i < batch.length; i++) {
    rows[count] = i
    count += (replaced[values[i]] & bit) === 0 ? 1 : 0
  }
  if (count === 0) return []
  if (count === batch.length) return [{ ...record, change: false }]
  const columns = batch.columns.map(column => gather(column, rows, count))
  return [{ ...record, change: false, batch: new Batch(batch.schema, columns, count) }]
}

/** @param layouts of the files, the last first */
function layoutRecord(newest: PartRecord, layouts: readonly Layout[]): PartRecord {
  let free = new Int32Array(0)
  for (const { free: own, kept } of layouts.toReversed()) {
    const all = new Int32Array(kept + own.length)
    all.set(free.subarray(0, kept))
    all.set(own, kept)
    free = all
  }
  const batch = new Batch(idSchema, [new Int32Column(free)], free.length)
  return { ...newest, change: false, meta: layouts[0]!.highWater, batch }
}

const idSchema = Schema.record([field('id', 'int32')])
