/** A run of a job with checkpoints, as far as one sink sees it: in the order in which the driver and the coordinator do things. */
import { type Batch, decodeBatch, encodeBatch, FrameWriter, type Schema } from '@millrace/algebra'
import type { CollectionKind } from '@millrace/plan'
import type { Json, Sink, WriterState } from '@millrace/runtime'
import { batchOf, json, type OpenWriter, openWriter, type WriteOptions, writeBatch } from './sink-writer.ts'

/** What a manifest has of a sink. */
export interface SinkCheckpoint {
  /** How many rows had been written at the barrier. */
  readonly position: number
  readonly handles: readonly Json[]
  /** By subtask. */
  readonly states: readonly (WriterState | null)[]
}

export interface SinkRunOptions {
  readonly schema: Schema
  readonly jobId: string
  readonly parallelism: number
  /** What it goes on from; undefined: it begins anew. */
  readonly from?: SinkCheckpoint | undefined
  readonly host?: WriteOptions['host']
  /** Default: appending. A bounded result is committed at its end. */
  readonly collection?: CollectionKind | undefined
}

/** First step of going on from a checkpoint, in the caller's thread. */
export async function recoverSink(
  sink: Sink,
  jobId: string,
  { handles, states }: SinkCheckpoint,
  commits = true,
): Promise<void> {
  if (commits) await sink.commit(handles)
  const metas = states.flatMap(state => (state === null ? [] : { meta: state.meta }))
  await sink.recover?.({ jobId, handles, states: metas })
}

export class SinkRun {
  readonly #schema: Schema
  readonly #writers: readonly OpenWriter[]
  #position: number

  private constructor(schema: Schema, writers: readonly OpenWriter[], position: number) {
    this.#schema = schema
    this.#writers = writers
    this.#position = position
  }

  /** Opens the writers. @param sinkOf the instance of each, as every worker has its own */
  static async begin(sinkOf: () => Sink, options: SinkRunOptions): Promise<SinkRun> {
    const { schema, parallelism, from } = options
    const { jobId, host, collection = 'appending' } = options
    const common = { jobId, parallelism, collection, checkpointed: true, ...(host === undefined ? {} : { host }) }
    const writers: OpenWriter[] = []
    for (let subtask = 0; subtask < parallelism; subtask++)
      writers.push(await openWriter(sinkOf(), schema, { ...common, subtask, ...restored(subtask, parallelism, from) }))
    return new SinkRun(schema, writers, from?.position ?? 0)
  }

  /** Rows go round the writers, each in a batch of its own. */
  async write(rows: readonly unknown[]): Promise<void> {
    for (const row of rows)
      await writeBatch(this.#writers[this.#position++ % this.#writers.length]!, batchOf(this.#schema, [row]))
  }

  /** What comes of the barrier; it is not complete, and nothing is committed. @param last no rows follow */
  async checkpoint(last = false): Promise<SinkCheckpoint> {
    const handles: Json[] = []
    const states: (WriterState | null)[] = []
    for (const { writer } of this.#writers) {
      handles.push(...(last ? await writer.prepareCommit(true) : await writer.prepareCommit()))
      states.push(this.#stored(writer.snapshot?.() ?? null))
    }
    return { position: this.#position, handles: json(handles), states }
  }

  async abort(): Promise<void> {
    for (const { writer } of this.#writers) await writer.abort()
  }

  async close(): Promise<void> {
    for (const { writer } of this.#writers) await writer.close()
  }

  /** A state as it comes back from a checkpoint. */
  #stored(state: WriterState | null): WriterState | null {
    if (state === null) return null
    const batch = state.batch === null ? null : copied(state.batch, this.#schema)
    return { meta: json([state.meta])[0]!, batch }
  }
}

function restored(subtask: number, parallelism: number, from: SinkCheckpoint | undefined): Partial<WriteOptions> {
  if (from === undefined) return {}
  if (from.states.length === parallelism) return { restored: from.states[subtask] ?? undefined }
  return {
    restoredAll: from.states.filter((state, old) => state !== null && old % parallelism === subtask) as WriterState[],
    restoredMetas: from.states.flatMap(state => state?.meta ?? []),
  }
}

function copied(batch: Batch, schema: Schema): Batch {
  const frames = new FrameWriter()
  encodeBatch(batch, frames)
  return decodeBatch(frames.written().slice(), schema)
}
