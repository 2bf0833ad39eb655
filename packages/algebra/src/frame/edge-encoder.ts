import type { Batch } from '../batch.ts'
import type { Schema } from '../schema.ts'
import { encodeBatch } from './encode.ts'
import type { FrameWriter } from './frame-writer.ts'
import { SentEntries } from './sent-entries.ts'

/**
 * Encodes the batches of one edge, one after the other, so that text that comes as a dictionary is sent once: frames carry
 * codes, and the entries that none before has brought. They are read by one `EdgeDecoder`, in the same order, from
 * the beginning or the last `restart` on.
 *
 * To a *trusted* decoder text goes with what lies between the strings and behind them, if that is faster.
 */
export class EdgeEncoder {
  readonly trusted: boolean
  readonly sent: readonly SentEntries[]

  constructor(schema: Schema, trusted = false) {
    this.trusted = trusted
    this.sent = schema.fields.map(() => new SentEntries())
  }

  /** As `encodeBatch`. What it throws leaves this as it was; what it does not must be sent. */
  encode(batch: Batch, out: FrameWriter): void {
    try {
      encodeBatch(batch, out, this)
    } catch (error) {
      for (const entries of this.sent) entries.undo()
      throw error
    }
    for (let c = 0; c < this.sent.length; c++) this.sent[c].keep()
  }

  /** Dictionaries begin anew: the next frame depends on none before it. */
  restart(): void {
    for (const entries of this.sent) entries.restart()
  }
}
