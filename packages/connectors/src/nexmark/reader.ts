/**
 * Reads one split of a kind of event. Epochs are dealt to the splits in turn: split i of n has epochs i, i + n, i + 2n, ...
 * A reader's state is the number of the next event it has to make, which is its offset.
 */
import { Batch, type Column, type Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { Json, Split, SplitReader } from '@millrace/runtime'
import { type Share, shareOf } from '../dealt-splits.ts'
import { type EventKind, type Fill, Making } from './event-kind.ts'
import type { NexmarkConfig } from './options.ts'
import { MAX_EVENTS, perEpoch } from './specification.ts'
import type { Texts } from './texts.ts'

export class EventReader implements SplitReader {
  readonly #kind: EventKind
  readonly #config: NexmarkConfig
  readonly #texts: Texts
  readonly #schema: Schema
  readonly #share: Share
  #epoch: number
  /** Of the kind's events of the epoch, the next. */
  #position = 0
  #rows = 0
  #columns: readonly Column[] = []
  #fills: readonly Fill[] = []
  #finishes: readonly (() => void)[] = []

  constructor(kind: EventKind, config: NexmarkConfig, texts: Texts, schema: Schema, split: Split) {
    this.#kind = kind
    this.#config = config
    this.#texts = texts
    this.#schema = schema
    this.#share = shareOf(split)
    this.#epoch = this.#share.index
    if (split.offset !== undefined) this.#seek(split.offset)
  }

  /** As many rows as asked for, but at the end. */
  poll(maxRows: number): Batch | 'end' {
    this.#reserve(maxRows)
    let rows = 0
    while (rows < maxRows) {
      const first = this.#epoch * perEpoch.events + this.#kind.first
      const last = Math.min(this.#kind.count, this.#config.events - first)
      const count = Math.min(last - this.#position, maxRows - rows)
      if (count <= 0) break
      if (first >= MAX_EVENTS) throw tooMany()
      for (const fill of this.#fills) fill(this.#epoch, this.#position, count, rows)
      rows += count
      this.#position += count
      if (this.#position === this.#kind.count) {
        this.#epoch += this.#share.count
        this.#position = 0
      }
    }
    if (rows > 0) for (const finish of this.#finishes) finish()
    return rows === 0 ? 'end' : new Batch(this.#schema, this.#columns, rows)
  }

  offset(): number {
    return this.#epoch * perEpoch.events + this.#kind.first + this.#position
  }

  close(): void {
    this.#columns = []
    this.#fills = []
    this.#finishes = []
    this.#rows = 0
  }

  #seek(offset: Json): void {
    const { index, count } = this.#share
    const valid = typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= this.#kind.first
    const event = valid ? offset - this.#kind.first : Number.NaN
    this.#epoch = Math.floor(event / perEpoch.events)
    this.#position = event - this.#epoch * perEpoch.events
    if (!(this.#position < this.#kind.count) || this.#epoch % count !== index)
      throw new MillraceError('INVALID_VALUE', `invalid offset of ${this.#kind.name}: ${JSON.stringify(offset)}`, {
        hint: `split ${index} of ${count} has no such event; offsets are good for the same number of splits only`,
      })
  }

  /** Makes room for batches of so many rows; the arrays are used again for every batch. */
  #reserve(rows: number): void {
    if (rows <= this.#rows) return
    const making = new Making(this.#config, this.#texts, rows)
    this.#columns = this.#schema.fields.map(({ name }) => this.#kind.columns[name](making))
    this.#fills = making.fills
    this.#finishes = making.finishes
    this.#rows = rows
  }
}

function tooMany(): MillraceError {
  return new MillraceError('ROW_LIMIT', `invalid event number: ${MAX_EVENTS}`, {
    hint: `ids are 32-bit integers, which ends the generator after ${MAX_EVENTS} events`,
  })
}
