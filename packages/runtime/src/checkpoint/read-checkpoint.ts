/** Reading complete checkpoints: nothing is given out of which not every file was found to be what was written. */
import { MillraceError } from '@millrace/plan'
import { FOLDERS, folderOf, manifestPath } from './checkpoint-names.ts'
import { checkFile, damagedFile, differenceOf, missingFile } from './damage.ts'
import { type Completed, type Journal, readJournal } from './journal.ts'
import type { Manifest } from './manifest.ts'
import { decodeManifest, type ManifestExpected } from './manifest-file.ts'
import type { CheckpointStorage, StoredFile } from './storage.ts'

/** Files that are read at a time. */
const AT_ONCE = 4

/** All files of a manifest, each once. */
export function filesOf({ parts }: Manifest): StoredFile[] {
  return [...new Map(parts.flat().map(file => [file.path, file])).values()]
}

/** The manifest of a complete checkpoint; its files are not looked at. */
export async function readManifest(
  storage: CheckpointStorage,
  { file }: Pick<Completed, 'file'>,
  expected: ManifestExpected = {},
): Promise<Manifest> {
  const bytes = await storage.read(file.path)
  if (bytes === undefined) throw missingFile(file.path)
  checkFile(bytes, file)
  return decodeManifest(bytes, file.path, expected)
}

/** Reads files back; rejects with CHECKPOINT_DAMAGED for the first that is not what was written. */
export async function checkFiles(storage: CheckpointStorage, files: readonly StoredFile[]): Promise<void> {
  let next = 0
  const check = async (): Promise<void> => {
    while (next < files.length) {
      const file = files[next++]
      const found = await storage.digest(file.path)
      if (found === undefined) throw missingFile(file.path)
      const problem = differenceOf(found, file)
      if (problem !== undefined) throw damagedFile(file.path, problem)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, check))
}

/**
 * What of the names in storage says itself to be complete: for when the journal is lost. One that was never completed, since
 * its run was overtaken or died just then, cannot be told from one that was.
 */
export async function manifestsFound(storage: CheckpointStorage): Promise<Completed[]> {
  const paths = (await Promise.all(FOLDERS.map(prefix => storage.list(prefix)))).flat()
  const found: Completed[] = []
  for (const path of paths) {
    const folder = folderOf(path)
    if (folder === undefined || path !== manifestPath(folder.name)) continue
    const file = await storage.digest(path)
    if (file !== undefined) found.push({ id: folder.id, kind: folder.kind, file })
  }
  return found.sort((a, b) => a.id - b.id)
}

/** What is complete, by the journal, or by what is found if there is none. */
export async function completeIn(storage: CheckpointStorage, { last }: Journal): Promise<readonly Completed[]> {
  return last?.complete ?? (await manifestsFound(storage))
}

/** The one with this id, or in the folder of this name. Rejects with CHECKPOINT_MISSING if none is. */
export function pick(complete: readonly Completed[], which: number | string, label: string): Completed {
  const name = typeof which === 'string' ? folderOf(which.replace(/^.*[\\/](?=(chk|save)-)/, ''))?.name : undefined
  const found = complete.find(
    ({ id, file }) => id === which || (name !== undefined && file.path === manifestPath(name)),
  )
  if (found !== undefined) return found
  const known = complete.map(({ id }) => id).join(', ')
  throw new MillraceError(
    'CHECKPOINT_MISSING',
    `unknown checkpoint: ${which} (known: ${known === '' ? 'none' : known})`,
    {
      hint: `In ${label}.`,
    },
  )
}

/** Reads one without taking the storage over: to begin a job from another's savepoint. */
export async function readCheckpoint(
  storage: CheckpointStorage,
  which: number | string,
  expected: ManifestExpected = {},
): Promise<Manifest> {
  const complete = await completeIn(storage, await readJournal(storage))
  const manifest = await readManifest(storage, pick(complete, which, storage.label), expected)
  await checkFiles(storage, filesOf(manifest))
  return manifest
}
