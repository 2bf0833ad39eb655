/**
 * Which job of this process has a checkpoint folder. A folder belongs to one job: another would go on from what is not its
 * own. The same job may have it again when it is over.
 */
import { MillraceError } from '@millrace/plan'

/** By folder: the plan's fingerprint, and whether its job runs. */
const jobs = new Map<string, { readonly fingerprint: string; running: boolean }>()

/** Takes the folder; returns what gives it back. Throws INVALID_ARGUMENT if it is another job's, or still in use. */
export function takeFolder(dir: string, fingerprint: string): () => void {
  const before = jobs.get(dir)
  if (before?.running === true || (before !== undefined && before.fingerprint !== fingerprint))
    throw new MillraceError('INVALID_ARGUMENT', `invalid checkpoints: ${dir} is another job's of this program`, {
      hint: 'a folder belongs to one job: give each an environment with a folder of its own, or run both as one with env.run([...])',
    })
  const mine = { fingerprint, running: true }
  jobs.set(dir, mine)
  return () => {
    mine.running = false
  }
}
