/**
 * A checkpoint by its path, to begin a job from that has checkpoints of its own elsewhere: the folder of a savepoint, wherever
 * it was copied and whatever it is called now; that of a checkpoint, among those whose files it needs; or a folder of
 * checkpoints, of which the newest is meant. Every file is checked before anything is done with it.
 */
import { basename, dirname } from 'node:path'
import { KEY_GROUPS } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { folderName } from './checkpoint-names.ts'
import { folderStorage } from './folder-storage.ts'
import { readJournal } from './journal.ts'
import type { Manifest } from './manifest.ts'
import { decodeManifest } from './manifest-file.ts'
import { checkFiles, completeIn, readCheckpoint } from './read-checkpoint.ts'
import type { CheckpointStorage } from './storage.ts'

export interface ForeignCheckpoint {
  /** Its parts are named as its storage has them. */
  readonly manifest: Manifest
  readonly storage: CheckpointStorage
}

/** Rejects with CHECKPOINT_MISSING if there is none, with CHECKPOINT_DAMAGED or CHECKPOINT_FOREIGN if it is of no use. */
export async function checkpointAt(path: string): Promise<ForeignCheckpoint> {
  const storage = folderStorage(path)
  const bytes = await storage.read('manifest')
  if (bytes === undefined) return newestIn(storage)
  const manifest = decodeManifest(bytes, `${path}/manifest`, { keyGroups: KEY_GROUPS })
  if (manifest.kind !== 'savepoint') {
    const around = folderStorage(dirname(path))
    return {
      storage: around,
      manifest: withOrigin(await readCheckpoint(around, basename(path), { keyGroups: KEY_GROUPS })),
    }
  }
  const parts = manifest.parts.map(files => files.map(file => ({ ...file, path: basename(file.path) })))
  await checkFiles(storage, parts.flat())
  return { storage, manifest: { ...withOrigin(manifest), parts } }
}

async function newestIn(storage: CheckpointStorage): Promise<ForeignCheckpoint> {
  const complete = await completeIn(storage, await readJournal(storage))
  const newest = complete.reduce((a, { id }) => Math.max(a, id), 0)
  if (newest === 0)
    throw new MillraceError('CHECKPOINT_MISSING', `missing checkpoint: ${storage.label} holds none`, {
      hint: 'Give the folder of a savepoint, as `millrace savepoint` prints it, or a folder of checkpoints.',
    })
  return { storage, manifest: withOrigin(await readCheckpoint(storage, newest, { keyGroups: KEY_GROUPS })) }
}

function withOrigin(manifest: Manifest): Manifest {
  const { jobId, kind, id, fence } = manifest
  return { ...manifest, origin: `${jobId}/${folderName(kind, id, fence)}` }
}
