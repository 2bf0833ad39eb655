/** The pages of a column chunk, one after another, decompressed; what is in them is left to the columns. */
import { decompressPage } from './decompress.ts'
import { type ColumnMetaData, library } from './library.ts'
import { RleDecoder } from './rle-decoder.ts'

export interface DictionaryPage {
  readonly kind: 'dictionary'
  readonly values: Uint8Array
  readonly count: number
}

export interface DataPage {
  readonly kind: 'data'
  readonly rows: number
  /** One bit a row, 1 where a value is present; null: all are. */
  readonly presence: RleDecoder | null
  readonly encoding: string
  readonly values: Uint8Array
}

export class PageReader {
  readonly #bytes: Uint8Array
  readonly #codec: ColumnMetaData['codec']
  readonly #optional: boolean
  readonly #reader: { view: DataView; offset: number }

  constructor(bytes: Uint8Array, codec: ColumnMetaData['codec'], optional: boolean) {
    this.#bytes = bytes
    this.#codec = codec
    this.#optional = optional
    this.#reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
  }

  /** The next page. Throws a plain error if there is none, or it is damaged. */
  next(): DictionaryPage | DataPage {
    for (;;) {
      const header = library.parquetHeader(this.#reader)
      const { compressed_page_size: stored, uncompressed_page_size: length } = header
      const start = this.#reader.offset
      if (!(stored >= 0 && length >= 0) || start + stored > this.#bytes.length)
        throw new RangeError('a page ends too early')
      this.#reader.offset += stored
      const bytes = this.#bytes.subarray(start, start + stored)
      if (header.dictionary_page_header !== undefined) {
        const values = decompressPage(bytes, length, this.#codec)
        return { kind: 'dictionary', values, count: header.dictionary_page_header.num_values }
      }
      if (header.data_page_header !== undefined)
        return this.#version1(decompressPage(bytes, length, this.#codec), header.data_page_header)
      if (header.data_page_header_v2 !== undefined) return this.#version2(bytes, length, header.data_page_header_v2)
    }
  }

  #version1(page: Uint8Array, { num_values, encoding }: { num_values: number; encoding: string }): DataPage {
    if (!this.#optional) return { kind: 'data', rows: num_values, presence: null, encoding, values: page }
    const length = new DataView(page.buffer, page.byteOffset, page.byteLength).getUint32(0, true)
    if (4 + length > page.length) throw new RangeError('a page ends too early')
    const presence = new RleDecoder(page, 4, 4 + length, 1)
    return { kind: 'data', rows: num_values, presence, encoding, values: page.subarray(4 + length) }
  }

  #version2(
    bytes: Uint8Array,
    length: number,
    header: {
      num_values: number
      num_nulls: number
      encoding: string
      definition_levels_byte_length: number
      repetition_levels_byte_length: number
      is_compressed?: boolean | undefined
    },
  ): DataPage {
    const { num_values, num_nulls, encoding, definition_levels_byte_length, repetition_levels_byte_length } = header
    const levels = repetition_levels_byte_length + definition_levels_byte_length
    if (levels > bytes.length) throw new RangeError('a page ends too early')
    const presence =
      this.#optional && num_nulls > 0 ? new RleDecoder(bytes, repetition_levels_byte_length, levels, 1) : null
    const codec = header.is_compressed === false ? 'UNCOMPRESSED' : this.#codec
    const values = decompressPage(bytes.subarray(levels), length - levels, codec)
    return { kind: 'data', rows: num_values, presence, encoding, values }
  }
}
