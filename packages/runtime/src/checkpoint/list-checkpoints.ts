import type { MillraceError } from '@millrace/plan'
import { FOLDERS, folderOf, manifestPath } from './checkpoint-names.ts'
import { type Completed, readJournal } from './journal.ts'
import type { CheckpointSummary } from './library.ts'
import { checkFiles, completeIn, filesOf, readManifest } from './read-checkpoint.ts'
import type { CheckpointStorage, StoredFile } from './storage.ts'

/**
 * All checkpoints and savepoints, by id, also unfinished ones. Changes nothing, so it may be called while a job runs; what that
 * does meanwhile may be seen in part.
 *
 * @param verify reads every file of complete ones to find damage; default true
 */
export async function listCheckpoints(
  storage: CheckpointStorage,
  { verify = true }: { readonly verify?: boolean } = {},
): Promise<CheckpointSummary[]> {
  const journal = await readJournal(storage)
  const complete = await completeIn(storage, journal)
  const newest = complete.reduce((a, { id }) => Math.max(a, id), 0)
  const doubt = journal.damage ?? (journal.last === undefined ? 'missing journal' : journal.last.doubt)
  const paths = (await Promise.all(FOLDERS.map(prefix => storage.list(prefix)))).flat()
  const summaries: CheckpointSummary[] = []
  for (const each of complete) {
    if (!paths.includes(each.file.path) && each.id !== newest) continue // pruned, or moved away by its owner
    const summary = await summaryOf(storage, each, verify)
    summaries.push(doubt !== undefined && each.id === newest ? { damage: doubt, ...summary } : summary)
  }
  // Folders of older checkpoints also hold what newer ones still need of them.
  const known = new Set(summaries.flatMap(s => s.files.map(f => f.path)))
  const finished = new Set(complete.map(({ file }) => file.path))
  const unfinished = new Map<string, string[]>()
  for (const path of paths.filter(each => !known.has(each))) {
    const folder = folderOf(path)
    if (folder === undefined || finished.has(manifestPath(folder.name))) continue
    unfinished.set(folder.name, [...(unfinished.get(folder.name) ?? []), path])
  }
  for (const [name, own] of unfinished) {
    const { id, kind } = folderOf(name)!
    const files = await Promise.all(own.map(path => storage.digest(path)))
    summaries.push({ id, kind, complete: false, files: files.filter(file => file !== undefined) })
  }
  return summaries.sort((a, b) => a.id - b.id)
}

async function summaryOf(
  storage: CheckpointStorage,
  completed: Completed,
  verify: boolean,
): Promise<CheckpointSummary> {
  const { id, kind } = completed
  let files: readonly StoredFile[] = []
  try {
    const manifest = await readManifest(storage, completed)
    files = filesOf(manifest)
    const summary = { id, kind, complete: true, manifest, files }
    try {
      if (verify) await checkFiles(storage, files)
      return summary
    } catch (error) {
      return { ...summary, damage: (error as MillraceError).message }
    }
  } catch (error) {
    return { id, kind, complete: true, damage: (error as MillraceError).message, files }
  }
}
