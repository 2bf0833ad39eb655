/**
 * An input that is fed by a channel from another site. What came waits in the channel, where it was written, until the
 * vertex takes it and has room below for what follows from it: so the channel fills up and holds back its sender.
 */
import type { ChannelReceiver } from '../channel/channel.ts'
import { InputPort, type Receiver } from './input-port.ts'

export class RemotePort<V extends Receiver = Receiver> extends InputPort<V> {
  readonly #channel: ChannelReceiver

  constructor(vertex: V, index: number, channel: ChannelReceiver) {
    super(vertex, index)
    this.#channel = channel
  }

  override get remote(): boolean {
    return true
  }

  override get queued(): number {
    return this.#channel.queued
  }

  /** Nobody here waits for it: its sender sees its own end of the channel. */
  override get full(): boolean {
    return false
  }

  override pull(): boolean {
    if (!this.vertex.accepts(this)) return false
    const received = this.#channel.receive()
    if (received === undefined) return false
    this.vertex.handle(this, received.event, received.split)
    this.#channel.release()
    return true
  }
}
