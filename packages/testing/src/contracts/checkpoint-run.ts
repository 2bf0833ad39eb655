/** Checkpoints of no job, for tests of what keeps them. */
import {
  type CheckpointStorage,
  type Checkpoints,
  type Manifest,
  openCheckpoints,
  type StoredFile,
} from '@millrace/runtime/inside'
import { ManualHost } from './manual-host.ts'

export function openRun(storage: CheckpointStorage, jobId = 'job'): Promise<Checkpoints> {
  return openCheckpoints(storage, { host: new ManualHost(), jobId, keyGroups: 128 })
}

export function manifestOf(
  run: Checkpoints,
  id: number,
  files: readonly StoredFile[],
  more: Partial<Manifest> = {},
): Manifest {
  return {
    format: 'millrace checkpoint',
    version: 1,
    id,
    kind: 'checkpoint',
    fence: run.fence,
    atMs: 1,
    tookMs: 1,
    epoch: id,
    jobId: 'job',
    fingerprint: 'f',
    workers: 1,
    keyGroups: 128,
    finished: false,
    operators: [],
    parts: [files],
    ...more,
  }
}

export async function writePart(
  storage: CheckpointStorage,
  run: Checkpoints,
  id: number,
  kind?: Manifest['kind'],
): Promise<StoredFile> {
  return storage.write(run.partPath(id, 0, kind), [Buffer.from(`part of ${id}`)])
}

/** Takes a checkpoint, on top of files of others. */
export async function takeCheckpoint(
  storage: CheckpointStorage,
  run: Checkpoints,
  { base = [], kind = 'checkpoint' }: { base?: readonly StoredFile[]; kind?: Manifest['kind'] } = {},
): Promise<Manifest> {
  const id = run.nextId()
  const manifest = manifestOf(run, id, [...base, await writePart(storage, run, id, kind)], { kind })
  await run.complete(manifest)
  return manifest
}
