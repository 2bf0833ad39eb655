/** The values of one column while a row group is collected. */
import { type Column, type Field, isValid } from '@millrace/algebra'

/** Which physical rows of a batch are written, and how often; see `RowList`. */
export interface Rows {
  readonly list: Int32Array
  readonly count: number
}

/** Part of a chunk: rows, with the bytes of the values present among them. */
export interface ChunkPage {
  readonly rows: number
  readonly values: Uint8Array
}

export interface Bounds {
  readonly min: number | bigint | string
  readonly max: number | bigint | string
}

export abstract class ColumnBuffer {
  readonly field: Field
  rows = 0
  /** Values present. */
  count = 0
  /** Per row 1 where the value is present; only of nullable columns. */
  #presence = new Int32Array(0)

  constructor(field: Field) {
    this.field = field
  }

  append(column: Column, rows: Rows): void {
    if (this.field.nullable) this.#notePresence(column, rows)
    this.take(column, rows)
    this.rows += rows.count
  }
  clear(): void {
    this.rows = 0
    this.count = 0
    this.forget()
  }
  presence(): Int32Array | undefined {
    return this.field.nullable ? this.#presence : undefined
  }
  /** About how many bytes the values take. */
  abstract readonly bytes: number
  /** The dictionary page's bytes and its entries; undefined: values are plain. */
  abstract dictionary(): { readonly values: Uint8Array; readonly count: number } | undefined
  /** The bytes of values `from` to `to` of those present. */
  abstract encode(from: number, to: number): Uint8Array
  /** Values `from` on that make a page. */
  abstract pageEnd(from: number): number
  abstract bounds(): Bounds | undefined
  protected abstract take(column: Column, rows: Rows): void
  protected abstract forget(): void

  #notePresence({ validity }: Column, { list, count }: Rows): void {
    if (this.rows + count > this.#presence.length) {
      const grown = new Int32Array(Math.max(1024, (this.rows + count) * 2))
      grown.set(this.#presence)
      this.#presence = grown
    }
    for (let i = 0; i < count; i++) this.#presence[this.rows + i] = isValid(validity, list[i]!) ? 1 : 0
  }
}
