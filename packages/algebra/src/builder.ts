/**
 * Batches from JavaScript values, at the edge: sources and the results of users' functions.
 *
 * Rows go in whole (`append`) or, from a parser with one value a column, column by column (`columns[c].append`, then
 * `endRow`). A value that does not fit its type throws `ValueError` and leaves no trace: `append` takes its row back;
 * who appends by column calls `abandonRow`.
 */
import { BATCH_ROWS, Batch } from './batch.ts'
import type { ColumnBuilder } from './builders/column-builder.ts'
import { columnBuilder } from './builders/create.ts'
import type { Column } from './column.ts'
import type { Schema } from './schema.ts'
import { ValueError } from './value-error.ts'

export class BatchBuilder {
  readonly schema: Schema
  /** Rows after which `full` says so. More may be appended: they cost a reallocation, nothing else. */
  readonly capacity: number
  /** One builder a column of the schema. */
  readonly columns: readonly ColumnBuilder[]
  /** Whole rows appended. */
  length = 0
  readonly #names: readonly string[]
  /** Per column: the name is one that every object inherits, so that only an own property counts. */
  readonly #inherited: readonly boolean[]
  #weights = new Int32Array(0)
  #times = new Float64Array(0)
  #weighted = false
  #timed = false

  constructor(schema: Schema, capacity: number = BATCH_ROWS) {
    this.schema = schema
    this.capacity = capacity
    this.columns = schema.fields.map(f => columnBuilder(f, capacity))
    this.#names = schema.fields.map(f => f.name)
    this.#inherited = this.#names.map(name => name in Object.prototype)
  }

  get full(): boolean {
    return this.length >= this.capacity
  }

  /**
   * Appends a row: an object with a property a column (others are ignored), or the value itself if the schema is bare.
   * @param weight how often; an int32, negative to delete
   * @param time event time in milliseconds: every row of a batch has one, or none
   */
  append(row: unknown, weight = 1, time?: number): void {
    try {
      if (this.schema.bare) this.columns[0].append(row)
      else this.#appendFields(row)
      this.endRow(weight, time)
    } catch (error) {
      this.abandonRow()
      throw error
    }
  }

  /** Ends a row whose values were appended to each of `columns`. */
  endRow(weight = 1, time?: number): void {
    if (weight !== 1 || this.#weighted) this.#appendWeight(weight)
    if (time !== undefined || this.#timed) this.#appendTime(time)
    this.length++
  }

  /** Takes back what was appended to columns since the last whole row. */
  abandonRow(): void {
    for (const column of this.columns) if (column.length > this.length) column.truncate(this.length)
  }

  /** The rows appended, as a batch that is valid until the next append or clear. */
  build(): Batch {
    return this.#batch(this.columns.map(c => this.#whole(c).build()))
  }

  /** The rows appended, as a batch that owns its arrays; the builder starts anew. */
  take(): Batch {
    const batch = this.#batch(this.columns.map(c => this.#whole(c).take()))
    if (this.#weighted) this.#weights = new Int32Array(0)
    if (this.#timed) this.#times = new Float64Array(0)
    this.#reset()
    return batch
  }

  clear(): void {
    for (const column of this.columns) column.clear()
    this.#reset()
  }

  #batch(columns: Column[]): Batch {
    const weights = this.#weighted ? this.#weights : null
    return new Batch(this.schema, columns, this.length, null, weights, this.#timed ? this.#times : null)
  }

  #reset(): void {
    this.length = 0
    this.#weighted = false
    this.#timed = false
  }

  #appendFields(row: unknown): void {
    if (typeof row !== 'object' || row === null)
      throw new ValueError('', row, `row of columns ${this.#names.join(', ')}`)
    const record = row as Record<string, unknown>
    const { columns } = this
    for (let c = 0; c < columns.length; c++) {
      const name = this.#names[c]
      columns[c].append(this.#inherited[c] && !Object.hasOwn(record, name) ? undefined : record[name])
    }
  }

  #appendWeight(weight: number): void {
    if ((weight | 0) !== weight) throw new RangeError(`invalid weight: ${weight}`)
    if (this.length >= this.#weights.length) {
      const grown = new Int32Array(Math.max(this.capacity, this.length * 2, 16))
      grown.set(this.#weights)
      this.#weights = grown
    }
    if (!this.#weighted) this.#weights.fill(1, 0, this.length)
    this.#weighted = true
    this.#weights[this.length] = weight
  }

  #appendTime(time: number | undefined): void {
    if (time === undefined || Number.isNaN(time)) throw new RangeError(`invalid time: ${time}`)
    if (!this.#timed && this.length > 0)
      throw new RangeError(`invalid time: ${time} (earlier rows of the batch have none)`)
    if (this.length >= this.#times.length) {
      const grown = new Float64Array(Math.max(this.capacity, this.length * 2, 16))
      grown.set(this.#times)
      this.#times = grown
    }
    this.#timed = true
    this.#times[this.length] = time
  }

  #whole(column: ColumnBuilder): ColumnBuilder {
    if (column.length !== this.length)
      throw new RangeError(`invalid batch: ${this.length} rows, but a column of ${column.length}`)
    return column
  }
}
