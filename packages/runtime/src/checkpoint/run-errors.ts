/** What ends the hopes of a run, or of a checkpoint of it. */
import { MillraceError } from '@millrace/plan'

/** Another run has written to the journal. */
export function overtaken(label: string, fence: number): MillraceError {
  return new MillraceError(
    'CHECKPOINT_FENCED',
    `invalid checkpoint folder: ${label} (another run has taken it over: run ${fence})`,
    {
      hint: 'Give each job a checkpoint folder of its own, and let one run of it end before the next begins.',
    },
  )
}

/** The journal is not there any more. */
export function removed(path: string): MillraceError {
  return new MillraceError('CHECKPOINT_FAILED', `missing checkpoint file: ${path}`, {
    hint: 'The checkpoint folder was removed or replaced: it must stay in place while the job runs.',
  })
}

/** A damaged file in what was to be completed is no damage yet: it never counted. */
export function failed(error: unknown): never {
  if (!(error instanceof MillraceError) || error.code !== 'CHECKPOINT_DAMAGED') throw error
  throw new MillraceError('CHECKPOINT_FAILED', error.message, {
    hint: 'The disk does not keep what is written to it. The job goes on from its last complete checkpoint.',
    cause: error,
  })
}

/** What restoring must not pass over. */
export function refused(error: MillraceError): MillraceError {
  return error.with({
    hint: 'An older checkpoint would repeat what was written since: --allow-older-checkpoint takes it all the same, as does allowOlderCheckpoint: true of environment({ checkpoints }).',
  })
}
