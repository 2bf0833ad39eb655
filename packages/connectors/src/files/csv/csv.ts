import { Schema } from '@millrace/algebra'
import type { Columns, OutputOf, RowOf, RowsArgument, StandardSchema, WriterContext } from '@millrace/runtime'
import { openFile } from '../byte-input.ts'
import { positionOf } from '../byte-position.ts'
import { ByteReader } from '../byte-reader.ts'
import { allEndings, compressionOf, withEnding } from '../compression.ts'
import { type FileFormat, fileFormat, type Written } from '../format.ts'
import { type FilePath, filesAt, pathOf } from '../location.ts'
import { ColumnsWriter } from '../sink/columns-writer.ts'
import { rollingOf } from '../sink/rolling.ts'
import { rowFiles, shapeOf } from '../sink/row-files.ts'
import { CsvEncoder } from './csv-encoder.ts'
import { CsvParser } from './csv-parser.ts'
import { type CsvOptions, csvSettings, csvSpec } from './csv-settings.ts'
import { headerOf } from './read-header.ts'

/**
 * CSV files, in UTF-8. A folder means its `.csv` files.
 *
 * With columns, rows travel as columns, and each field must be what its column holds: `int32` and `bigint` whole numbers
 * that fit; `double` any number, but no integer that a double cannot hold; `boolean` true, false, 1 or 0; `timestamp`
 * ISO 8601 or milliseconds; `text` as it is; `any` the text as a string. A field that is empty and not quoted is absent
 * where the column is nullable. The file may have more columns, in any order. With a validator each row is an object of
 * strings, and becomes what the validator returns, in columns where the validator tells their types. With neither, all columns are text, and named by the header, which
 * is looked into when the program runs; `csv<Row>(path)` claims what they are.
 *
 * A line that cannot be read is an error that names file, line and column, unless `onError` says otherwise.
 *
 * @example
 * env.dataset(csv('airports.csv', { iata: text, state: text }))
 * @example
 * env.stream(csv('flights.csv', { date: timestamp, delay: int32.nullable() }, { delimiter: ',', onError: 'skip' }))
 * @example
 * await airports.to(csv('out/airports.csv.gz')).run()
 * env.dataset(csv('out/airports.csv.gz'))
 */
export function csv<T = Record<string, string>>(path: FilePath): FileFormat<T, unknown, 'bounded' | 'appending'>
export function csv<const O extends CsvOptions>(
  path: FilePath,
  schema: undefined,
  options: O,
): FileFormat<Record<string, string>, unknown, Written<O>>
export function csv<S extends StandardSchema, const O extends CsvOptions = {}>(
  path: FilePath,
  schema: S,
  options?: O,
): FileFormat<OutputOf<S>, unknown, Written<O>>
export function csv<const C extends Columns, const O extends CsvOptions = {}>(
  path: FilePath,
  columns: C,
  options?: O,
): FileFormat<RowOf<C>, RowOf<C>, Written<O>>
export function csv(path: FilePath, argument?: RowsArgument, options: CsvOptions = {}) {
  const settings = csvSettings(argument, options)
  const at = pathOf(path)
  const { rows, columns, delimiter, maxRowBytes, changelog } = settings
  const label = `csv ${at}`
  const rolling = rollingOf(at, options.rolling)
  const names = (file: string) => headerOf(file, compressionOf(file, options.compression), delimiter, maxRowBytes).names
  return fileFormat({
    name: 'csv',
    path: at,
    endings: allEndings('.csv'),
    schema: () => rows.schema ?? textColumns(names(filesAt(at, allEndings('.csv'))[0]!)),
    prunes: rows.schema === undefined || !rows.schema.bare,
    onError: options.onError,
    changelog,
    read(file, { offset }, context) {
      const position = positionOf(offset)
      const input = openFile(file, compressionOf(file, options.compression), position, context.wake)
      const header = settings.header ? (position.byte > 0 ? names(file) : undefined) : settings.declared
      const spec = csvSpec(settings, file, header, context)
      return new ByteReader(input, new CsvParser(spec, position, context), file, position)
    },
    write(context: WriterContext) {
      const compression = compressionOf(at, options.compression)
      return ColumnsWriter.open(label, columns, changelog, context, schema => {
        const ending = withEnding('.csv', compression)
        const shape = JSON.stringify([delimiter, settings.nullText, shapeOf(schema, changelog)])
        const encoder = new CsvEncoder({ ...settings, label }, schema)
        return rowFiles({ path: at, ending, compression, rolling, format: 'csv', shape }, encoder, context)
      })
    },
  })
}

function textColumns(names: readonly string[]): Schema {
  return Schema.record(names.map(name => ({ name, type: { kind: 'text' }, nullable: false })))
}
