/** A job whose checkpoints lie in a folder. */
import { KEY_GROUPS } from '@millrace/algebra'
import { fingerprint, type SinkNode } from '@millrace/plan'
import { checkpointAt } from '../checkpoint/checkpoint-at.ts'
import { openCheckpoints } from '../checkpoint/checkpoints.ts'
import { folderStorage } from '../checkpoint/folder-storage.ts'
import { newJobId } from '../driver/job-id.ts'
import type { JobEvent } from '../events.ts'
import type { ExecuteOptions } from '../execute-options.ts'
import { realHost } from '../host/real.ts'
import { Attempts, type OpenedCheckpoints } from './attempts.ts'
import { takeFolder } from './folder-jobs.ts'
import { refuseEarly } from './refuse-early.ts'
import type { Runner, Running } from './running.ts'

export function runWithCheckpoints(
  sinks: readonly SinkNode[],
  given: ExecuteOptions,
  report: (event: JobEvent) => void,
  runner: Runner,
): Running {
  const { checkpoints, host = realHost } = given
  const { dir, from, ...options } = checkpoints!
  const print = fingerprint(sinks)
  const giveBack = takeFolder(dir)
  const storage = folderStorage(dir)
  const open = async (): Promise<OpenedCheckpoints> => {
    const foreign = from === undefined ? undefined : await checkpointAt(from)
    await refuseEarly(storage, sinks, given)
    const jobId = foreign?.manifest.jobId ?? newJobId(host)
    return { checkpoints: await openCheckpoints(storage, { host, jobId, keyGroups: KEY_GROUPS }), foreign }
  }
  const attempts = new Attempts({
    ...options,
    host,
    storage,
    fingerprint: print,
    takesRequests: true,
    report,
    start: attempt => runner.start(attempt),
    prepare: () => runner.prepare?.(),
    open,
  })
  attempts.finished.then(giveBack, giveBack)
  return attempts
}
