/** The two ends of a channel between sites: bounded, in order, one sender, one receiver. */
import type { StreamEvent } from '../driver/stream-event.ts'

export interface ChannelSender {
  /**
   * Sends an event; a batch is lent for the call. What finds no room waits with the sender, in order: whoever has a
   * choice looks at `full` first.
   */
  send(event: StreamEvent, split: number): void
  /** There is no room for another batch. */
  readonly full: boolean
  /** Sends what waits, as far as there is room now; true if anything moved. */
  flush(): boolean
  /** Bytes that wait. */
  readonly waitingBytes: number
}

export interface ChannelReceiver {
  /** Events that can be received now. */
  readonly queued: number
  /** The next event; a batch is lent until `release`. Undefined: none. */
  receive(): { readonly event: StreamEvent; readonly split: number } | undefined
  /** Gives the room of what was received last back to the sender. */
  release(): void
}
