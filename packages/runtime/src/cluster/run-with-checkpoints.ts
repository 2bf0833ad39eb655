/** A job whose checkpoints lie in a folder. */
import { KEY_GROUPS } from '@millrace/algebra'
import { fingerprint, type SinkNode } from '@millrace/plan'
import { openCheckpoints } from '../checkpoint/checkpoints.ts'
import { folderStorage } from '../checkpoint/folder-storage.ts'
import { newJobId } from '../driver/job-id.ts'
import type { JobEvent } from '../events.ts'
import type { ExecuteOptions } from '../execute-options.ts'
import { realHost } from '../host/real.ts'
import { Attempts } from './attempts.ts'
import { takeFolder } from './folder-jobs.ts'
import type { Attempt, Running } from './running.ts'

export function runWithCheckpoints(
  sinks: readonly SinkNode[],
  { checkpoints, host = realHost }: ExecuteOptions,
  report: (event: JobEvent) => void,
  start: (attempt: Attempt) => Running,
): Running {
  const { dir, ...options } = checkpoints!
  const giveBack = takeFolder(dir)
  const print = fingerprint(sinks)
  const storage = folderStorage(dir)
  const open = (): ReturnType<typeof openCheckpoints> =>
    openCheckpoints(storage, { host, jobId: newJobId(host), keyGroups: KEY_GROUPS })
  const attempts = new Attempts({ ...options, host, storage, fingerprint: print, report, start, open })
  attempts.finished.then(giveBack, giveBack)
  return attempts
}
