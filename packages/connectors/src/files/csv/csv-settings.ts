import type { Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { type DeclaredRows, declaredRows, type ReaderContext, type RowsArgument } from '@millrace/runtime'
import { checkOptions, type FileOptions, invalidOption, MAX_ROW_BYTES } from '../options.ts'
import { type Zone, zoneOf } from '../parse/zone.ts'
import type { CsvSpec } from './csv-parser.ts'

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

/** What a user asked of CSV, checked, with the defaults filled in. */
export interface CsvSettings {
  readonly rows: DeclaredRows
  /** The columns declared; undefined also where a validator makes the rows. */
  readonly columns: Schema | undefined
  /** Their names. */
  readonly declared: readonly string[]
  readonly delimiter: number
  readonly nullText: string
  readonly zone: Zone
  readonly maxRowBytes: number
  readonly header: boolean
  readonly changelog: boolean
}

/** Throws a MillraceError for what cannot be. */
export function csvSettings(argument: RowsArgument, options: CsvOptions): CsvSettings {
  checkOptions(options, KNOWN)
  const rows = declaredRows(argument)
  const { changelog = false, header = true, maxRowBytes = MAX_ROW_BYTES, null: nullText = '', timezone } = options
  if (/["\r\n]/.test(nullText)) throw invalidOption('null', nullText, 'It cannot hold quotes or line breaks.')
  const columns = rows.validate === undefined ? rows.schema : undefined
  if (!header && columns === undefined)
    throw new MillraceError('INVALID_ARGUMENT', 'missing columns', { hint: 'Without a header, name the columns.' })
  const declared = columns?.fields.map(f => f.name) ?? []
  const delimiter = delimiterOf(options.delimiter)
  return { rows, columns, declared, delimiter, nullText, zone: zoneOf(timezone), maxRowBytes, header, changelog }
}

/** @param header the names of the file's columns; undefined: they are yet to be read */
export function csvSpec(
  { rows, declared, delimiter, nullText, zone, maxRowBytes }: CsvSettings,
  file: string,
  header: readonly string[] | undefined,
  context: ReaderContext,
): CsvSpec {
  return {
    file,
    delimiter,
    nullText: Buffer.from(nullText),
    zone,
    maxRowBytes,
    header,
    declared: rows.schema === undefined ? context.schema.fields.map(f => f.name) : declared,
    validate: rows.validate,
  }
}

const KNOWN = [
  'compression',
  'onError',
  'maxRowBytes',
  'rolling',
  'delimiter',
  'header',
  'null',
  'timezone',
  'changelog',
]

function delimiterOf(delimiter = ','): number {
  const code = delimiter.charCodeAt(0)
  if (delimiter.length !== 1 || code > 126 || /["\r\n]/.test(delimiter))
    throw invalidOption('delimiter', delimiter, "Give one ASCII character, such as ';' or '\\t'.")
  return code
}
