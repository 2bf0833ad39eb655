/**
 * The inner loop of every aggregate: adds the rows of a batch to the accumulators of their keys, merges them in where the
 * rows are accumulators themselves, or merges the accumulators of one table into another's. Generated for each shape of batch, with the interpreter beside it.
 */
import type { Batch } from '@millrace/algebra'
import { generateAdd, generateMerge, generateMergeRows } from './generate.ts'
import { interpretAdd, interpretMerge, interpretMergeRows } from './interpret.ts'
import type { AddRows, Aggregate, MergeTable, Table } from './table.ts'

/** What is in the columns that aggregates read: values, or accumulators, whose fields are columns one after another. */
export type Read = 'values' | 'accumulators'

export class AggregateKernel {
  readonly merge: MergeTable
  readonly #aggregates: readonly Aggregate[]
  readonly #generate: boolean
  readonly #read: Read
  readonly #adds = new Map<string, AddRows>()

  constructor(aggregates: readonly Aggregate[], generate: boolean, read: Read = 'values') {
    this.#aggregates = aggregates
    this.#generate = generate
    this.#read = read
    this.merge = generate ? generateMerge(aggregates) : interpretMerge(aggregates)
  }

  add(batch: Batch, ids: Int32Array, rows: Int32Array | null, length: number, into: Table): void {
    const shape = this.#generate ? this.#shape(batch, rows) : ''
    let add = this.#adds.get(shape)
    if (add === undefined) {
      add = this.#make(batch, rows !== null)
      this.#adds.set(shape, add)
    }
    add(batch, ids, rows, length, into)
  }

  #make(batch: Batch, someRows: boolean): AddRows {
    const aggregates = this.#aggregates
    if (this.#read === 'values')
      return this.#generate ? generateAdd(aggregates, batch, someRows) : interpretAdd(aggregates)
    return this.#generate ? generateMergeRows(aggregates, batch, someRows) : interpretMergeRows(aggregates)
  }

  #shape(batch: Batch, rows: Int32Array | null): string {
    let shape = `${rows === null ? 0 : 1}${batch.selection === null ? 0 : 1}${batch.weights === null ? 0 : 1}`
    for (const { accumulator, column } of this.#aggregates) {
      if (column < 0) continue
      const columns = this.#read === 'values' ? 1 : accumulator.fields.length
      for (let c = column; c < column + columns; c++) {
        const { kind, validity } = batch.columns[c]!
        shape += validity === null ? kind : `${kind}?`
      }
    }
    return shape
  }
}
