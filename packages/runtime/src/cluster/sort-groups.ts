/**
 * Rows by key as the files of a part have them, in the order of their ids, sorted into the key groups of their keys: for those
 * who go on with other subtasks. All records of a state that say the same of themselves become one a group.
 */
import { Batch, concat, GROUP_SHIFT, gather, hashRows, type Int32Column, KEY_GROUPS } from '@millrace/algebra'
import type { PartRecord } from '../checkpoint/part.ts'
import { MIXED_GROUPS } from '../state/handle.ts'

/** @param records of any number of operators and subtasks, each with all of its states */
export function sortedByGroup(records: readonly PartRecord[]): PartRecord[] {
  const whole = records.filter(({ group }) => group !== MIXED_GROUPS)
  const mixed = new Map<string, Map<string, PartRecord[]>>()
  for (const record of records) {
    if (record.group !== MIXED_GROUPS) continue
    const subtask = JSON.stringify([record.operator, record.subtask])
    const alike = JSON.stringify([record.state, record.meta])
    let own = mixed.get(subtask)
    if (own === undefined) mixed.set(subtask, (own = new Map()))
    own.set(alike, [...(own.get(alike) ?? []), record])
  }
  return [...whole, ...[...mixed.values()].flatMap(sortedSubtask)]
}

function sortedSubtask(alike: ReadonlyMap<string, readonly PartRecord[]>): PartRecord[] {
  const together = [...alike.values()].map(records => {
    const [first] = records
    return {
      ...first!,
      batch: concat(
        records.map(({ batch }) => batch!),
        first!.batch!.schema,
      ),
    }
  })
  const keys = together.find(({ state }) => state === '')
  if (keys === undefined) return []
  const groups = groupsOf(keys.batch)
  return together.flatMap(record => inGroups(record, groups))
}

/** The key group of each id. */
function groupsOf({ columns: [ids, ...columns], length }: Batch): Uint8Array {
  const { values } = ids as Int32Column
  const hashes = new Int32Array(length)
  hashRows(columns, null, length, hashes)
  const groups = new Uint8Array(values.reduce((most, id) => Math.max(most, id + 1), 0))
  for (let i = 0; i < length; i++) groups[values[i]] = hashes[i] >>> GROUP_SHIFT
  return groups
}

/** A counting sort: rows of a group stay in their order. */
function inGroups(record: PartRecord & { readonly batch: Batch }, groups: Uint8Array): PartRecord[] {
  const { batch } = record
  const { values } = batch.columns[0] as Int32Column
  const ends = new Int32Array(KEY_GROUPS + 1)
  for (let i = 0; i < batch.length; i++) ends[groups[values[i]] + 1]++
  for (let group = 0; group < KEY_GROUPS; group++) ends[group + 1] += ends[group]
  const rows = new Int32Array(batch.length)
  const next = ends.slice(0, KEY_GROUPS)
  for (let i = 0; i < batch.length; i++) rows[next[groups[values[i]]]++] = i
  return Array.from({ length: KEY_GROUPS }, (_, group): PartRecord[] => {
    const own = rows.subarray(ends[group], ends[group + 1])
    if (own.length === 0) return []
    const columns = batch.columns.map(column => gather(column, own, own.length))
    return [{ ...record, group, batch: new Batch(batch.schema, columns, own.length) }]
  }).flat()
}
