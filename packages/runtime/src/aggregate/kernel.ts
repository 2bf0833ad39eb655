/**
 * The inner loop of every aggregate: adds the rows of a batch to the accumulators of their keys, or merges the
 * accumulators of one table into another's. Generated for each shape of batch, with the interpreter beside it.
 */
import type { Batch } from '@millrace/algebra'
import { generateAdd, generateMerge } from './generate.ts'
import { interpretAdd, interpretMerge } from './interpret.ts'
import type { AddRows, Aggregate, MergeTable, Table } from './table.ts'

export class AggregateKernel {
  readonly merge: MergeTable
  readonly #aggregates: readonly Aggregate[]
  readonly #generate: boolean
  readonly #adds = new Map<string, AddRows>()

  constructor(aggregates: readonly Aggregate[], generate: boolean) {
    this.#aggregates = aggregates
    this.#generate = generate
    this.merge = generate ? generateMerge(aggregates) : interpretMerge(aggregates)
  }

  add(batch: Batch, ids: Int32Array, rows: Int32Array | null, length: number, into: Table): void {
    const shape = this.#generate ? this.#shape(batch, rows) : ''
    let add = this.#adds.get(shape)
    if (add === undefined) {
      add = this.#generate ? generateAdd(this.#aggregates, batch, rows !== null) : interpretAdd(this.#aggregates)
      this.#adds.set(shape, add)
    }
    add(batch, ids, rows, length, into)
  }

  #shape(batch: Batch, rows: Int32Array | null): string {
    let shape = `${rows === null ? 0 : 1}${batch.selection === null ? 0 : 1}${batch.weights === null ? 0 : 1}`
    for (const { column } of this.#aggregates) {
      if (column < 0) continue
      const { kind, validity } = batch.columns[column]!
      shape += validity === null ? kind : `${kind}?`
    }
    return shape
  }
}
