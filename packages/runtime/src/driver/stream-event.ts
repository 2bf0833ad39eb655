/** What flows on an edge beside batches. Records of channels between sites carry the same. */
import { Batch } from '@millrace/algebra'

/** An epoch ends here. */
export interface Epoch {
  readonly kind: 'epoch'
  readonly epoch: number
  /** A checkpoint's barrier: who has had it on every input says what it remembers, before anything that comes after it. */
  readonly barrier: boolean
}

export type Control =
  /** No row with a time at or before this will follow. */
  | { readonly kind: 'watermark'; readonly time: number }
  /** Nothing may come for a while: do not wait for this channel's watermark. */
  | { readonly kind: 'idle' }
  | Epoch
  /** A split has been opened; rows of it will come. */
  | { readonly kind: 'splitStart'; readonly split: number }
  | { readonly kind: 'splitEnd'; readonly split: number }
  /** The split has given every row it has for now. */
  | { readonly kind: 'caughtUp'; readonly split: number }
  | { readonly kind: 'end' }
  /** The job was stopped: nothing more comes, but this is not the end of what there is. */
  | { readonly kind: 'stopped' }

export type SplitEvent = 'splitStart' | 'splitEnd' | 'caughtUp'

export type StreamEvent = Batch | Control

export function isBatch(event: StreamEvent): event is Batch {
  return event instanceof Batch
}

export function isEpoch(event: StreamEvent): event is Epoch {
  return !isBatch(event) && event.kind === 'epoch'
}

/** Nothing comes after it. */
export function isLast(event: StreamEvent): boolean {
  return !isBatch(event) && (event.kind === 'end' || event.kind === 'stopped')
}
