/**
 * What the coordinator and the sites of a job say to each other. Rows, watermarks, epochs and ends travel in channels
 * between sites; this is everything else. Messages are plain data, and keep their order between two partners.
 *
 *     coordinator                     site
 *          <-------------- planned         it has built the same plan
 *     begin  -------------->               here are your splits; open and work
 *     epoch k, stop  ------>               an epoch that ends with a barrier is a checkpoint
 *          <-- snapshot, snapshotFailed      its part is written, and verified by nobody yet
 *     completed k  --------->               what the next part is a change of
 *          <-- wantsEpoch, metrics, rejected
 *          <-------------- done            its sources and sinks have come to their end
 *     prepare  ------------>
 *          <-------------- prepared        its output is durable: here are the handles (the coordinator commits them)
 *     leave  -------------->
 *          <-------------- left            nothing of the job is left there
 *
 * A site that fails before it has prepared says `failed` once it has cleaned up. One that fails later says so at once and
 * keeps its output: it may be in place. `cancel` asks a site to give up and says what is in place; it answers `failed`
 * before it has prepared, and `left` afterwards.
 */

import type { StoredFile } from '../checkpoint/storage.ts'
import type { PreparedHandles } from '../driver/site-snapshot.ts'
import type { VertexRecord } from '../driver/vertex-record.ts'
import type { JobEvent, OperatorMetrics } from '../events.ts'
import type { NumberedSplit } from '../source.ts'

/** A site's splits, by the index of the source's node. */
export type Assignment = readonly (readonly [node: number, splits: readonly NumberedSplit[]])[]

/** What a site has in memory, in bytes. */
export interface MemoryFigures {
  /** Encoded events that wait for room in a ring. */
  readonly waiting: number
  /** Rows that wait for build inputs. */
  readonly kept: number
  /** Batches that wait before operators. */
  readonly queued: number
}

export interface SiteMetrics {
  readonly operators: readonly OperatorMetrics[]
  /** Milliseconds since the site began in which it worked, had nothing to do, or waited for room at another site. */
  readonly busyMs: number
  readonly idleMs: number
  readonly backpressuredMs: number
  readonly memory: MemoryFigures
}

/** What a checkpoint asks of a site. */
export interface SiteCheckpoint {
  readonly id: number
  /** Where the site writes its part. */
  readonly path: string
  /** Sources give nothing afterwards. */
  readonly last: boolean
  /** Its part needs no other file; default: it may. */
  readonly whole?: boolean
}

/** What a site goes on from. */
export interface SiteRestore {
  /** Parts to read, the files of each in order. */
  readonly parts: readonly (readonly StoredFile[])[]
  /** The folder they are in, if it is not that of the job's own checkpoints. */
  readonly folder?: string | undefined
  readonly vertices: readonly VertexRestore[]
  /** The job had another number of workers then, or another plan: subtasks and channels are others. */
  readonly moved: boolean
}

/** What one vertex of a site goes on from. */
export interface VertexRestore {
  readonly node: number
  /** The operator's identity in the checkpoint. */
  readonly id: string
  readonly record: VertexRecord
  /** How many subtasks it had. */
  readonly formerly: number
}

/** A site's share of a checkpoint. */
export interface SnapshotTaken {
  readonly kind: 'snapshot'
  readonly id: number
  /** Of its part, the base first; none where there is nothing to remember. The last was written for this checkpoint. */
  readonly files: readonly StoredFile[]
  readonly vertices: readonly (readonly [node: number, record: VertexRecord])[]
  readonly splits: Assignment
  readonly handles: PreparedHandles
  readonly sizes: readonly StateSize[]
}

/** What one state of one subtask takes. */
export interface StateSize {
  readonly node: number
  readonly state: string
  readonly rows: number
  readonly bytes: number
}

export type ToSite =
  | {
      readonly kind: 'begin'
      readonly jobId: string
      /** The last that has ended; default 0. */
      readonly epoch?: number | undefined
      readonly assignment: Assignment
      readonly restore?: SiteRestore | undefined
    }
  | { readonly kind: 'epoch'; readonly epoch: number; readonly checkpoint?: SiteCheckpoint | undefined }
  /** The checkpoint is complete. */
  | { readonly kind: 'completed'; readonly id: number }
  | { readonly kind: 'stop' }
  /** The output of these sinks is in place, and stays. */
  | { readonly kind: 'cancel'; readonly committed: readonly number[] }
  /** `path`: of a job with checkpoints, where to write what the writers remember. */
  | { readonly kind: 'prepare'; readonly sinks: readonly number[]; readonly path?: string | undefined }
  | { readonly kind: 'leave' }

export type FromSite =
  /** `plan` is what explain shows, for a message if the fingerprints differ. */
  | { readonly kind: 'planned'; readonly fingerprint: string; readonly plan: string }
  /** The epoch after this one. */
  | { readonly kind: 'wantsEpoch'; readonly after: number }
  /** `quiet`: nothing has changed, so that the next ones may be long in coming. */
  | { readonly kind: 'metrics'; readonly metrics: SiteMetrics; readonly quiet: boolean }
  | (JobEvent & { readonly kind: 'rejected' | 'notClosed' })
  /** `cut` are sinks that a stop left without the whole of their input. */
  | { readonly kind: 'done'; readonly cut: readonly number[]; readonly metrics: SiteMetrics }
  | { readonly kind: 'prepared'; readonly handles: PreparedHandles; readonly file?: StoredFile | undefined }
  | SnapshotTaken
  /** On its way between threads the error is a `PlainError`. */
  | { readonly kind: 'snapshotFailed'; readonly id: number; readonly error: unknown; readonly handles: PreparedHandles }
  /** Likewise. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly unclean?: boolean }
  /** Unclean: cleaning up took too long, and something written may still be there. */
  | { readonly kind: 'left'; readonly unclean?: boolean }
