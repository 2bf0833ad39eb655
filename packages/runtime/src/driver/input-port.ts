/**
 * One input of a vertex, with its local channel.
 *
 * What arrives is handled at once, by a plain call on the sender's stack, as long as the vertex accepts it and
 * nothing waits before it. Otherwise it queues, a batch as a copy, since it is only lent. Sources look at the queues
 * of everything below them before they read on: that is the whole of backpressure inside a worker.
 */
import { compact } from '@millrace/algebra'
import { isBatch, type StreamEvent } from './stream-event.ts'

/** Batches that may wait in a channel before the sources above it pause. */
export const CHANNEL_BATCHES = 16

interface Waiting {
  readonly event: StreamEvent
  readonly split: number
}

/** What a port asks of whoever it is an input of. */
export interface Receiver {
  accepts(input: InputPort): boolean
  handle(input: InputPort, event: StreamEvent, split: number): void
  /** Something waits. */
  stalled(): void
}

export class InputPort<V extends Receiver = Receiver> {
  readonly vertex: V
  readonly index: number
  /** Greatest watermark received. */
  watermark = Number.NEGATIVE_INFINITY
  idle = false
  ended = false
  /** The epoch that has ended here and not yet on every other input; 0: none. */
  aligned = 0
  readonly #queue: Waiting[] = []

  constructor(vertex: V, index: number) {
    this.vertex = vertex
    this.index = index
  }

  get queued(): number {
    return this.#queue.length
  }

  get full(): boolean {
    return this.queued >= CHANNEL_BATCHES
  }

  push(event: StreamEvent, split: number): void {
    if (this.queued === 0 && this.vertex.accepts(this)) this.vertex.handle(this, event, split)
    else {
      this.#queue.push({ event: isBatch(event) ? compact(event) : event, split })
      this.vertex.stalled()
    }
  }

  /** Handles the first thing that waits; false if nothing does or it is not accepted. */
  pull(): boolean {
    if (this.queued === 0 || !this.vertex.accepts(this)) return false
    const { event, split } = this.#queue.shift()!
    this.vertex.handle(this, event, split)
    return true
  }
}
