/**
 * Writes Parquet: rows are collected until they make a row group, which is then encoded column by column, with the event
 * loop having its turn between two; meanwhile the writer is not ready. What is not written until the end is the footer; a
 * file is continued by whoever knows the row groups it has.
 */
import type { Batch, Schema } from '@millrace/algebra'
import type { Json, WriterContext } from '@millrace/runtime'
import type { FileBody } from '../../sink/part.ts'
import { SelectedRows } from '../../sink/selected-rows.ts'
import type { StagedFile } from '../../sink/staged-file.ts'
import { library, type RowGroup, type SchemaElement } from '../library.ts'
import { encodeChunk, type ParquetCompression } from './chunk-writer.ts'
import type { ColumnBuffer } from './column-buffer.ts'
import { groupsFromJson, groupsToJson } from './groups-json.ts'
import { NumberBuffer } from './number-buffer.ts'
import { TextBuffer } from './text-buffer.ts'

const GROUP_BYTES = 64 * 1024 * 1024
const MAGIC = Buffer.from('PAR1')

export interface ParquetLayout {
  readonly compression: ParquetCompression
  readonly rowGroupRows: number
}

/** What the files of a writer share: no two of them have rows in the buffers. */
export interface ParquetTools {
  readonly layout: ParquetLayout
  readonly elements: SchemaElement[]
  readonly buffers: readonly ColumnBuffer[]
  readonly context: Pick<WriterContext, 'host' | 'wake'>
}

/** @param schema of the batches, the changelog's weight included if there is one */
export function parquetTools(
  schema: Schema,
  elements: SchemaElement[],
  layout: ParquetLayout,
  context: ParquetTools['context'],
): ParquetTools {
  const buffers = schema.fields.map(f => (f.type.kind === 'text' ? new TextBuffer(f) : new NumberBuffer(f)))
  return { layout, elements, buffers, context }
}

type BodyState = { readonly elements: Json; readonly groups: Json }

export class ParquetBody implements FileBody {
  readonly #file: StagedFile
  readonly #tools: ParquetTools
  /** Those of the file, which may be continued for its end only. */
  readonly #elements: SchemaElement[]
  readonly #groups: RowGroup[]
  readonly #selected = new SelectedRows(false)
  #rows = 0
  /** Bytes of the file. */
  #offset: number
  #flushing: Promise<void> | undefined
  #failure: unknown
  #stopped = false

  constructor(file: StagedFile, tools: ParquetTools, restored?: Json) {
    this.#file = file
    this.#tools = tools
    if (restored === undefined) {
      this.#elements = tools.elements
      this.#groups = []
      this.#offset = MAGIC.length
      file.write(MAGIC)
    } else {
      const { elements, groups } = restored as BodyState
      this.#elements = elements as unknown as SchemaElement[]
      this.#groups = groupsFromJson(groups)
      this.#offset = file.length
    }
  }

  get ready(): boolean {
    return this.#failure !== undefined || this.#flushing === undefined
  }

  write(batch: Batch): void {
    if (this.#failure !== undefined) throw this.#failure
    this.#selected.select(batch)
    const rows = { list: this.#selected.rows, count: this.#selected.count }
    let bytes = 0
    for (const [c, buffer] of this.#tools.buffers.entries()) {
      buffer.append(batch.columns[c]!, rows)
      bytes += buffer.bytes
    }
    this.#rows += rows.count
    if (this.#rows >= this.#tools.layout.rowGroupRows || bytes >= GROUP_BYTES) this.#flushSoon()
  }

  async flush(): Promise<void> {
    await this.#flushing
    if (this.#failure !== undefined) throw this.#failure
    if (this.#rows > 0) await this.#writeGroup()
  }
  async end(): Promise<void> {
    await this.flush()
    this.#file.write(this.#footer())
  }
  state(): Json {
    return { elements: this.#elements as unknown as Json, groups: groupsToJson(this.#groups) } satisfies BodyState
  }
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#flushing
  }

  #flushSoon(): void {
    this.#flushing = this.#writeGroup()
      .catch(error => {
        this.#failure = error
      })
      .finally(() => {
        this.#flushing = undefined
        this.#tools.context.wake()
      })
  }

  async #writeGroup(): Promise<void> {
    const { buffers, context, layout } = this.#tools
    const columns: RowGroup['columns'] = []
    const start = this.#offset
    let uncompressed = 0n
    for (const [c, buffer] of buffers.entries()) {
      await context.host.yield()
      if (this.#stopped) return
      const { parts, length, chunk } = encodeChunk(buffer, this.#elements[c + 1]!, layout.compression, this.#offset)
      for (const part of parts) this.#file.write(part)
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
    this.#rows = 0
  }

  #footer(): Uint8Array {
    const writer = new library.ByteWriter()
    const metadata = {
      version: 2,
      created_by: 'millrace',
      schema: this.#elements,
      num_rows: this.#groups.reduce((sum, group) => sum + group.num_rows, 0n),
      row_groups: this.#groups,
    }
    library.writeMetadata(writer, metadata as Parameters<typeof library.writeMetadata>[1])
    writer.appendBytes(MAGIC)
    return writer.getBytes()
  }
}
