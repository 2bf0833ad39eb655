/** How jobs with checkpoints end that were stopped. */
import { MillraceError } from '@millrace/plan'
import { folderName } from '../checkpoint/checkpoint-names.ts'
import type { Manifest } from '../checkpoint/manifest.ts'

/** The job did not come to its end: what follows in the program must not take its results for whole. */
export function stoppedBehind({ kind, id, fence }: Manifest): MillraceError {
  return new MillraceError('STOPPED', `the job was stopped behind its savepoint ${folderName(kind, id, fence)}`, {
    hint: 'it goes on from there when it is run again',
  })
}

/** A stop that could not take its last checkpoint: what came since the one before will come again. */
export function stoppedWithout(): MillraceError {
  return new MillraceError('CANCELLED', 'the job was stopped, and its last checkpoint failed', {
    hint: 'it goes on from the checkpoint before',
  })
}
