import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { MillraceError } from '@millrace/plan'
import { isTaken, putRequest, takeAnswer, takeRequest } from './savepoint-request.ts'
import type { CheckpointStorage } from './storage.ts'

const LOOK_MS = 50

export interface RequestOptions {
  /** The job ends behind it; default false. */
  readonly stop?: boolean
  /** How long a running job may take to notice; default 10 s. */
  readonly noticeMs?: number
  /** How long it may then take; default 10 min. */
  readonly timeoutMs?: number
  /** Gives up when aborted; rejects with its reason. */
  readonly signal?: AbortSignal
}

/**
 * Asks the job that runs on a checkpoint folder for a savepoint; the name of its folder there, once it is complete. Rejects with
 * CHECKPOINT_MISSING if no job is there to take it, else with what went wrong.
 */
export async function requestSavepoint(
  storage: CheckpointStorage,
  { stop = false, noticeMs = 10_000, timeoutMs = 600_000, signal }: RequestOptions = {},
): Promise<string> {
  const name = randomBytes(8).toString('hex')
  if ((await storage.list('journal/')).length === 0)
    throw new MillraceError('CHECKPOINT_MISSING', `missing checkpoints: ${storage.label} is no checkpoint folder`, {
      hint: 'Give the folder that the running job was given: --checkpoints DIR, or dir of its environment.',
    })
  await putRequest(storage, { name, stop })
  try {
    for (let waited = 0; ; waited += LOOK_MS) {
      signal?.throwIfAborted()
      const folder = await takeAnswer(storage, name)
      if (folder !== undefined) return folder
      if (waited >= noticeMs && !(await isTaken(storage, name))) throw nobodyThere(storage.label)
      if (waited >= timeoutMs) throw new MillraceError('CHECKPOINT_FAILED', `missing answer after ${timeoutMs} ms`)
      await pause(LOOK_MS)
    }
  } finally {
    await takeRequest(storage, name)
  }
}

function nobodyThere(label: string): MillraceError {
  return new MillraceError('CHECKPOINT_MISSING', `missing job: none runs on ${label}`, {
    hint: 'A job takes its own savepoints: start it, or go on from its newest checkpoint, as `millrace checkpoints` shows it.',
  })
}
