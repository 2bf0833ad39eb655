/**
 * The journal of a checkpoint folder: entries in slots 1, 2, 3 ..., each written by `create`, so that of two runs that want
 * the same slot exactly one has it.
 *
 * Law: a run takes a slot (its number is the run's fence) before it reads anything else, and writes all its later entries to the slots behind it, one by one.
 * A run that finds a slot taken by another has been overtaken: it was fenced off at that very entry, and nothing that it
 * writes counts from there on. What it had completed before lies in earlier slots, where the other has seen it. No clock and
 * no list decides anything.
 *
 * Each entry says all: what is complete, and the ids given out. So only the last one is ever needed, and old ones are
 * deleted; the latest `KEPT_ENTRIES` stay, because a list may lag behind. From the last slot that a list shows one goes up
 * to the first that is free.
 */
import type { MillraceError } from '@millrace/plan'
import { JOURNAL, journalPath, slotOf } from './checkpoint-names.ts'
import { damagedFile, unknownFormat } from './damage.ts'
import { shape } from './json-shape.ts'
import type { CheckpointKind } from './manifest.ts'
import { storedFile } from './manifest-file.ts'
import { readSealed, sealed } from './sealed-json.ts'
import type { CheckpointStorage, StoredFile } from './storage.ts'

const FORMAT = 'millrace checkpoint journal'
const VERSION = 1
export const KEPT_ENTRIES = 100

/** A complete checkpoint. */
export interface Completed {
  readonly id: number
  readonly kind: CheckpointKind
  /** Its manifest. */
  readonly file: StoredFile
}

export interface JournalEntry {
  readonly slot: number
  /** Of the run that wrote it. */
  readonly fence: number
  readonly jobId: string
  readonly atMs: number
  /** Ids below it may have been given out. */
  readonly nextId: number
  /** In the order in which they were completed. */
  readonly complete: readonly Completed[]
  /** The jobIds of runs that ended before anything was complete: their sinks may have left hidden output. */
  readonly leftovers?: readonly string[]
  /** Why what was before is not known for sure. */
  readonly doubt?: string
}

export interface Journal {
  /** The first slot that is free. */
  readonly next: number
  /** Undefined: there is none, or it is damaged. */
  readonly last: JournalEntry | undefined
  readonly damage: string | undefined
}

export async function readJournal(storage: CheckpointStorage): Promise<Journal> {
  const listed = (await storage.list(JOURNAL)).map(path => slotOf(path) ?? 0)
  const top = listed.reduce((a, b) => Math.max(a, b), 0)
  let last: Uint8Array | undefined
  for (let slot = Math.max(1, top); ; slot++) {
    const bytes = await storage.read(journalPath(slot))
    if (bytes === undefined && slot > top) return { next: slot, ...entryIn(last, slot - 1) }
    last = bytes
  }
}

function entryIn(bytes: Uint8Array | undefined, slot: number): Pick<Journal, 'last' | 'damage'> {
  if (bytes === undefined) return { last: undefined, damage: undefined }
  try {
    return { last: decodeEntry(bytes, slot), damage: undefined }
  } catch (error) {
    if ((error as MillraceError).code !== 'CHECKPOINT_DAMAGED') throw error
    return { last: undefined, damage: (error as MillraceError).message }
  }
}

export function encodeEntry(entry: JournalEntry): Uint8Array {
  return sealed({ format: FORMAT, version: VERSION, ...entry })
}

export function decodeEntry(bytes: Uint8Array, slot: number): JournalEntry {
  const path = journalPath(slot)
  const value = readSealed(bytes, path) as { format?: unknown; version?: unknown } | null
  if (value?.format !== FORMAT) throw damagedFile(path, 'it is no entry of a journal')
  if (value.version !== VERSION) throw unknownFormat(value.version, VERSION)
  const problem = entryShape(value, 'entry')
  if (problem !== undefined) throw damagedFile(path, problem)
  const entry = value as unknown as JournalEntry
  if (entry.slot !== slot) throw damagedFile(path, `it is of slot ${entry.slot}`)
  return entry
}

const entryShape = shape.record({
  slot: shape.whole(1),
  fence: shape.whole(1),
  jobId: shape.text,
  atMs: shape.finite,
  nextId: shape.whole(1),
  complete: shape.array(
    shape.record({ id: shape.whole(1), kind: shape.choice('checkpoint', 'savepoint'), file: storedFile }),
  ),
  leftovers: shape.optional(shape.array(shape.text)),
  doubt: shape.optional(shape.text),
})
