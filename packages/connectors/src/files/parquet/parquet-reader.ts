/**
 * Reads a Parquet file row group by row group, the wanted columns only. An offset is the position of a row in the file.
 *
 * A poll decompresses at most one page, so that none takes long: if another column needs one too, it asks to be polled
 * again.
 */
import { Batch, type Field, type Schema } from '@millrace/algebra'
import { type Expression, MillraceError } from '@millrace/plan'
import type { ReaderContext, SplitReader } from '@millrace/runtime'
import { invalidOffset } from '../byte-position.ts'
import type { Zone } from '../parse/zone.ts'
import type { BadValue, ChunkColumn } from './chunk-column.ts'
import { type Comparison, comparisonOf, keepMatching } from './comparison.ts'
import { invalid } from './footer.ts'
import { mayMatch } from './group-statistics.ts'
import { type Leaf, leafFor } from './leaf.ts'
import type { FileMetaData } from './library.ts'
import { BooleansColumn, NumberColumn } from './number-column.ts'
import { RowGroupLoader } from './row-group-loader.ts'
import { TextChunkColumn } from './text-chunk-column.ts'

/** Rows looked at in one poll that gives none. */
const POLL_ROWS = 64 * 1024

export interface ParquetFile {
  readonly path: string
  readonly metadata: FileMetaData
  readonly leaves: readonly Leaf[]
  /** All columns the user declared: the file must have them even where a plan needs fewer. */
  readonly declared: Schema
  readonly zone: Zone
}

export class ParquetReader implements SplitReader {
  readonly #file: ParquetFile
  readonly #context: ReaderContext
  readonly #filters: readonly Comparison[]
  /** The wanted columns, then those that only filters need. */
  readonly #columns: readonly ChunkColumn[]
  readonly #loader: RowGroupLoader
  /** The row group being read, or to be read next. */
  #group = 0
  /** Rows of the file before it. */
  #groupStart = 0
  #groupRows = 0
  /** Rows of the group already read. */
  #row = 0
  #open = false
  /** Rows of the group that an offset passes over. */
  #skip: number
  #closed = false

  constructor(file: ParquetFile, fromRow: number, context: ReaderContext) {
    const { path, metadata, leaves, declared, zone } = file
    this.#file = file
    this.#context = context
    this.#filters = context.predicates.map(accepted)
    for (const wanted of declared.fields) leafFor(leaves, wanted, path)
    const wanted = new Map(context.schema.fields.map(f => [f.name, f]))
    for (const { column } of this.#filters) if (!wanted.has(column.name)) wanted.set(column.name, column)
    const fields = [...wanted.values()]
    this.#columns = fields.map(f => chunkColumn(f, leafFor(leaves, f, path), zone))
    const names = fields.map(f => f.name)
    this.#loader = new RowGroupLoader(path, names, context.wake)
    const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0)
    if (fromRow > rows) throw invalidOffset(path, fromRow, `it has ${rows} rows`)
    this.#skip = fromRow
    this.#passGroups()
  }

  poll(maxRows: number): Batch | 'wait' | 'end' {
    const pages = { left: 1 }
    for (let rows = 0; ; ) {
      if (this.#open && this.#row === this.#groupRows) this.#endGroup()
      if (this.#group === this.#file.metadata.row_groups.length) return 'end'
      if (!this.#open && !this.#openGroup()) return 'wait'
      if (rows >= POLL_ROWS || !this.#pagesReady(pages)) return this.#pollAgain()
      const before = this.#row
      const batch = this.#take(maxRows)
      if (batch !== undefined && batch.length > 0) return batch
      rows += this.#row - before
    }
  }

  offset(): number {
    return this.#groupStart + this.#row + this.#skip
  }

  close(): Promise<void> {
    this.#closed = true
    return this.#loader.close()
  }

  /** Goes on to the next row group that an offset does not pass over and that may hold wanted rows. */
  #passGroups(): void {
    const groups = this.#file.metadata.row_groups
    for (; this.#group < groups.length; this.#group++) {
      const group = groups[this.#group]!
      this.#groupRows = Number(group.num_rows)
      if (this.#skip < this.#groupRows && mayMatch(group, this.#file.leaves, this.#filters)) return
      this.#skip = Math.max(0, this.#skip - this.#groupRows)
      this.#groupStart += this.#groupRows
    }
  }

  #openGroup(): boolean {
    const groups = this.#file.metadata.row_groups
    const chunks = this.#loader.take(groups[this.#group]!)
    if (chunks === undefined) return false
    for (const [c, column] of this.#columns.entries()) column.open(chunks[c]!.bytes, chunks[c]!.metadata)
    if (this.#group + 1 < groups.length) this.#loader.prefetch(groups[this.#group + 1]!)
    this.#open = true
    this.#row = 0
    return true
  }

  #endGroup(): void {
    this.#open = false
    this.#row = 0
    this.#groupStart += this.#groupRows
    this.#group++
    this.#passGroups()
  }

  /** Decompresses a page for a column that has none. False: that is enough for this poll, and more are needed. */
  #pagesReady(pages: { left: number }): boolean {
    for (const column of this.#columns)
      while (column.rowsLeft === 0) {
        if (pages.left-- === 0) return false
        this.#decoding(column, () => column.nextPage())
      }
    return true
  }

  #pollAgain(): 'wait' {
    void this.#context.host.yield().then(() => {
      if (!this.#closed) this.#context.wake()
    })
    return 'wait'
  }

  /** The next rows that are wanted; undefined where an offset passes over them. */
  #take(maxRows: number): Batch | undefined {
    const skipped = this.#skip
    let rows = Math.min(skipped > 0 ? Math.min(skipped, POLL_ROWS) : maxRows, this.#groupRows - this.#row)
    for (const column of this.#columns) rows = Math.min(rows, column.rowsLeft)
    const taken = this.#columns.map(column => this.#decoding(column, () => column.take(rows)))
    this.#row += rows
    if (skipped > 0) {
      this.#skip -= rows
      return undefined
    }
    const { schema } = this.#context
    const columns = taken.slice(0, schema.fields.length)
    const bad = this.#columns.flatMap(column => column.bad)
    if (bad.length === 0 && this.#filters.length === 0) return new Batch(schema, columns, rows)
    const kept = new Uint8Array(rows).fill(1)
    this.#reject(bad, kept)
    for (const filter of this.#filters) {
      const index = this.#columns.findIndex(column => column.field.name === filter.column.name)
      keepMatching(filter, taken[index]!, rows, kept)
    }
    const selection = new Int32Array(rows)
    let length = 0
    for (let row = 0; row < rows; row++) if (kept[row] === 1) selection[length++] = row
    return new Batch(schema, columns, length, length === rows ? null : selection)
  }

  #reject(bad: BadValue[], kept: Uint8Array): void {
    const first = this.#groupStart + this.#row - kept.length
    for (const { row, field, shown } of bad.sort((a, b) => a.row - b.row)) {
      if (kept[row] === 0) continue
      kept[row] = 0
      this.#context.reject({
        at: `${this.#file.path}: row ${first + row + 1} (column ${JSON.stringify(field.name)})`,
        message: shown === undefined ? `missing ${field.type.kind}` : `invalid ${field.type.kind}: ${shown}`,
        text: '',
      })
    }
  }

  #decoding<T>(column: ChunkColumn, act: () => T): T {
    try {
      return act()
    } catch (error) {
      if (error instanceof MillraceError) throw error
      const where = `column ${JSON.stringify(column.field.name)} of row group ${this.#group + 1}`
      throw invalid(this.#file.path, `${where}: ${(error as Error).message}`, error)
    }
  }
}

function accepted(predicate: Expression): Comparison {
  const comparison = comparisonOf(predicate)
  if (comparison === undefined) throw new MillraceError('INTERNAL', 'invalid predicate: none that the source accepts')
  return comparison
}

function chunkColumn(field: Field, leaf: Leaf, zone: Zone): ChunkColumn {
  if (field.type.kind === 'text') return new TextChunkColumn(field, leaf.optional)
  if (field.type.kind === 'boolean') return new BooleansColumn(field, leaf.optional)
  return new NumberColumn(field, leaf, zone)
}
