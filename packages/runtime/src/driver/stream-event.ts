/** What flows on an edge beside batches. Frames on channels between workers will carry the same. */
import { Batch } from '@millrace/algebra'

export type Control =
  /** No row with a time at or before this will follow. */
  | { readonly kind: 'watermark'; readonly time: number }
  /** Nothing may come for a while: do not wait for this channel's watermark. */
  | { readonly kind: 'idle' }
  /** An epoch ends here. */
  | { readonly kind: 'epoch'; readonly epoch: number }
  /** A split has been opened; rows of it will come. */
  | { readonly kind: 'splitStart'; readonly split: number }
  | { readonly kind: 'splitEnd'; readonly split: number }
  /** The split has given every row it has for now. */
  | { readonly kind: 'caughtUp'; readonly split: number }
  | { readonly kind: 'end' }

export type SplitEvent = 'splitStart' | 'splitEnd' | 'caughtUp'

export type StreamEvent = Batch | Control

export function isBatch(event: StreamEvent): event is Batch {
  return event instanceof Batch
}
