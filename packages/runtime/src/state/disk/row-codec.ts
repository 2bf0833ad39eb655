/**
 * Rows of a state as bytes, each by itself: behind the id what the columns have of it, one after the other. Only the process
 * that wrote them reads them again, so nothing says which columns they are.
 */
import {
  Batch,
  type Column,
  type FrameWriter,
  Int32Column,
  OpaqueDecoder,
  OpaqueEncoder,
  type Schema,
} from '@millrace/algebra'
import { columnOver, type StateArray } from '../arrays.ts'

const float = new Float64Array(1)
const big = new BigInt64Array(float.buffer)
const int = new Int32Array(float.buffer)
const raw = new Uint8Array(float.buffer)

export class RowCodec {
  readonly schema: Schema
  readonly #out: FrameWriter
  readonly #encoder: OpaqueEncoder
  readonly #decoder = new OpaqueDecoder()
  /** Rows that are being read: their ids, and values by column. */
  #ids = new Int32Array(0)
  #columns: StateArray[] = []
  #rows = 0

  /** @param schema the id, then what is held of it */
  constructor(schema: Schema, out: FrameWriter) {
    this.schema = schema
    this.#out = out
    this.#encoder = new OpaqueEncoder(out)
  }

  /** Rows of this batch can be written. */
  fits({ schema, columns }: Batch): boolean {
    const { fields } = this.schema
    const isSame = (c: number): boolean =>
      fields[c].name === schema.fields[c].name && fields[c].type.kind === schema.fields[c].type.kind
    const isPlain = (column: Column): boolean => column.kind === 'any' || column.validity === null
    return fields.length === schema.fields.length && fields.every((_, c) => isSame(c)) && columns.every(isPlain)
  }

  /** Appends a row of a batch of this schema, without its id. */
  write({ columns }: Batch, row: number): void {
    for (let c = 1; c < columns.length; c++) this.#put(columns[c], row, c)
  }

  #put(column: Column, row: number, c: number): void {
    switch (column.kind) {
      case 'any':
        return this.#encoder.value(column.get(row), this.schema.fields[c].name)
      case 'int32':
        int[0] = column.values[row]
        return this.#bytes(4)
      case 'double':
        float[0] = column.values[row]
        return this.#bytes(8)
      case 'bigint':
        big[0] = column.values[row]
        return this.#bytes(8)
      case 'boolean':
        raw[0] = column.values[row]
        return this.#bytes(1)
      default:
        throw new TypeError(`invalid column of a state: ${column.kind}`)
    }
  }

  #bytes(count: number): void {
    const out = this.#out
    out.ensure(count)
    for (let i = 0; i < count; i++) out.bytes[out.length + i] = raw[i]
    out.length += count
  }

  /** Begins a batch of about so many rows. */
  begin(rows: number): void {
    this.#rows = 0
    this.#ids = new Int32Array(rows)
    this.#columns = this.schema.fields.slice(1).map(({ type }) => valuesOf(type.kind, rows))
  }

  /** Adds the rows, most often one, that these bytes are. */
  read(id: number, bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; ) {
      if (this.#rows === this.#ids.length) this.#grow()
      this.#ids[this.#rows] = id
      for (let c = 0; c < this.#columns.length; c++) at = this.#take(c, bytes, at)
      this.#rows++
    }
  }

  #take(c: number, bytes: Uint8Array, at: number): number {
    const values = this.#columns[c]
    if (Array.isArray(values)) {
      values[this.#rows] = this.#decoder.value(bytes, at, 'a row of a state')
      return this.#decoder.end
    }
    const size = values.BYTES_PER_ELEMENT
    for (let i = 0; i < size; i++) raw[i] = bytes[at + i]
    if (values instanceof Float64Array) values[this.#rows] = float[0]
    else if (values instanceof Int32Array) values[this.#rows] = int[0]
    else if (values instanceof BigInt64Array) values[this.#rows] = big[0]
    else values[this.#rows] = raw[0]
    return at + size
  }

  #grow(): void {
    const rows = Math.max(16, this.#ids.length * 2)
    const ids = new Int32Array(rows)
    ids.set(this.#ids)
    this.#ids = ids
    this.#columns = this.#columns.map((values, c) => {
      if (Array.isArray(values)) return values
      const larger = valuesOf(this.schema.fields[c + 1].type.kind, rows) as Uint8Array
      larger.set(values as Uint8Array)
      return larger
    })
  }

  /** What was read since `begin`. */
  batch(): Batch {
    const rows = this.#rows
    const columns = this.#columns.map(values => columnOver(values, 0, rows))
    return new Batch(this.schema, [new Int32Column(this.#ids.subarray(0, rows)), ...columns], rows)
  }
}

function valuesOf(kind: string, rows: number): StateArray {
  switch (kind) {
    case 'int32':
      return new Int32Array(rows)
    case 'double':
    case 'timestamp':
      return new Float64Array(rows)
    case 'bigint':
      return new BigInt64Array(rows)
    case 'boolean':
      return new Uint8Array(rows)
    default:
      return []
  }
}
