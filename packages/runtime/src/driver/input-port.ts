/**
 * One input of a vertex, with its local channel.
 *
 * What arrives is handled at once, by a plain call on the sender's stack, as long as the vertex accepts it and
 * nothing waits before it. Otherwise it queues, a batch as a copy, since it is only lent. Sources look at the queues
 * of everything below them before they read on: that is the whole of backpressure inside a worker.
 */
import { batchBytes, compact } from '@millrace/algebra'
import type { Json } from '../source.ts'
import { isBatch, type StreamEvent } from './stream-event.ts'
import { timeFrom, timeJson } from './time-json.ts'

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

/** What a port remembers across a checkpoint. */
export interface PortRecord {
  readonly [name: string]: Json
  readonly input: number
  readonly watermark: Json
  readonly idle: boolean
  readonly ended: boolean
  readonly keptToEnd: boolean
}

export class InputPort<V extends Receiver = Receiver> {
  readonly vertex: V
  readonly index: number
  /** Greatest watermark received. */
  watermark = Number.NEGATIVE_INFINITY
  idle = false
  ended = false
  /** It gives no more, though it has not ended: the job was stopped. */
  stopped = false
  /** Its end has come, and waits among what is kept of it. */
  keptToEnd = false
  /** The epoch that has ended here and not yet on every other input; 0: none. Nothing more is read of it until then. */
  aligned = 0
  /** That epoch ends with a checkpoint's barrier. */
  barrier = false
  /** Of a build input, the last epoch that has ended on it. */
  passed = 0
  readonly #queue: Waiting[] = []
  #bytes = 0

  constructor(vertex: V, index: number) {
    this.vertex = vertex
    this.index = index
  }

  /** It comes from another site. */
  get remote(): boolean {
    return false
  }

  /** Nothing more will come. */
  get done(): boolean {
    return this.ended || this.stopped
  }

  get queued(): number {
    return this.#queue.length
  }

  /** Roughly, of the batches among them. */
  get queuedBytes(): number {
    return this.#bytes
  }

  get full(): boolean {
    return this.queued >= CHANNEL_BATCHES
  }

  /** At a barrier: nothing else of it is to be remembered then. */
  record(): PortRecord {
    const { index: input, watermark, idle, ended, keptToEnd } = this
    return { input, watermark: timeJson(watermark), idle, ended, keptToEnd }
  }

  restore({ watermark, idle, ended, keptToEnd }: PortRecord): void {
    this.watermark = timeFrom(watermark)
    this.idle = idle
    this.ended = ended
    this.keptToEnd = keptToEnd
  }

  push(event: StreamEvent, split: number): void {
    if (this.queued === 0 && this.vertex.accepts(this)) this.vertex.handle(this, event, split)
    else {
      const kept = isBatch(event) ? compact(event) : event
      this.#queue.push({ event: kept, split })
      if (isBatch(kept)) this.#bytes += batchBytes(kept)
      this.vertex.stalled()
    }
  }

  /** Handles the first thing that waits; false if nothing does or it is not accepted. */
  pull(): boolean {
    if (this.queued === 0 || !this.vertex.accepts(this)) return false
    const { event, split } = this.#queue.shift()!
    if (isBatch(event)) this.#bytes -= batchBytes(event)
    this.vertex.handle(this, event, split)
    return true
  }
}
