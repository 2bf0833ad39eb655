/**
 * Batches one behind the other as one dense batch that owns its arrays.
 *
 * Text columns keep a dictionary that all of them share; different dictionaries are merged, used entries only, up to
 * `MERGED_ENTRIES`; past that, and where kinds are mixed, the result is plain UTF-8.
 */
import { Batch } from './batch.ts'
import {
  AnyColumn,
  BigintColumn,
  BooleanColumn,
  bitmapBytes,
  type Column,
  DoubleColumn,
  Int32Column,
  type Validity,
} from './column.ts'
import { concatText } from './concat-text.ts'
import { copyBigints, copyBits, copyBytes, copyDoubles, copyInts } from './dense.ts'
import { EncodedColumn } from './frame/encoded-column.ts'
import { allOfKind, type Part } from './part.ts'
import type { Field, Schema } from './schema.ts'

/** All rows of `batches`, in order. Their columns must be of `schema`'s types; names are not compared. */
export function concat(batches: readonly Batch[], schema: Schema): Batch {
  const used = batches.filter(batch => batch.length > 0)
  let length = 0
  for (const batch of used) length += batch.length
  const width = schema.fields.length
  for (const { columns } of used)
    if (columns.length !== width) throw new RangeError(`invalid batch: ${columns.length} columns instead of ${width}`)
  const columns = schema.fields.map((field, c) =>
    concatColumn(
      field,
      used.map(batch => ({ column: batch.columns[c], selection: batch.selection, length: batch.length })),
      length,
    ),
  )
  return new Batch(schema, columns, length, null, concatWeights(used, length), concatTimes(used, length))
}

function concatColumn(field: Field, parts: readonly Part[], length: number): Column {
  switch (field.type.kind) {
    case 'int32':
      if (!allOfKind(parts, 'int32')) break
      return new Int32Column(concatInts(parts, length), concatBits(parts, length))
    case 'double':
    case 'timestamp':
      if (!allOfKind(parts, 'double')) break
      return new DoubleColumn(concatDoubles(parts, length), concatBits(parts, length))
    case 'bigint':
      if (!allOfKind(parts, 'bigint')) break
      return new BigintColumn(concatBigints(parts, length), concatBits(parts, length))
    case 'boolean':
      if (!allOfKind(parts, 'boolean')) break
      return new BooleanColumn(concatBytes(parts, length), concatBits(parts, length))
    case 'text':
      if (!parts.every(({ column }) => column.kind === 'dictionary' || column.kind === 'utf8')) break
      return concatText(parts, length, concatBits(parts, length))
    case 'any':
      if (!allOfKind(parts, 'any')) break
      if (allEncoded(parts)) return EncodedColumn.concat(parts, length)
      return new AnyColumn(concatValues(parts, length))
  }
  const kinds = [...new Set(parts.map(part => part.column.kind))].join(', ')
  throw new RangeError(`invalid columns for ${field.type.kind} ${JSON.stringify(field.name)}: ${kinds}`)
}

function concatInts(parts: readonly Part<Int32Column>[], length: number): Int32Array {
  const out = new Int32Array(length)
  let at = 0
  for (const { column, selection, length } of parts) {
    copyInts(column.values, selection, length, out, at)
    at += length
  }
  return out
}

function concatDoubles(parts: readonly Part<DoubleColumn>[], length: number): Float64Array {
  const out = new Float64Array(length)
  let at = 0
  for (const { column, selection, length } of parts) {
    copyDoubles(column.values, selection, length, out, at)
    at += length
  }
  return out
}

function concatBigints(parts: readonly Part<BigintColumn>[], length: number): BigInt64Array {
  const out = new BigInt64Array(length)
  let at = 0
  for (const { column, selection, length } of parts) {
    copyBigints(column.values, selection, length, out, at)
    at += length
  }
  return out
}

function concatBytes(parts: readonly Part<BooleanColumn>[], length: number): Uint8Array {
  const out = new Uint8Array(length)
  let at = 0
  for (const { column, selection, length } of parts) {
    copyBytes(column.values, selection, length, out, at)
    at += length
  }
  return out
}

function allEncoded(parts: readonly Part<AnyColumn>[]): parts is readonly Part<EncodedColumn>[] {
  return parts.length > 0 && parts.every(({ column }) => column instanceof EncodedColumn)
}

function concatValues(parts: readonly Part<AnyColumn>[], length: number): unknown[] {
  const out = new Array<unknown>(length)
  let at = 0
  for (const { column, selection, length } of parts)
    for (let i = 0; i < length; i++) out[at++] = column.values[selection === null ? i : selection[i]]
  return out
}

function concatBits(parts: readonly Part[], length: number): Validity {
  if (parts.every(part => part.column.validity === null)) return null
  const out = new Uint8Array(bitmapBytes(length))
  let at = 0
  for (const { column, selection, length } of parts) {
    copyBits(column.validity, selection, length, out, at)
    at += length
  }
  return out
}

function concatWeights(batches: readonly Batch[], length: number): Int32Array | null {
  if (batches.every(batch => batch.weights === null)) return null
  const out = new Int32Array(length)
  let at = 0
  for (const batch of batches) {
    if (batch.weights === null) out.fill(1, at, at + batch.length)
    else copyInts(batch.weights, batch.selection, batch.length, out, at)
    at += batch.length
  }
  return out
}

function concatTimes(batches: readonly Batch[], length: number): Float64Array | null {
  if (batches.every(batch => batch.times === null)) return null
  const out = new Float64Array(length)
  let at = 0
  for (const batch of batches) {
    if (batch.times === null) throw new RangeError('missing times: some batches have event times and some have none')
    copyDoubles(batch.times, batch.selection, batch.length, out, at)
    at += batch.length
  }
  return out
}
