import { FOLDERS, folderOf, journalPath } from './checkpoint-names.ts'
import type { CheckpointOptions } from './checkpoint-options.ts'
import { type JournalEntry, readJournal } from './journal.ts'
import { manifestsFound } from './read-checkpoint.ts'
import type { CheckpointStorage } from './storage.ts'

/** Runs whose leftovers are remembered. */
const MOST_LEFTOVERS = 1000

/** A run's first entry says what it has found. */
export async function firstEntry(
  storage: CheckpointStorage,
  { host, jobId }: CheckpointOptions,
): Promise<JournalEntry> {
  // Before the journal: a run enters itself there before it makes a folder.
  const folders = (await Promise.all(FOLDERS.map(prefix => storage.list(prefix)))).flat().map(folderOf)
  const known = folders.filter(folder => folder !== undefined)
  const journal = await readJournal(storage)
  const slot = Math.max(journal.next, above(known.map(({ fence }) => fence)))
  // A run of which there are checkpoints has entered itself: if that is not there, nor is what it has entered since.
  const isLost = journal.last === undefined || slot > journal.next
  const last = isLost ? undefined : journal.last
  const complete = last?.complete ?? (await manifestsFound(storage))
  const lost = isLost && complete.length > 0 ? `missing checkpoint file: ${journalPath(slot - 1)}` : undefined
  const doubt = journal.damage ?? lost ?? last?.doubt
  return {
    slot,
    fence: slot,
    jobId,
    atMs: host.now(),
    nextId: Math.max(last?.nextId ?? 1, above([...known, ...complete].map(({ id }) => id))),
    complete,
    ...leftoversOf(journal.last, jobId),
    ...(doubt === undefined ? {} : { doubt }),
  }
}

/** Runs that ended before anything was complete: nobody goes on from them. */
function leftoversOf(last: JournalEntry | undefined, jobId: string): Pick<JournalEntry, 'leftovers'> {
  if (last === undefined || last.complete.length > 0) return {}
  const ids = new Set([...(last.leftovers ?? []), last.jobId])
  ids.delete(jobId)
  return ids.size === 0 ? {} : { leftovers: [...ids].slice(-MOST_LEFTOVERS) }
}

function above(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), 0) + 1
}
