import { KEY_GROUPS } from '@millrace/algebra'

/** The worker of `workers` that has a key group: ranges of groups, as even as can be. */
export function workerOfGroup(group: number, workers: number): number {
  return Math.floor((group * workers) / KEY_GROUPS)
}
