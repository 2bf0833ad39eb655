/** `millrace checkpoints`: what is in a checkpoint folder. Changes nothing, so it may be called while a job runs. */
import { stat } from 'node:fs/promises'
import { MillraceError } from '@millrace/plan'
import { type CheckpointSummary, folderStorage, listCheckpoints, realHost } from '@millrace/runtime/checkpoints'
import { describeCheckpoint } from './describe-checkpoint.ts'
import { listOf } from './list-of-checkpoints.ts'

export interface CheckpointsOptions {
  readonly json?: boolean
}

export async function showCheckpoints(
  dir: string,
  id: string | undefined,
  { json = false }: CheckpointsOptions,
): Promise<void> {
  const all = await checkpointsIn(dir)
  const shown = id === undefined ? all : pick(all, id, dir)
  if (json) return print(JSON.stringify(id === undefined ? shown : shown[0], null, 2))
  const nowMs = realHost.now()
  print(id === undefined ? listOf(dir, shown, nowMs) : shown.map(each => describeCheckpoint(each, nowMs)).join('\n\n'))
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function checkpointsIn(dir: string): Promise<readonly CheckpointSummary[]> {
  const storage = folderStorage(dir)
  const found = await listCheckpoints(storage)
  if (found.length > 0 || (await storage.list('journal/')).length > 0) return found
  const there = await stat(dir).catch(() => undefined)
  const what = there === undefined ? `missing folder: ${dir}` : `missing checkpoints: ${dir} is no checkpoint folder`
  throw new MillraceError('CHECKPOINT_MISSING', what, {
    hint: 'give the folder that a job was given: --checkpoints DIR, or dir of its environment',
  })
}

/** By its number, or the name of its folder. */
function pick(all: readonly CheckpointSummary[], which: string, dir: string): CheckpointSummary[] {
  const number = Number(/^(?:chk-|save-)?0*(\d+)/.exec(which)?.[1] ?? Number.NaN)
  const found = all.filter(({ id }) => id === number)
  if (found.length > 0) return found
  const known = all.map(({ id }) => id).join(', ')
  throw new MillraceError(
    'CHECKPOINT_MISSING',
    `unknown checkpoint: ${which} (known: ${known === '' ? 'none' : known})`,
    {
      hint: `in ${dir}`,
    },
  )
}
