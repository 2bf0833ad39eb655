/**
 * The contract of sinks as tests (see runtime's `sink.ts`): results appear whole, at the commit and not before, however
 * often it is called and by whichever writer; and batches are only lent.
 */
import { type Batch, BatchBuilder, type Schema } from '@millrace/algebra'
import type { CollectionKind } from '@millrace/plan'
import type { Json, Sink, SinkWriter, WriterContext } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'
import { ManualHost } from './manual-host.ts'

export interface SinkTarget {
  readonly sink: Sink
  /** The rows that anyone can see, in order. */
  rows(): Promise<unknown[]>
  /** What the sink has left at its target that is neither committed output nor was there before. */
  leftovers(): Promise<unknown[]>
}

export interface SinkCase {
  /** A sink with a target of its own, empty. */
  target(): SinkTarget | Promise<SinkTarget>
  readonly schema: Schema
  /** At least three. */
  readonly rows: readonly unknown[]
  /** Why what is written can be seen before the commit, if so. */
  readonly immediate?: string
}

export interface WriteOptions {
  readonly collection?: CollectionKind
  readonly host?: ManualHost
  readonly subtask?: number
  readonly parallelism?: number
  readonly batchRows?: number
}

export function sinkContract(name: string, given: SinkCase): void {
  const { schema, rows } = given
  const prepared = async (sink: Sink) => {
    const open = await openWriter(sink, schema)
    await writeRows(open, schema, rows)
    return { writer: open.writer, handles: json(await open.writer.prepareCommit()) }
  }

  describe(`${name}, as a sink`, () => {
    it('shows all rows after the commit and none before', async context => {
      context.skip(given.immediate !== undefined, given.immediate)
      const target = await given.target()
      const open = await openWriter(target.sink, schema)
      await writeRows(open, schema, rows)
      expect(await target.rows()).toEqual([])
      const handles = json(await open.writer.prepareCommit())
      expect(await target.rows()).toEqual([])
      await open.writer.commit(handles)
      expect(await target.rows()).toEqual(rows)
      await open.writer.close()
      expect(await target.rows()).toEqual(rows)
      expect(await target.leftovers()).toEqual([])
    })
    it('commits once, however often it is told', async () => {
      const target = await given.target()
      const { writer, handles } = await prepared(target.sink)
      await writer.commit(handles)
      await writer.commit(handles)
      await writer.close()
      expect(await target.rows()).toEqual(rows)
      expect(await target.leftovers()).toEqual([])
    })
    it('commits the handles of a writer that crashed', async context => {
      context.skip(given.immediate !== undefined, given.immediate)
      const target = await given.target()
      const { handles } = await prepared(target.sink)
      const { writer } = await openWriter(target.sink, schema)
      await writer.commit(handles)
      await writer.abort()
      expect(await target.rows()).toEqual(rows)
      expect(await target.leftovers()).toEqual([])
    })
    it('leaves nothing after an abort, before or after the preparation', async context => {
      context.skip(given.immediate !== undefined, given.immediate)
      for (const prepares of [false, true]) {
        const target = await given.target()
        const open = await openWriter(target.sink, schema)
        await writeRows(open, schema, rows)
        if (prepares) await open.writer.prepareCommit()
        await open.writer.abort()
        expect(await target.rows()).toEqual([])
        expect(await target.leftovers()).toEqual([])
      }
    })
    it('shows no rows where none were written', async () => {
      const target = await given.target()
      const { writer } = await openWriter(target.sink, schema)
      await writer.commit(json(await writer.prepareCommit()))
      await writer.close()
      expect(await target.rows()).toEqual([])
      expect(await target.leftovers()).toEqual([])
    })
    it('keeps nothing of the batches it was lent', async () => {
      const target = await given.target()
      const open = await openWriter(target.sink, schema)
      const builder = new BatchBuilder(schema)
      for (const row of rows) {
        builder.clear()
        builder.append(row)
        await writeBatch(open, builder.build())
      }
      builder.clear()
      await open.writer.commit(json(await open.writer.prepareCommit()))
      await open.writer.close()
      expect(await target.rows()).toEqual(rows)
    })
    it('writes the rows that are selected, in their order', async () => {
      const target = await given.target()
      const open = await openWriter(target.sink, schema)
      const all = batchOf(schema, rows)
      await writeBatch(open, all.select(Int32Array.of(0, rows.length - 1), 2))
      await writeBatch(open, all.select(Int32Array.of(1), 1))
      await open.writer.commit(json(await open.writer.prepareCommit()))
      await open.writer.close()
      expect(await target.rows()).toEqual([rows[0], rows.at(-1), rows[1]])
    })
  })
}

export interface OpenWriter {
  readonly writer: SinkWriter
  woken(): Promise<void>
}

export async function openWriter(sink: Sink, schema: Schema, options: WriteOptions = {}): Promise<OpenWriter> {
  const { collection = 'bounded', host = new ManualHost(), subtask = 0, parallelism = 1 } = options
  const bell = host.doorbell()
  const context: WriterContext = { host, schema, collection, subtask, parallelism, wake: () => bell.ring() }
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
    await open.writer.commit(json(await open.writer.prepareCommit()))
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
function json(handles: readonly Json[]): readonly Json[] {
  return JSON.parse(JSON.stringify(handles)) as readonly Json[]
}
