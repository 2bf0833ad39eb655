import { Batch, Schema, slice } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { ReaderContext, Source, Split, SplitReader } from '@millrace/runtime'

/**
 * A source of batches that are in memory, one split, for tests and for code that makes columns itself. They are handed
 * on as they are, weights and event times included, in parts where they are longer than asked for. All must have the
 * given schema.
 */
export function fromBatches<T = unknown>(schema: Schema, batches: readonly Batch[]): Source<T, true> {
  for (const batch of batches)
    if (!Schema.equal(batch.schema, schema))
      throw new MillraceError('INVALID_ARGUMENT', 'invalid batch: its schema is another')
  return {
    label: `batches ${batches.length}`,
    schema,
    bounded: true,
    prunes: !schema.bare,
    splits: async () => [{ id: '0' }],
    open: (split, context) => new BatchesReader(batches, split, context),
  }
}

/** Position: the batch and the row within it. */
class BatchesReader implements SplitReader {
  readonly #batches: readonly Batch[]
  readonly #schema: Schema
  readonly #columns: readonly number[]
  #batch = 0
  #row = 0

  constructor(batches: readonly Batch[], { offset }: Split, { schema }: ReaderContext) {
    this.#batches = batches
    this.#schema = schema
    const all = batches[0]?.schema ?? schema
    this.#columns = schema.fields.map(f => Schema.indexOf(all, f.name))
    if (Array.isArray(offset)) [this.#batch, this.#row] = offset as [number, number]
  }

  poll(maxRows: number): Batch | 'end' {
    for (; this.#batch < this.#batches.length; this.#batch++, this.#row = 0) {
      const batch = this.#batches[this.#batch]!
      if (this.#row >= batch.length) continue
      const part = slice(batch, this.#row, this.#row + maxRows)
      this.#row += part.length
      const columns = this.#columns.map(c => part.columns[c]!)
      return new Batch(this.#schema, columns, part.length, part.selection, part.weights, part.times)
    }
    return 'end'
  }
  offset(): [number, number] {
    return [this.#batch, this.#row]
  }
  close(): void {}
}
