import type { SinkNode } from '@millrace/plan'
import { readJournal } from '../checkpoint/journal.ts'
import type { Manifest } from '../checkpoint/manifest.ts'
import { completeIn, readManifest } from '../checkpoint/read-checkpoint.ts'
import type { CheckpointStorage } from '../checkpoint/storage.ts'
import type { ExecuteOptions } from '../execute-options.ts'
import { matchOperators } from './match-operators.ts'
import { planNodes } from './planned.ts'
import { requireCompatible } from './require-compatible.ts'

/**
 * Throws STATE_MISMATCH if the program cannot go on from the newest checkpoint: before its run takes the folder, and ends the one
 * that may be at work there. What is wrong with the checkpoint itself is found when that is opened.
 */
export async function refuseEarly(
  storage: CheckpointStorage,
  sinks: readonly SinkNode[],
  options: ExecuteOptions,
): Promise<void> {
  const manifest = await newestIn(storage).catch(() => undefined)
  if (manifest === undefined || manifest.finished) return
  const nodes = planNodes(sinks, options, options.parallelism)
  requireCompatible(matchOperators(manifest, nodes), nodes, options.checkpoints?.allowDropped === true)
}

async function newestIn(storage: CheckpointStorage): Promise<Manifest | undefined> {
  const complete = await completeIn(storage, await readJournal(storage))
  const newest = complete.reduce((a, { id }) => Math.max(a, id), 0)
  const found = complete.find(({ id }) => id === newest)
  return found === undefined ? undefined : readManifest(storage, found)
}
