/** Writers of sinks, as the tests drive them. */
import { type Batch, BatchBuilder, type Schema } from '@millrace/algebra'
import type { CollectionKind } from '@millrace/plan'
import type { Host, Json, Sink, SinkWriter, WriterContext } from '@millrace/runtime'
import { ManualHost } from './manual-host.ts'

export interface WriteOptions {
  readonly collection?: CollectionKind
  readonly host?: Host
  /** Default: one that no other has. */
  readonly jobId?: string
  readonly subtask?: number
  readonly parallelism?: number
  readonly checkpointed?: boolean
  readonly restored?: WriterContext['restored']
  readonly restoredAll?: WriterContext['restoredAll']
  readonly restoredMetas?: WriterContext['restoredMetas']
}

let jobs = 0

export interface OpenWriter {
  readonly writer: SinkWriter
  woken(): Promise<void>
}

export async function openWriter(sink: Sink, schema: Schema, options: WriteOptions = {}): Promise<OpenWriter> {
  const {
    collection = 'bounded',
    host = new ManualHost(),
    subtask = 0,
    parallelism = 1,
    checkpointed = false,
  } = options
  const jobId = options.jobId ?? `job${jobs++}`
  const bell = host.doorbell()
  const context: WriterContext = {
    host,
    jobId,
    schema,
    collection,
    subtask,
    parallelism,
    checkpointed,
    restored: options.restored,
    restoredAll: options.restoredAll,
    restoredMetas: options.restoredMetas,
    wake: () => bell.ring(),
  }
  return { writer: await sink.open(context), woken: () => bell.wait() }
}

export async function writeBatch({ writer, woken }: OpenWriter, batch: Batch): Promise<void> {
  while (!writer.ready) await woken()
  writer.write(batch)
}

/** Writes rows in batches. */
export async function writeRows(open: OpenWriter, schema: Schema, rows: readonly unknown[], size = 2): Promise<void> {
  for (let i = 0; i < rows.length; i += size) await writeBatch(open, batchOf(schema, rows.slice(i, i + size)))
}

/** Opens, writes, commits, closes: what a job does with a sink. */
export async function writeToSink(
  sink: Sink,
  schema: Schema,
  batches: readonly Batch[],
  options: WriteOptions = {},
): Promise<void> {
  const open = await openWriter(sink, schema, options)
  try {
    for (const batch of batches) await writeBatch(open, batch)
    await sink.commit(json(await open.writer.prepareCommit()))
    await open.writer.close()
  } catch (error) {
    await open.writer.abort()
    throw error
  }
}

export function batchOf(schema: Schema, rows: readonly unknown[], weights?: readonly number[]): Batch {
  const builder = new BatchBuilder(schema)
  for (const [i, row] of rows.entries()) builder.append(row, weights?.[i])
  return builder.take()
}

/** Handles live in checkpoints: they must survive JSON. */
export function json(handles: readonly Json[]): readonly Json[] {
  return JSON.parse(JSON.stringify(handles)) as readonly Json[]
}
