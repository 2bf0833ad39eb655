/**
 * Reads a Parquet file row group by row group, the wanted columns only. An offset is the position of a row in the file.
 *
 * A poll decompresses at most one page, so that none takes long: if another column needs one too, it asks to be polled
 * again.
 */
import { Batch, type Column, type Field, type Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { ReaderContext, SplitReader } from '@millrace/runtime'
import type { Zone } from '../parse/zone.ts'
import type { BadValue, ChunkColumn } from './chunk-column.ts'
import { invalid } from './footer.ts'
import { type Leaf, leafFor } from './leaf.ts'
import type { FileMetaData } from './library.ts'
import { BooleansColumn, NumberColumn } from './number-column.ts'
import { RowGroupLoader } from './row-group-loader.ts'
import { TextChunkColumn } from './text-chunk-column.ts'

export class ParquetReader implements SplitReader {
  readonly #path: string
  readonly #metadata: FileMetaData
  readonly #context: ReaderContext
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
  /** Rows of the first group that an offset passes over. */
  #skip: number
  #closed = false

  /** @param declared all columns the user declared: a file must have them even where a plan needs fewer */
  constructor(
    path: string,
    metadata: FileMetaData,
    leaves: readonly Leaf[],
    declared: Schema,
    zone: Zone,
    fromRow: number,
    context: ReaderContext,
  ) {
    this.#path = path
    this.#metadata = metadata
    this.#context = context
    const { fields } = context.schema
    for (const wanted of declared.fields) leafFor(leaves, wanted, path)
    this.#columns = fields.map(f => chunkColumn(f, leafFor(leaves, f, path), zone))
    this.#loader = new RowGroupLoader(
      path,
      fields.map(f => f.name),
      context.wake,
    )
    this.#skip = fromRow
    this.#passGroups()
  }

  poll(maxRows: number): Batch | 'wait' | 'end' {
    for (;;) {
      if (this.#open && this.#row === this.#groupRows) this.#endGroup()
      if (this.#group === this.#metadata.row_groups.length) return 'end'
      if (!this.#open && !this.#openGroup()) return 'wait'
      if (!this.#pagesReady()) return this.#pollAgain()
      const batch = this.#take(maxRows)
      if (batch !== undefined && batch.length > 0) return batch
    }
  }

  offset(): number {
    return this.#groupStart + this.#row + this.#skip
  }

  close(): Promise<void> {
    this.#closed = true
    return this.#loader.close()
  }

  #passGroups(): void {
    const groups = this.#metadata.row_groups
    while (this.#group < groups.length) {
      this.#groupRows = Number(groups[this.#group]!.num_rows)
      if (this.#skip < this.#groupRows) return
      this.#skip -= this.#groupRows
      this.#groupStart += this.#groupRows
      this.#group++
    }
  }

  #openGroup(): boolean {
    const groups = this.#metadata.row_groups
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

  /** Decompresses a page for one column that has none. False: others need one too. */
  #pagesReady(): boolean {
    let decompressed = false
    for (const column of this.#columns)
      while (column.rowsLeft === 0) {
        if (decompressed) return false
        this.#decoding(column, () => column.nextPage())
        decompressed = true
      }
    return true
  }

  #pollAgain(): 'wait' {
    void this.#context.host.yield().then(() => {
      if (!this.#closed) this.#context.wake()
    })
    return 'wait'
  }

  /** The next rows; undefined where an offset passes over them. */
  #take(maxRows: number): Batch | undefined {
    const skipped = this.#skip
    let rows = Math.min(skipped > 0 ? skipped : maxRows, this.#groupRows - this.#row)
    for (const column of this.#columns) rows = Math.min(rows, column.rowsLeft)
    const columns: Column[] = []
    for (const column of this.#columns) columns.push(this.#decoding(column, () => column.take(rows)))
    this.#row += rows
    if (skipped > 0) {
      this.#skip -= rows
      return undefined
    }
    const bad = this.#columns.flatMap(column => column.bad)
    const { schema } = this.#context
    if (bad.length === 0) return new Batch(schema, columns, rows)
    const selection = this.#reject(bad, rows)
    return new Batch(schema, columns, selection.length, selection)
  }

  #reject(bad: BadValue[], rows: number): Int32Array {
    const kept = new Uint8Array(rows).fill(1)
    const first = this.#groupStart + this.#row - rows
    for (const { row, field, shown } of bad.sort((a, b) => a.row - b.row)) {
      if (kept[row] === 0) continue
      kept[row] = 0
      this.#context.reject({
        at: `${this.#path}: row ${first + row + 1} (column ${JSON.stringify(field.name)})`,
        message: shown === undefined ? `missing ${field.type.kind}` : `invalid ${field.type.kind}: ${shown}`,
        text: '',
      })
    }
    return Int32Array.from({ length: rows }, (_, row) => row).filter(row => kept[row] === 1)
  }

  #decoding<T>(column: ChunkColumn, act: () => T): T {
    try {
      return act()
    } catch (error) {
      if (error instanceof MillraceError) throw error
      const where = `column ${JSON.stringify(column.field.name)} of row group ${this.#group + 1}`
      throw invalid(this.#path, `${where}: ${(error as Error).message}`, error)
    }
  }
}

function chunkColumn(field: Field, leaf: Leaf, zone: Zone): ChunkColumn {
  if (field.type.kind === 'text') return new TextChunkColumn(field, leaf.optional)
  if (field.type.kind === 'boolean') return new BooleansColumn(field, leaf.optional)
  return new NumberColumn(field, leaf, zone)
}
