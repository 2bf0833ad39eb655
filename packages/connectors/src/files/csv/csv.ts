import { Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import {
  type Columns,
  declaredRows,
  type OutputOf,
  type RowOf,
  type RowsArgument,
  type StandardSchema,
  type WriterContext,
} from '@millrace/runtime'
import { openFile } from '../byte-input.ts'
import { ByteReader, positionOf } from '../byte-reader.ts'
import { allEndings, compressionOf, withEnding } from '../compression.ts'
import { type FileFormat, fileFormat, type Written } from '../format.ts'
import { type FilePath, filesAt, pathOf } from '../location.ts'
import { checkOptions, type FileOptions, invalidOption, MAX_ROW_BYTES } from '../options.ts'
import { zoneOf } from '../parse/zone.ts'
import { ColumnsWriter } from '../sink/columns-writer.ts'
import { RowFileWriter } from '../sink/row-file-writer.ts'
import { Targets } from '../sink/targets.ts'
import { TwoPhaseFiles } from '../sink/two-phase-files.ts'
import { CsvEncoder } from './csv-encoder.ts'
import { CsvParser } from './csv-parser.ts'
import { headerOf } from './read-header.ts'

export interface CsvOptions extends FileOptions {
  /** Between fields, one ASCII character; default `,`. */
  readonly delimiter?: string
  /** Whether the first line names the columns; default true. */
  readonly header?: boolean
  /** The text that, unquoted, stands for an absent value; default none at all: an empty field. */
  readonly null?: string
  /** Of times without a zone, an IANA name; default 'UTC'. */
  readonly timezone?: string
  /** Written: adds a column `weight`, so that rows may come and go. */
  readonly changelog?: boolean
}

/**
 * CSV files, in UTF-8. A folder means its `.csv` files.
 *
 * With columns, rows travel as columns, and each field must be what its column holds: `int32` and `bigint` whole numbers
 * that fit; `double` any number, but no integer that a double cannot hold; `boolean` true, false, 1 or 0; `timestamp`
 * ISO 8601 or milliseconds; `text` as it is; `any` the text as a string. A field that is empty and not quoted is absent
 * where the column is nullable. The file may have more columns, in any order. With a validator each row is an object of
 * strings, and becomes what the validator returns. With neither, all columns are text, and named by the header.
 *
 *     env.dataset(csv('airports.csv', { iata: text, latitude: double }))
 */
export function csv(path: FilePath): FileFormat<Record<string, string>, unknown, 'bounded' | 'appending'>
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
  checkOptions(options, KNOWN)
  const at = pathOf(path)
  const rows = declaredRows(argument)
  const { changelog = false, header = true, maxRowBytes = MAX_ROW_BYTES, null: nullText = '', timezone } = options
  const delimiter = delimiterOf(options.delimiter)
  if (/["\r\n]/.test(nullText)) throw invalidOption('null', nullText, 'It cannot hold quotes or line breaks.')
  const columns = rows.validate === undefined ? rows.schema : undefined
  if (!header && columns === undefined)
    throw new MillraceError('INVALID_ARGUMENT', 'missing columns', { hint: 'Without a header, name the columns.' })
  const declared = columns?.fields.map(f => f.name) ?? []
  const zone = zoneOf(timezone)
  const layout = { label: `csv ${at}`, delimiter, nullText, header, changelog }
  const names = (file: string) => headerOf(file, compressionOf(file, options.compression), delimiter, maxRowBytes).names
  return fileFormat({
    name: 'csv',
    path: at,
    endings: allEndings('.csv'),
    schema: () => rows.schema ?? textColumns(names(filesAt(at, allEndings('.csv'))[0]!)),
    prunes: rows.validate === undefined,
    onError: options.onError,
    changelog,
    read(file, { offset }, context) {
      const position = positionOf(offset)
      const compression = compressionOf(file, options.compression)
      const spec = {
        file,
        delimiter,
        nullText: Buffer.from(nullText),
        zone,
        maxRowBytes,
        header: !header ? declared : position.byte > 0 ? names(file) : undefined,
        declared: rows.schema === undefined ? context.schema.fields.map(f => f.name) : declared,
        validate: rows.validate,
      }
      const parser = new CsvParser(spec, position, context)
      return new ByteReader(openFile(file, compression, position.byte, context.wake), parser, position.byte)
    },
    write(context: WriterContext) {
      const compression = compressionOf(at, options.compression)
      return ColumnsWriter.open(layout.label, columns, changelog, context, schema => {
        const targets = new Targets(at, withEnding('.csv', compression), context)
        return new RowFileWriter(new TwoPhaseFiles(targets, compression, context), new CsvEncoder(layout, schema))
      })
    },
  })
}

const KNOWN = ['compression', 'onError', 'maxRowBytes', 'delimiter', 'header', 'null', 'timezone', 'changelog']

function delimiterOf(delimiter = ','): number {
  const code = delimiter.charCodeAt(0)
  if (delimiter.length !== 1 || code > 126 || /["\r\n]/.test(delimiter))
    throw invalidOption('delimiter', delimiter, "Give one ASCII character, such as ';' or '\\t'.")
  return code
}

function textColumns(names: readonly string[]): Schema {
  return Schema.record(names.map(name => ({ name, type: { kind: 'text' }, nullable: false })))
}
