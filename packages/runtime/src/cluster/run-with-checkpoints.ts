/** A job whose checkpoints lie in a folder. */
import { KEY_GROUPS } from '@millrace/algebra'
import { openCheckpoints } from '../checkpoint/checkpoints.ts'
import { folderStorage } from '../checkpoint/folder-storage.ts'
import { newJobId } from '../driver/job-id.ts'
import type { JobEvent } from '../events.ts'
import type { ExecuteOptions } from '../execute-options.ts'
import { realHost } from '../host/real.ts'
import { Attempts } from './attempts.ts'
import type { Attempt, Running } from './running.ts'

export function runWithCheckpoints(
  { checkpoints, host = realHost }: ExecuteOptions,
  report: (event: JobEvent) => void,
  start: (attempt: Attempt) => Running,
): Running {
  const { dir, ...options } = checkpoints!
  const storage = folderStorage(dir)
  const open = (): ReturnType<typeof openCheckpoints> =>
    openCheckpoints(storage, { host, jobId: newJobId(host), keyGroups: KEY_GROUPS })
  return new Attempts({ ...options, host, storage, report, start, open })
}
