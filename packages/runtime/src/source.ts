/**
 * The contract of sources.
 *
 * A source has *splits* (a file, a partition), found by its enumerator; each split is read by a reader from an offset.
 * Within a split order is kept; between splits none is promised. A reader is polled, never pushes: what it fetches
 * ahead is bounded by itself, and between two polls it can be asked for the offset that continues exactly there.
 */
import type { Batch, Schema } from '@millrace/algebra'
import type { Expression, SourceSpec } from '@millrace/plan'
import type { Host } from './host/host.ts'

/** Anything JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export interface Split {
  /** Unique and the same whenever the source is enumerated again. */
  readonly id: string
  /** Where to begin; undefined: at the beginning. What `offset()` of a reader returned. */
  readonly offset?: Json | undefined
}

/** A split with its number in the job: no two splits of a job have the same. */
export interface NumberedSplit extends Split {
  readonly number: number
}

export interface SplitContext {
  readonly host: Host
  /**
   * How many readers there will be. A source that can be cut as it likes makes at least as many splits; it has the same
   * rows at every parallelism.
   */
  readonly parallelism: number
}

/** What a source does with a row it cannot read. Counted in the metrics in every case. */
export type OnError = 'fail' | 'skip' | 'sideOutput'

/** A row that could not be read, as the `rejected` side output of a source carries it. */
export interface Rejected {
  /** File and position, or what else says where. */
  readonly at: string
  readonly message: string
  /** The raw text, as far as there is one. */
  readonly text: string
}

export interface ReaderContext {
  readonly host: Host
  /** What the plan wants, in this order; a subset of the source's schema where the source prunes. */
  readonly schema: Schema
  /** Those predicates the source said it accepts. */
  readonly predicates: readonly Expression[]
  /** Tells the driver that `poll` has something new. */
  wake(): void
  /** A row that cannot be read: throws with `onError: 'fail'`, otherwise counts it. */
  reject(rejected: Rejected): void
}

export interface SplitReader {
  /**
   * At most `maxRows` rows, lent until the next poll; 'wait': none now, `wake` will be called; 'end': none any more.
   * Never blocks. Errors are thrown.
   */
  poll(maxRows: number): Batch | 'wait' | 'end'
  /** The offset that continues behind the last row polled. */
  offset(): Json
  close(): void | Promise<void>
}

declare const row: unique symbol

/** Rows of type `T`; `Ends` is true for sources that are bounded. */
export interface Source<out T = unknown, out Ends extends boolean = boolean> extends SourceSpec {
  /** In the type only. */
  readonly [row]?: T
  readonly bounded: Ends
  /** The splits there are, in the order to read them. Rejects with a MillraceError if the data is not there. */
  splits(context: SplitContext): Promise<readonly Split[]>
  /** May be called in another thread than `splits`, on another instance: the split says all that it needs. */
  open(split: Split, context: ReaderContext): SplitReader
  /** How many splits one worker reads at a time; default 1. */
  readonly concurrentSplits?: number
  readonly onError?: OnError
}
