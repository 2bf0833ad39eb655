import { Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import {
  type Columns,
  declaredRows,
  type OnError,
  type RowOf,
  type RowSchema,
  type SinkWriter,
  type WriterContext,
} from '@millrace/runtime'
import { type FileFormat, fileFormat, type Written } from '../format.ts'
import { type FilePath, filesAt, pathOf } from '../location.ts'
import { checkOptions, invalidOption, type RollingOptions } from '../options.ts'
import { zoneOf } from '../parse/zone.ts'
import { ColumnsWriter } from '../sink/columns-writer.ts'
import { FilesWriter } from '../sink/files-writer.ts'
import { type Rolling, rollingOf } from '../sink/rolling.ts'
import { shapeOf } from '../sink/row-files.ts'
import { comparisonOf } from './comparison.ts'
import { readFooter } from './footer.ts'
import { leavesOf, naturalField } from './leaf.ts'
import { ParquetReader } from './parquet-reader.ts'
import { ChangelogWriter, withWeight } from './write/changelog-writer.ts'
import { checkCompression, type ParquetCompression } from './write/chunk-writer.ts'
import { elementsOf } from './write/elements.ts'
import { ParquetBody, parquetTools } from './write/parquet-body.ts'

export interface ParquetOptions {
  /** What becomes of a row with a value that does not fit its column: the job fails (default), or it is left out and counted. */
  readonly onError?: OnError
  /** Of times that the file says are in no zone, an IANA name; default 'UTC'. */
  readonly timezone?: string
  /** Of what is written; default 'snappy'. */
  readonly compression?: ParquetCompression
  /** Rows that are written together; default 131072. A group is also closed when it takes 64 MiB. */
  readonly rowGroupRows?: number
  /** Written, into a folder: when a part ends; default at each checkpoint, and when it has 128 MiB. */
  readonly rolling?: RollingOptions
  /** Written: adds a column `weight`, so that rows may come and go. */
  readonly changelog?: boolean
}

/**
 * Parquet files. A folder means its `.parquet` files.
 *
 * Only the columns that a program uses are read, row group by row group; groups that cannot hold what a `where` asks for are
 * passed over. With columns, the file must have them, and each
 * value must fit: a 64-bit integer may be declared `int32`, `double` or `bigint`, other types are as in the file, and absent
 * values need `.nullable()`. Without, the file's own schema is used, in which 64-bit integers are `bigint`;
 * `parquet<Row>(path)` claims what its rows are. Columns that
 * Millrace does not know (nested ones, decimals, times of day) are errors unless they are left out.
 * Written are times in microseconds, in UTC; rows must have a schema, or columns must be declared.
 *
 * @example
 * await flights.to(parquet('out/flights/')).run()
 * env.stream(parquet('out/flights/', { date: timestamp, delay: int32, origin: text }))
 */
export function parquet<T = Record<string, unknown>>(path: FilePath): FileFormat<T, unknown, 'bounded' | 'appending'>
export function parquet<const O extends ParquetOptions>(
  path: FilePath,
  schema: undefined,
  options: O,
): FileFormat<Record<string, unknown>, unknown, Written<O>>
export function parquet<T, const O extends ParquetOptions = {}>(
  path: FilePath,
  schema: RowSchema<T>,
  options?: O,
): FileFormat<T, T, Written<O>>
export function parquet<const C extends Columns, const O extends ParquetOptions = {}>(
  path: FilePath,
  columns: C,
  options?: O,
): FileFormat<RowOf<C>, RowOf<C>, Written<O>>
export function parquet(path: FilePath, argument?: Columns | RowSchema<unknown>, options: ParquetOptions = {}) {
  checkParquetOptions(options)
  const at = pathOf(path)
  const { schema: declared, validate } = declaredRows(argument)
  if (validate !== undefined)
    throw new MillraceError('UNSUPPORTED', 'invalid schema: Parquet has columns of its own', {
      hint: 'Declare them as { name: text }, and validate with .map(row => schema.parse(row)).',
    })
  const zone = zoneOf(options.timezone)
  const rolling = rollingOf(at, options.rolling)
  const { changelog = false } = options
  return fileFormat({
    name: 'parquet',
    path: at,
    endings: ENDINGS,
    schema: () => declared ?? schemaOfFile(filesAt(at, ENDINGS)[0]!),
    prunes: true,
    accepts: conjunct => comparisonOf(conjunct) !== undefined,
    onError: options.onError,
    changelog,
    read(file, { offset }, context) {
      const metadata = readFooter(file)
      const fromRow = typeof offset === 'number' ? offset : 0
      const leaves = leavesOf(metadata)
      return new ParquetReader(
        { path: file, metadata, leaves, declared: declared ?? context.schema, zone },
        fromRow,
        context,
      )
    },
    write: context =>
      ColumnsWriter.open(`parquet ${at}`, declared, changelog, context, schema =>
        openWriter(at, schema, { ...options, changelog }, rolling, context),
      ),
  })
}

const ENDINGS = ['.parquet']
const COMPRESSIONS = ['snappy', 'gzip', 'zstd', 'none']

function checkParquetOptions({ compression, rowGroupRows = 1, ...others }: ParquetOptions): void {
  checkOptions({ ...others, compression: undefined, rowGroupRows: undefined }, [
    'onError',
    'timezone',
    'compression',
    'rowGroupRows',
    'rolling',
    'changelog',
  ])
  if (compression !== undefined && !COMPRESSIONS.includes(compression))
    throw invalidOption('compression', compression, `One of ${COMPRESSIONS.join(', ')}.`)
  if (!Number.isInteger(rowGroupRows) || rowGroupRows < 1)
    throw invalidOption('rowGroupRows', rowGroupRows, 'Give a number of rows, at least 1.')
}

function schemaOfFile(file: string): Schema {
  const fields = leavesOf(readFooter(file)).map(leaf => naturalField(leaf, file))
  try {
    return Schema.record(fields)
  } catch (error) {
    throw new MillraceError('INVALID_FORMAT', (error as Error).message, { at: file })
  }
}

function openWriter(
  path: string,
  schema: Schema,
  { compression = 'snappy', rowGroupRows = 128 * 1024, changelog }: ParquetOptions & { readonly changelog: boolean },
  rolling: Rolling | undefined,
  context: WriterContext,
): SinkWriter {
  checkCompression(compression)
  const written = changelog ? withWeight(schema) : schema
  const tools = parquetTools(written, elementsOf(written), { compression, rowGroupRows }, context)
  const writer = new FilesWriter(
    {
      path,
      ending: '.parquet',
      compression: 'none',
      rolling,
      format: 'parquet',
      shape: shapeOf(written, false),
      body: (file, restored) => new ParquetBody(file, tools, restored),
    },
    context,
  )
  return changelog ? new ChangelogWriter(writer, written) : writer
}
