import type { CheckpointSummary } from '@millrace/runtime/checkpoints'
import { bytesText, countText, momentText, spanText } from './amounts.ts'
import { table } from './table.ts'

const columns = [
  { title: 'id', right: true },
  { title: 'kind' },
  { title: 'taken (UTC)' },
  { title: 'age', right: true },
  { title: 'took', right: true },
  { title: 'size', right: true },
  { title: 'ops', right: true },
  { title: 'state rows', right: true },
  { title: '' },
]

/** A line for each checkpoint and savepoint of a folder. */
export function listOf(dir: string, all: readonly CheckpointSummary[], nowMs: number): string {
  if (all.length === 0) return `${dir}: no checkpoint yet`
  const newest = all.filter(({ complete }) => complete).at(-1)
  return table(
    columns,
    all.map(each => lineOf(each, each === newest, nowMs)),
  )
}

function lineOf(each: CheckpointSummary, isNewest: boolean, nowMs: number): string[] {
  const { id, kind, manifest, files } = each
  const size = bytesText(files.reduce((sum, { bytes }) => sum + bytes, 0))
  const note = noteOf(each, isNewest)
  if (manifest === undefined) return [`${id}`, kind, '', '', '', size, '', '', note]
  const { atMs, tookMs, operators } = manifest
  const rows = operators.flatMap(({ states }) => states).reduce((sum, state) => sum + state.rows, 0)
  const times = [momentText(atMs), spanText(Math.max(0, nowMs - atMs)), spanText(tookMs)]
  return [`${id}`, kind, ...times, size, `${operators.length}`, countText(rows), note]
}

function noteOf({ complete, damage, manifest }: CheckpointSummary, isNewest: boolean): string {
  if (damage !== undefined) return `damaged: ${damage}`
  if (!complete) return 'not complete'
  if (manifest?.finished === true) return 'the job has finished'
  return isNewest ? 'newest' : ''
}
