/**
 * Keys and rows of states that are not in memory, from the files of a part to where they are kept, a record at a time: the part may be
 * larger than memory. All other records are read as ever.
 *
 * The files are read twice: first to see that they are as they were written, and for what they say of all their rows; then
 * their rows, the last file first, by the law of `merge-parts.ts`.
 */
import { decodePieces } from '../checkpoint/decode-pieces.ts'
import type { PartRecord } from '../checkpoint/part.ts'
import type { CheckpointStorage, StoredFile } from '../checkpoint/storage.ts'
import { kept, marked, mergedRecords } from './merge-parts.ts'

type Of = Pick<PartRecord, 'operator' | 'subtask' | 'state' | 'group'>

/** Takes rows of this state; undefined: they are read as other records are. */
export type RowTarget = (of: Of) => ((rows: PartRecord) => void) | undefined

/** What one file has. */
interface FileContent {
  readonly file: StoredFile
  readonly records: PartRecord[]
  /** By state of a subtask that has rows elsewhere: whether it goes on from files before. */
  readonly changes: Map<string, boolean>
}

/** All records of the files as if they were one, without what their states have taken. */
export async function streamedRecords(
  storage: CheckpointStorage,
  files: readonly StoredFile[],
  target: RowTarget,
): Promise<PartRecord[]> {
  const contents: FileContent[] = []
  for (const file of files) {
    const records: PartRecord[] = []
    const changes = new Map<string, boolean>()
    const isOther = (of: Of & { readonly change: boolean }): boolean => {
      if (target({ ...of, group: 0 }) === undefined) return true
      changes.set(nameOf(of), of.change)
      return of.group < 0
    }
    for await (const record of decodePieces(storage, file, isOther)) records.push(record)
    contents.push({ file, records, changes })
  }
  const rest: PartRecord[] = []
  for (const record of mergedRecords(contents.map(({ records }) => records))) {
    const take = target(record)
    if (take === undefined) rest.push(record)
    else take(record) // of the subtask as a whole: how many ids there are
  }
  await streamRows(storage, contents, target)
  return rest
}

async function streamRows(
  storage: CheckpointStorage,
  contents: readonly FileContent[],
  target: RowTarget,
): Promise<void> {
  /** By subtask of an operator: bits of ids that later files have. */
  const replaced = new Map<string, Uint8Array>()
  let open = new Set(contents.at(-1)?.changes.keys())
  for (const { file, records, changes } of contents.toReversed()) {
    if (open.size === 0) return
    const isOpen = (of: Of): boolean => of.group >= 0 && open.has(nameOf(of))
    for await (const record of decodePieces(storage, file, isOpen))
      for (const rows of kept(record, replaced.get(subtaskOf(record)) ?? NONE)) target(record)!(rows)
    for (const record of records) {
      const subtask = subtaskOf(record)
      replaced.set(subtask, marked(replaced.get(subtask) ?? NONE, record))
    }
    open = new Set([...open].filter(name => changes.get(name) === true))
  }
}

const NONE = new Uint8Array(0)

function subtaskOf({ operator, subtask }: Of): string {
  return JSON.stringify([operator, subtask])
}

function nameOf({ operator, subtask, state }: Of): string {
  return JSON.stringify([operator, subtask, state])
}
