/**
 * A stream of bytes as a source, read once: it cannot be read again from an offset, so a job that reads it cannot continue
 * after a failure, only begin anew with new input.
 */
import type { Readable } from 'node:stream'
import { Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import {
  type Columns,
  declaredRows,
  type OnError,
  type OutputOf,
  type ReaderContext,
  type RowOf,
  type RowsArgument,
  type Source,
  type Split,
  type StandardSchema,
} from '@millrace/runtime'
import { ByteInput } from '../files/byte-input.ts'
import { BEGINNING } from '../files/byte-position.ts'
import { ByteReader, type RecordParser } from '../files/byte-reader.ts'
import { CsvParser } from '../files/csv/csv-parser.ts'
import { type CsvOptions, csvSettings, csvSpec } from '../files/csv/csv-settings.ts'
import type { JsonLinesOptions } from '../files/json-lines/json-lines.ts'
import { JsonParser } from '../files/json-lines/json-parser.ts'
import { fileError } from '../files/location.ts'
import { checkOptions, type FileOptions, MAX_ROW_BYTES } from '../files/options.ts'
import { zoneOf } from '../files/parse/zone.ts'
import { TextParser } from '../files/text/text-parser.ts'

type LineOptions = Omit<FileOptions, 'compression'>

/** The formats in which a stream can be read; what they mean is told at the file formats of the same names. */
export interface StreamFormats {
  textLines(options?: LineOptions): Source<string, true>
  jsonLines<T = unknown>(): Source<T, true>
  jsonLines<S extends StandardSchema>(
    schema: S,
    options?: Omit<JsonLinesOptions, 'compression' | 'changelog'>,
  ): Source<OutputOf<S>, true>
  jsonLines<const C extends Columns>(
    columns: C,
    options?: Omit<JsonLinesOptions, 'compression' | 'changelog'>,
  ): Source<RowOf<C>, true>
  /** What the rows are must be declared: a plan is made before anything is read. */
  csv<S extends StandardSchema>(
    schema: S,
    options?: Omit<CsvOptions, 'compression' | 'changelog'>,
  ): Source<OutputOf<S>, true>
  csv<const C extends Columns>(
    columns: C,
    options?: Omit<CsvOptions, 'compression' | 'changelog'>,
  ): Source<RowOf<C>, true>
}

type Parser = (context: ReaderContext) => RecordParser

export function streamFormats(name: string, stream: () => Readable): StreamFormats {
  const source = (format: string, schema: Schema, prunes: boolean, onError: OnError = 'fail', parser: Parser) =>
    streamSource(name, stream, { label: `${format} ${name}`, schema, prunes, onError }, parser)
  return {
    textLines(options: LineOptions = {}) {
      checkOptions(options, ['onError', 'maxRowBytes'])
      const { onError, maxRowBytes = MAX_ROW_BYTES } = options
      const parser: Parser = context => new TextParser(name, maxRowBytes, BEGINNING, context)
      return source('text', Schema.bare('text'), false, onError, parser)
    },
    jsonLines(argument?: RowsArgument, options: JsonLinesOptions = {}) {
      checkOptions(options, ['onError', 'maxRowBytes', 'timezone'])
      const { schema = Schema.opaque, validate } = declaredRows(argument)
      const { onError, maxRowBytes = MAX_ROW_BYTES, timezone } = options
      const spec = { file: name, maxRowBytes, zone: zoneOf(timezone), validate }
      return source('jsonLines', schema, !schema.bare, onError, context => new JsonParser(spec, BEGINNING, context))
    },
    csv(argument: RowsArgument, options: CsvOptions = {}) {
      const settings = csvSettings(argument, options)
      const { schema } = settings.rows
      if (schema === undefined)
        throw new MillraceError('INVALID_ARGUMENT', `missing columns of ${name}`, { hint: EXAMPLE })
      const header = settings.header ? undefined : settings.declared
      const parser: Parser = context => new CsvParser(csvSpec(settings, name, header, context), BEGINNING, context)
      return source('csv', schema, !schema.bare, options.onError, parser)
    },
  }
}

const EXAMPLE = 'Declare them: stdin.csv({ name: text, amount: double }).'

function streamSource(
  name: string,
  stream: () => Readable,
  about: Pick<Source, 'label' | 'schema' | 'prunes'> & { readonly onError: OnError },
  parser: Parser,
): Source<never, true> {
  return {
    ...about,
    bounded: true,
    place: 'caller',
    splits: async () => [{ id: name }],
    open({ offset }: Split, context) {
      const readable = stream()
      if (offset !== undefined || readable.readableDidRead || readable.destroyed)
        throw new MillraceError('UNSUPPORTED', `invalid source: ${name} can be read only once`)
      const input = new ByteInput([readable], 0, context.wake, error => fileError(name, error))
      return new ByteReader(input, parser(context), name, BEGINNING)
    },
  }
}
