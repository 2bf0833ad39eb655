/**
 * A stream of bytes as a sink. What is written is seen at once and cannot be taken back, so the commit only waits until
 * everything has been handed over. A slow reader slows the job down; one that goes away cancels it.
 *
 * In a job that goes on from a checkpoint each row is written at least once: those behind the checkpoint are written again,
 * and so is the header of CSV.
 */
import type { Writable } from 'node:stream'
import { type Batch, Schema } from '@millrace/algebra'
import { type CollectionKind, MillraceError } from '@millrace/plan'
import type { Json, Sink, SinkWriter, WriterContext } from '@millrace/runtime'
import { CsvEncoder } from '../files/csv/csv-encoder.ts'
import { type CsvOptions, csvSettings } from '../files/csv/csv-settings.ts'
import type { Written } from '../files/format.ts'
import { JsonEncoder } from '../files/json-lines/json-encoder.ts'
import { fileError } from '../files/location.ts'
import { checkOptions } from '../files/options.ts'
import { ByteSink } from '../files/sink/byte-sink.ts'
import { ColumnsWriter } from '../files/sink/columns-writer.ts'
import type { RowEncoder } from '../files/sink/row-body.ts'
import { TextEncoder } from '../files/text/text-encoder.ts'

/** The formats in which a stream can be written; what they mean is told at the file formats of the same names. */
export interface StreamSinks {
  /** Text as it is, other rows as JSON. */
  rows<const O extends { readonly changelog?: boolean } = {}>(options?: O): Sink<unknown, Written<O>>
  textLines(): Sink<string, 'bounded' | 'appending'>
  jsonLines<const O extends { readonly changelog?: boolean } = {}>(options?: O): Sink<unknown, Written<O>>
  /** Rows must have a schema. */
  csv<const O extends Pick<CsvOptions, 'delimiter' | 'header' | 'null' | 'changelog'> = {}>(
    options?: O,
  ): Sink<unknown, Written<O>>
}

export function streamSinks(name: string, stream: () => Writable): StreamSinks {
  const sink = (format: string, changelog: boolean, open: (context: WriterContext) => SinkWriter) => ({
    label: `${format} ${name}`,
    takes: (changelog ? ['bounded', 'appending', 'updating'] : ['bounded', 'appending']) as CollectionKind[],
    place: 'caller' as const,
    open,
    commit: async () => {},
  })
  const writer = (encoder: RowEncoder, context: WriterContext) => new StreamWriter(name, stream(), encoder, context)
  const json = (changelog: boolean, context: WriterContext) => {
    const make = (schema: Schema) => writer(new JsonEncoder(schema, changelog), context)
    if (Schema.isOpaque(context.schema)) return make(context.schema)
    return ColumnsWriter.open(`jsonLines ${name}`, undefined, changelog, context, make)
  }
  const text = (context: WriterContext) => writer(new TextEncoder(`text ${name}`, context.schema), context)
  return {
    rows(options: { readonly changelog?: boolean } = {}) {
      checkOptions(options, ['changelog'])
      const { changelog = false } = options
      const plain = ({ bare, fields }: Schema) =>
        bare && fields[0]!.type.kind === 'text' && !fields[0]!.nullable && !changelog
      return sink('rows', changelog, context => (plain(context.schema) ? text(context) : json(changelog, context)))
    },
    textLines: () => sink('text', false, text),
    jsonLines(options: { readonly changelog?: boolean } = {}) {
      checkOptions(options, ['changelog'])
      const { changelog = false } = options
      return sink('jsonLines', changelog, context => json(changelog, context))
    },
    csv(options: CsvOptions = {}) {
      checkOptions(options, ['delimiter', 'header', 'null', 'changelog'])
      const { header = true, ...others } = options
      const layout = { ...csvSettings(undefined, others), header, label: `csv ${name}` }
      return sink('csv', layout.changelog, context =>
        ColumnsWriter.open(layout.label, undefined, layout.changelog, context, schema =>
          writer(new CsvEncoder(layout, schema), context),
        ),
      )
    },
  }
}

class StreamWriter implements SinkWriter {
  readonly #stream: Writable
  readonly #encoder: RowEncoder
  readonly #out = new ByteSink()
  readonly #stop: () => void
  #failure: unknown

  constructor(name: string, stream: Writable, encoder: RowEncoder, { wake }: WriterContext) {
    this.#stream = stream
    this.#encoder = encoder
    const failed = (error: Error) => {
      this.#failure = failureOf(name, error)
      wake()
    }
    stream.on('error', failed)
    stream.on('drain', wake)
    this.#stop = () => {
      stream.off('drain', wake)
      guard(stream)
      stream.off('error', failed)
    }
    encoder.begin(this.#out)
  }

  get ready(): boolean {
    return this.#failure !== undefined || this.#stream.destroyed || !this.#stream.writableNeedDrain
  }
  write(batch: Batch): void {
    if (this.#failure !== undefined) throw this.#failure
    this.#encoder.encode(batch, this.#out)
    this.#stream.write(this.#out.take())
  }
  async prepareCommit(): Promise<readonly Json[]> {
    if (this.#failure === undefined)
      await new Promise<void>(resolve => this.#stream.write(this.#out.take(), () => resolve()))
    if (this.#failure !== undefined) throw this.#failure
    return []
  }
  async abort(): Promise<void> {
    this.#stop()
  }
  async close(): Promise<void> {
    this.#stop()
  }
}

const guarded = new WeakSet<Writable>()

/** A stream that fails later, when its reader has gone, must not bring the process down. */
function guard(stream: Writable): void {
  if (guarded.has(stream)) return
  guarded.add(stream)
  stream.on('error', () => {})
}

function failureOf(name: string, error: Error): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED')
    return new MillraceError('CANCELLED', `${name} was closed by its reader`, { cause: error })
  return fileError(name, error)
}
