/**
 * A checksum of a collection: every byte of every column of every row counts, and nothing else does.
 *
 * A row's hash is the sum of its values' hashes times a factor that each column has from its name; the checksum is the sum of the
 * rows' hashes, mixed, times their weights, in two 32-bit lanes. So it does not depend on the order of rows, on where batches
 * were cut, on how a column is represented, or on which of many workers saw a row; and an inserted row that was
 * deleted again leaves no trace: the checksum of a changelog is that of its final rows.
 */
import type { Batch, Schema } from '@millrace/algebra'
import { addColumn } from './column-hash.ts'
import { hashObject, hashValue, nameFactor, OBJECT_SALT } from './value-hash.ts'
import { type VectorHash, vectorHash } from './vector-hash.ts'

export class Checksum {
  /** Rows added, deletions as well. */
  rows = 0
  #low = 0
  #high = 0
  #hashes = new Int32Array(1024)
  #schema: Schema | undefined
  #factors: number[] = []

  add(batch: Batch): void {
    const { length, selection, columns } = batch
    const vector = selection === null ? vectorHash(length) : undefined
    if (length > this.#hashes.length) this.#hashes = new Int32Array(length)
    const hashes = vector?.hashes ?? this.#hashes
    if (batch.schema.bare) bareHashes(hashes, batch)
    else {
      const factors = this.#factorsOf(batch.schema)
      hashes.fill(OBJECT_SALT, 0, length)
      for (let c = 0; c < columns.length; c++) addColumn(hashes, columns[c], selection, length, factors[c], vector)
    }
    this.#sum(hashes, length, batch.weights, selection, vector)
    this.rows += length
  }

  /** Adds what another has seen. */
  merge(other: { readonly rows: number; readonly lanes: readonly [number, number] }): void {
    this.rows += other.rows
    this.#low = (this.#low + other.lanes[0]) | 0
    this.#high = (this.#high + other.lanes[1]) | 0
  }

  get lanes(): [low: number, high: number] {
    return [this.#low, this.#high]
  }

  reset(): void {
    this.rows = this.#low = this.#high = 0
  }

  /** Sixteen hexadecimal digits; zeros for no rows. */
  toString(): string {
    return hex(this.#high) + hex(this.#low)
  }

  #sum(
    hashes: Int32Array,
    length: number,
    weights: Int32Array | null,
    selection: Int32Array | null,
    vector: VectorHash | undefined,
  ): void {
    let low = this.#low
    let high = this.#high
    let i = 0
    if (vector !== undefined && weights === null) {
      i = length & ~3
      const lanes = vector.sum(i)
      low += lanes[0]
      high += lanes[1]
    }
    for (; i < length; i++) {
      const hash = hashes[i]
      let first = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
      first ^= first >>> 15
      let second = Math.imul(first, 0x735a2d97)
      second ^= second >>> 16
      if (weights !== null) {
        const weight = weights[selection === null ? i : selection[i]]
        first = Math.imul(first, weight)
        second = Math.imul(second, weight)
      }
      low = (low + first) | 0
      high = (high + second) | 0
    }
    this.#low = low | 0
    this.#high = high | 0
  }

  #factorsOf(schema: Schema): number[] {
    if (schema !== this.#schema) {
      this.#schema = schema
      this.#factors = schema.fields.map(field => nameFactor(field.name))
    }
    return this.#factors
  }
}

/** Rows that are values: an object counts as a row with its properties for columns. */
function bareHashes(hashes: Int32Array, batch: Batch): void {
  const column = batch.columns[0]
  hashes.fill(0, 0, batch.length)
  if (column.kind !== 'any') return addColumn(hashes, column, batch.selection, batch.length, 1)
  for (let i = 0; i < batch.length; i++) {
    const value = column.values[batch.selection === null ? i : batch.selection[i]]
    hashes[i] = isRecord(value) ? hashObject(value) : hashValue(value)
  }
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Date) && !Array.isArray(value)
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
