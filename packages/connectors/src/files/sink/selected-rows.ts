import type { Batch } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'

/**
 * The physical rows that are to be written of a batch, in order, and the weight of each. Where a file cannot show weights,
 * rows come as often as their weight says, each with weight 1; a deletion is then an error.
 */
export class SelectedRows {
  rows = new Int32Array(0)
  weights = new Int32Array(0)
  count = 0
  readonly #changelog: boolean
  /** What `rows` and `weights` begin with: 0, 1, 2, ..., all of weight 1. */
  #plain = 0

  constructor(changelog: boolean) {
    this.#changelog = changelog
  }

  select(batch: Batch): void {
    const { length, selection, weights } = batch
    this.count = 0
    if (selection === null && weights === null) return this.#all(length)
    this.#plain = 0
    if (this.rows.length < length) this.#grow(length)
    for (let i = 0; i < length; i++) {
      const row = selection === null ? i : selection[i]!
      const weight = weights === null ? 1 : weights[row]!
      if (weight === 1) this.#push(row, 1)
      else if (this.#changelog) {
        if (weight !== 0) this.#push(row, weight)
      } else {
        if (weight < 0) throw deletion(weight)
        for (let k = 0; k < weight; k++) this.#push(row, 1)
      }
    }
  }

  #all(length: number): void {
    if (this.rows.length < length) this.#grow(length)
    for (; this.#plain < length; this.#plain++) {
      this.rows[this.#plain] = this.#plain
      this.weights[this.#plain] = 1
    }
    this.count = length
  }
  #push(row: number, weight: number): void {
    if (this.count === this.rows.length) this.#grow(this.count * 2)
    this.rows[this.count] = row
    this.weights[this.count++] = weight
  }
  #grow(length: number): void {
    const rows = new Int32Array(Math.max(1024, length))
    const weights = new Int32Array(rows.length)
    rows.set(this.rows)
    weights.set(this.weights)
    this.rows = rows
    this.weights = weights
  }
}

function deletion(weight: number): MillraceError {
  return new MillraceError('WRONG_KIND', `invalid row to write: it is a deletion (weight ${weight})`, {
    hint: 'Write with { changelog: true }, which adds a column weight.',
  })
}
