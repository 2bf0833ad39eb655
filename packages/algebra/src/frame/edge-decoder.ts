import type { Batch } from '../batch.ts'
import type { Schema } from '../schema.ts'
import { decodeBatch } from './decode.ts'
import { ReceivedEntries } from './received-entries.ts'

/**
 * Decodes the frames that one `EdgeEncoder` has made, in their order; and self-contained ones.
 *
 * A *trusted* one takes text, codes and booleans as they are: for frames that our own encoder has written to memory that
 * nobody else writes to. It still checks that sections lie inside the frame.
 */
export class EdgeDecoder {
  readonly trusted: boolean
  readonly received: readonly ReceivedEntries[]
  readonly #schema: Schema

  constructor(schema: Schema, trusted = false) {
    this.trusted = trusted
    this.received = schema.fields.map(() => new ReceivedEntries(trusted))
    this.#schema = schema
  }

  /** As `decodeBatch`. What it throws leaves this as it was. */
  decode(bytes: Uint8Array): Batch {
    let batch: Batch
    try {
      batch = decodeBatch(bytes, this.#schema, this)
    } catch (error) {
      for (const entries of this.received) entries.undo()
      throw error
    }
    for (let c = 0; c < this.received.length; c++) this.received[c].keep()
    return batch
  }
}
