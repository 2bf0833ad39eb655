/** The bytes of the wanted columns, a row group at a time; the next one is read while one is decoded. */
import { type FileHandle, open } from 'node:fs/promises'
import { fileError } from '../location.ts'
import { invalid } from './footer.ts'
import type { ColumnMetaData, RowGroup } from './library.ts'

export interface LoadedChunk {
  readonly bytes: Uint8Array
  readonly metadata: ColumnMetaData
}

interface Loading {
  readonly group: RowGroup
  chunks?: readonly LoadedChunk[]
  failure?: unknown
  done: Promise<void>
}

export class RowGroupLoader {
  readonly #path: string
  readonly #columns: readonly string[]
  readonly #wake: () => void
  #file: Promise<FileHandle> | undefined
  #loading: Loading | undefined
  #closed = false

  constructor(path: string, columns: readonly string[], wake: () => void) {
    this.#path = path
    this.#columns = columns
    this.#wake = wake
  }

  /** Begins to read a row group, unless it is being read. */
  prefetch(group: RowGroup): void {
    if (this.#loading?.group === group) return
    const loading: Loading = { group, done: Promise.resolve() }
    loading.done = this.#load(group).then(
      chunks => {
        loading.chunks = chunks
        if (!this.#closed) this.#wake()
      },
      failure => {
        loading.failure = failure
        if (!this.#closed) this.#wake()
      },
    )
    this.#loading = loading
  }

  /** The chunks of a row group, which are then the caller's; undefined while they are being read. */
  take(group: RowGroup): readonly LoadedChunk[] | undefined {
    this.prefetch(group)
    const { chunks, failure } = this.#loading!
    if (failure !== undefined) throw failure
    if (chunks !== undefined) this.#loading = undefined
    return chunks
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#loading?.done
    const file = await this.#file?.catch(() => undefined)
    this.#file = undefined
    await file?.close().catch(() => {})
  }

  async #load({ columns }: RowGroup): Promise<readonly LoadedChunk[]> {
    try {
      this.#file ??= open(this.#path)
      const file = await this.#file
      return await Promise.all(
        this.#columns.map(async name => {
          const chunk = columns.find(
            ({ meta_data: m }) => m?.path_in_schema.length === 1 && m.path_in_schema[0] === name,
          )
          const metadata = chunk?.meta_data
          if (metadata === undefined) throw invalid(this.#path, `a row group without column ${JSON.stringify(name)}`)
          return { metadata, bytes: await this.#read(file, metadata) }
        }),
      )
    } catch (error) {
      throw fileError(this.#path, error)
    }
  }

  async #read(file: FileHandle, metadata: ColumnMetaData): Promise<Uint8Array> {
    const { data_page_offset, dictionary_page_offset, total_compressed_size } = metadata
    const dictionary = Number(dictionary_page_offset ?? 0)
    const data = Number(data_page_offset)
    const start = dictionary > 0 && dictionary < data ? dictionary : data
    const bytes = new Uint8Array(Number(total_compressed_size))
    for (let filled = 0; filled < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled)
      if (bytesRead === 0) throw invalid(this.#path, 'it ends too early')
      filled += bytesRead
    }
    return bytes
  }
}
