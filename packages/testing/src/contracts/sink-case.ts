/** A sink as the contract knows it. */
import type { Schema } from '@millrace/algebra'
import type { Sink } from '@millrace/runtime'

export interface SinkTarget {
  readonly sink: Sink
  /** Another instance for the same target, as another thread would have it; absent: it lives in one thread only. */
  another?(): Sink
  /** The rows that anyone can see, in order. */
  rows(): Promise<unknown[]>
  /** What the sink has left at its target that is neither committed output nor was there before. */
  leftovers(): Promise<unknown[]>
}

export interface SinkCase {
  /** A sink with a target of its own, empty. */
  target(): SinkTarget | Promise<SinkTarget>
  readonly schema: Schema
  /** At least seven. */
  readonly rows: readonly unknown[]
  /** Why what is written can be seen before the commit, if so. */
  readonly immediate?: string
  /** Why not all rows of a checkpoint can be seen when it is committed, but some only later, if so. */
  readonly keepsBack?: string
}
