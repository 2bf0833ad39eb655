/**
 * Writes Parquet: rows are collected until they make a row group, which is then encoded column by column, with the event
 * loop having its turn between two; meanwhile the writer is not ready.
 */
import type { Batch, Schema } from '@millrace/algebra'
import type { Json, SinkWriter, WriterContext } from '@millrace/runtime'
import { SelectedRows } from '../../sink/selected-rows.ts'
import type { TwoPhaseFiles } from '../../sink/two-phase-files.ts'
import { library, type RowGroup, type SchemaElement } from '../library.ts'
import { encodeChunk, type ParquetCompression } from './chunk-writer.ts'
import type { ColumnBuffer } from './column-buffer.ts'
import { NumberBuffer } from './number-buffer.ts'
import { TextBuffer } from './text-buffer.ts'

const GROUP_BYTES = 64 * 1024 * 1024
const MAGIC = Buffer.from('PAR1')

export interface ParquetLayout {
  readonly compression: ParquetCompression
  readonly rowGroupRows: number
}

export class ParquetWriter implements SinkWriter {
  readonly #files: TwoPhaseFiles
  readonly #layout: ParquetLayout
  readonly #context: WriterContext
  readonly #elements: SchemaElement[]
  readonly #buffers: readonly ColumnBuffer[]
  #groups: RowGroup[] = []
  #rows = 0
  #fileRows = 0
  /** Bytes of the open file. */
  #offset = 0
  readonly #selected = new SelectedRows(false)
  #flushing: Promise<void> | undefined
  #failure: unknown
  #aborted = false

  /** @param schema of the batches, the changelog's weight included if there is one */
  constructor(
    files: TwoPhaseFiles,
    schema: Schema,
    elements: SchemaElement[],
    layout: ParquetLayout,
    context: WriterContext,
  ) {
    this.#files = files
    this.#layout = layout
    this.#context = context
    this.#elements = elements
    this.#buffers = schema.fields.map(f => (f.type.kind === 'text' ? new TextBuffer(f) : new NumberBuffer(f)))
    this.#begin()
  }

  get ready(): boolean {
    return this.#failure !== undefined || (this.#flushing === undefined && this.#files.ready)
  }

  write(batch: Batch): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#files.open === undefined) {
      this.#files.reopen()
      this.#begin()
    }
    this.#selected.select(batch)
    const rows = { list: this.#selected.rows, count: this.#selected.count }
    for (const [c, buffer] of this.#buffers.entries()) buffer.append(batch.columns[c]!, rows)
    this.#rows += rows.count
    let bytes = 0
    for (const buffer of this.#buffers) bytes += buffer.bytes
    if (this.#rows >= this.#layout.rowGroupRows || bytes >= GROUP_BYTES) this.#flushSoon()
  }

  async prepareCommit(): Promise<readonly Json[]> {
    await this.#flushing
    if (this.#failure !== undefined) throw this.#failure
    const file = this.#files.open
    if (file !== undefined) {
      if (this.#rows > 0) await this.#flush()
      file.write(this.#footer())
    }
    return this.#files.prepare()
  }
  async abort(): Promise<void> {
    this.#aborted = true
    await this.#flushing
    await this.#files.abort()
  }
  async close(): Promise<void> {}

  #begin(): void {
    this.#groups = []
    this.#fileRows = 0
    this.#offset = MAGIC.length
    this.#files.open!.write(MAGIC)
  }

  #flushSoon(): void {
    this.#flushing = this.#flush()
      .catch(error => {
        this.#failure = error
      })
      .finally(() => {
        this.#flushing = undefined
        this.#context.wake()
      })
  }

  async #flush(): Promise<void> {
    const columns: RowGroup['columns'] = []
    const start = this.#offset
    let uncompressed = 0n
    for (const [c, buffer] of this.#buffers.entries()) {
      await this.#context.host.yield()
      if (this.#aborted) return
      const { parts, length, chunk } = encodeChunk(
        buffer,
        this.#elements[c + 1]!,
        this.#layout.compression,
        this.#offset,
      )
      for (const part of parts) this.#files.open!.write(part)
      this.#offset += length
      uncompressed += chunk.meta_data!.total_uncompressed_size
      columns.push(chunk)
      buffer.clear()
    }
    this.#groups.push({
      columns,
      total_byte_size: uncompressed,
      num_rows: BigInt(this.#rows),
      total_compressed_size: BigInt(this.#offset - start),
    })
    this.#fileRows += this.#rows
    this.#rows = 0
  }

  #footer(): Uint8Array {
    const writer = new library.ByteWriter()
    const metadata = {
      version: 2,
      created_by: 'millrace',
      schema: this.#elements,
      num_rows: BigInt(this.#fileRows),
      row_groups: this.#groups,
    }
    library.writeMetadata(writer, metadata as Parameters<typeof library.writeMetadata>[1])
    writer.appendBytes(MAGIC)
    return writer.getBytes()
  }
}
