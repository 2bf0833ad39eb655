import { Schema } from '@millrace/algebra'
import {
  type Columns,
  declaredRows,
  type OutputOf,
  type RowOf,
  type RowsArgument,
  type StandardSchema,
} from '@millrace/runtime'
import { openFile } from '../byte-input.ts'
import { positionOf } from '../byte-position.ts'
import { ByteReader } from '../byte-reader.ts'
import { allEndings, compressionOf, withEnding } from '../compression.ts'
import { type FileFormat, fileFormat, type Written } from '../format.ts'
import { type FilePath, pathOf } from '../location.ts'
import { checkOptions, type FileOptions, MAX_ROW_BYTES } from '../options.ts'
import { zoneOf } from '../parse/zone.ts'
import { ColumnsWriter } from '../sink/columns-writer.ts'
import { rollingOf } from '../sink/rolling.ts'
import { rowFiles } from '../sink/row-files.ts'
import { JsonEncoder } from './json-encoder.ts'
import { JsonParser } from './json-parser.ts'

export interface JsonLinesOptions extends FileOptions {
  /** Of times without a zone, an IANA name; default 'UTC'. */
  readonly timezone?: string
  /** Written: adds a property `weight`, so that rows may come and go. */
  readonly changelog?: boolean
}

/**
 * JSON Lines files: one JSON value a line, in UTF-8; blank lines are passed over. A folder means its `.jsonl` files.
 *
 * With columns, lines are objects, whose properties travel as columns; other properties are left out. `int32` and
 * `double` take numbers (also "NaN", "Infinity", "-Infinity"), `bigint` whole numbers of any size or strings of digits,
 * `timestamp` ISO 8601 or milliseconds, `text` strings, `boolean` true and false, `any` what there is; null and absent
 * properties are absent. With a validator each line becomes what the validator returns, in columns where the
 * validator tells their types (Standard JSON Schema), with neither what it is. An integer that JavaScript's numbers cannot hold is an error unless its column is `bigint`.
 *
 * Written are times as ISO 8601, numbers that JSON has none of as strings ("NaN"), `bigint` as numbers while a double
 * holds them and else as strings; what has no JSON (a Map, a function) is an error.
 *
 * @example
 * await flights.to(jsonLines('out/flights.jsonl')).run()
 * env.stream(jsonLines('out/flights.jsonl', { origin: text, delay: int32, date: timestamp }))
 * @example
 * await flights.keyBy('origin').count().to(jsonLines('out/counts.jsonl', undefined, { changelog: true })).run()
 */
export function jsonLines<T = unknown>(path: FilePath): FileFormat<T, unknown, 'bounded' | 'appending'>
export function jsonLines<T = unknown, const O extends JsonLinesOptions = JsonLinesOptions>(
  path: FilePath,
  schema: undefined,
  options: O,
): FileFormat<T, unknown, Written<O>>
export function jsonLines<S extends StandardSchema, const O extends JsonLinesOptions = {}>(
  path: FilePath,
  schema: S,
  options?: O,
): FileFormat<OutputOf<S>, unknown, Written<O>>
export function jsonLines<const C extends Columns, const O extends JsonLinesOptions = {}>(
  path: FilePath,
  columns: C,
  options?: O,
): FileFormat<RowOf<C>, RowOf<C>, Written<O>>
export function jsonLines(path: FilePath, argument?: RowsArgument, options: JsonLinesOptions = {}) {
  checkOptions(options, ['compression', 'onError', 'maxRowBytes', 'rolling', 'timezone', 'changelog'])
  const at = pathOf(path)
  const { schema, validate } = declaredRows(argument)
  const { changelog = false, maxRowBytes = MAX_ROW_BYTES } = options
  const columns = validate === undefined ? schema : undefined
  const zone = zoneOf(options.timezone)
  const rolling = rollingOf(at, options.rolling)
  return fileFormat({
    name: 'jsonLines',
    path: at,
    endings: allEndings('.jsonl'),
    schema: () => schema ?? Schema.opaque,
    prunes: schema !== undefined && !schema.bare,
    onError: options.onError,
    changelog,
    read(file, { offset }, context) {
      const position = positionOf(offset)
      const input = openFile(file, compressionOf(file, options.compression), position, context.wake)
      const parser = new JsonParser({ file, maxRowBytes, zone, validate }, position, context)
      return new ByteReader(input, parser, file, position)
    },
    write(context) {
      const compression = compressionOf(at, options.compression)
      const ending = withEnding('.jsonl', compression)
      const files = { path: at, ending, compression, rolling, format: 'jsonLines', shape: changelog ? 'changelog' : '' }
      const make = (written: Schema) => rowFiles(files, new JsonEncoder(written, changelog), context)
      if (columns === undefined && Schema.isOpaque(context.schema)) return make(context.schema)
      return ColumnsWriter.open(`jsonLines ${at}`, columns, changelog, context, make)
    },
  })
}
