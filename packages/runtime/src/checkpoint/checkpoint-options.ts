import type { Host } from '../host/host.ts'

export interface CheckpointOptions {
  readonly host: Pick<Host, 'now'>
  readonly jobId: string
  /** Of this Millrace: a checkpoint with another number is refused. */
  readonly keyGroups?: number
}
