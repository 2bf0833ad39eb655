/**
 * The contract of sinks as tests (see runtime's `sink.ts`): results appear whole, at the commit and not before, however
 * often it is called and by whichever instance; writers that are lost leave nothing; and batches are only lent. What holds in
 * jobs with checkpoints is in `sink-checkpoints.ts`.
 */
import { BatchBuilder } from '@millrace/algebra'
import type { Sink, SinkWriter } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'
import { print } from './print.ts'
import type { SinkCase, SinkTarget } from './sink-case.ts'
import { checkpointContract } from './sink-checkpoints.ts'
import { batchOf, json, openWriter, type WriteOptions, writeBatch, writeRows } from './sink-writer.ts'

export function sinkContract(name: string, given: SinkCase): void {
  describe(`${name}, as a sink`, () => {
    commits(given)
    takesBatches(given)
    if (given.immediate === undefined) survives(given)
    checkpointContract(given)
  })
}

/** Writes all rows and prepares them. */
async function prepared({ schema, rows }: SinkCase, sink: Sink, options: WriteOptions = {}) {
  const open = await openWriter(sink, schema, options)
  await writeRows(open, schema, rows)
  return { writer: open.writer, handles: json(await open.writer.prepareCommit()) }
}

function commits(given: SinkCase): void {
  const { schema, rows } = given

  it('shows all rows after the commit and none before', async context => {
    context.skip(given.immediate !== undefined, given.immediate)
    for (const closesFirst of [false, true]) {
      const target = await given.target()
      const open = await openWriter(target.sink, schema)
      await writeRows(open, schema, rows)
      expect(await target.rows()).toEqual([])
      const handles = json(await open.writer.prepareCommit())
      if (closesFirst) await open.writer.close()
      expect(await target.rows()).toEqual([])
      await target.sink.commit(handles)
      expect(await target.rows()).toEqual(rows)
      if (!closesFirst) await open.writer.close()
      expect(await target.rows()).toEqual(rows)
      expect(await target.leftovers()).toEqual([])
    }
  })
  it('commits once, however often it is told', async () => {
    const target = await given.target()
    const { writer, handles } = await prepared(given, target.sink)
    await target.sink.commit(handles)
    await target.sink.commit(handles)
    await writer.close()
    await target.sink.commit(handles)
    expect(await target.rows()).toEqual(rows)
    expect(await target.leftovers()).toEqual([])
  })
  it('shows no rows where none were written', async () => {
    const target = await given.target()
    const { writer } = await openWriter(target.sink, schema)
    await target.sink.commit(json(await writer.prepareCommit()))
    await writer.close()
    expect(await target.rows()).toEqual([])
    expect(await target.leftovers()).toEqual([])
  })
}

function takesBatches({ target: makeTarget, schema, rows }: SinkCase): void {
  it('keeps nothing of the batches it was lent', async () => {
    const target = await makeTarget()
    const open = await openWriter(target.sink, schema)
    const builder = new BatchBuilder(schema)
    for (const row of rows) {
      builder.clear()
      builder.append(row)
      await writeBatch(open, builder.build())
    }
    builder.clear()
    await target.sink.commit(json(await open.writer.prepareCommit()))
    await open.writer.close()
    expect(await target.rows()).toEqual(rows)
  })
  it('writes the rows that are selected, in their order', async () => {
    const target = await makeTarget()
    const open = await openWriter(target.sink, schema)
    const all = batchOf(schema, rows)
    await writeBatch(open, all.select(Int32Array.of(0, rows.length - 1), 2))
    await writeBatch(open, all.select(Int32Array.of(1), 1))
    await target.sink.commit(json(await open.writer.prepareCommit()))
    await open.writer.close()
    expect(await target.rows()).toEqual([rows[0], rows.at(-1), rows[1]])
  })
}

/** What must hold when writers are lost, or live elsewhere. */
function survives(given: SinkCase): void {
  const { schema, rows } = given
  const another = (target: SinkTarget) => target.another?.() ?? target.sink

  it('commits, in another instance, the handles of a writer that is gone', async () => {
    const target = await given.target()
    if (target.another === undefined) expect(target.sink.place).toBe('caller')
    const { handles } = await prepared(given, target.sink)
    await another(target).commit(handles)
    await another(target).commit(handles)
    expect(await target.rows()).toEqual(rows)
    expect(await target.leftovers()).toEqual([])
  })
  it('leaves nothing after an abort, before or after the preparation', async () => {
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
  it('discards what lost writers of a job left, and nothing else', async () => {
    const target = await given.target()
    const parallelism = target.sink.place === 'workers' ? 2 : 1
    const other = await prepared(given, target.sink, { jobId: 'other', parallelism })
    const lost: SinkWriter[] = []
    for (const prepares of [false, true]) {
      const open = await openWriter(target.sink, schema, { jobId: 'lost', parallelism, subtask: parallelism - 1 })
      await writeRows(open, schema, rows)
      if (prepares) await open.writer.prepareCommit()
      lost.push(open.writer)
    }
    const sink = another(target)
    await sink.discard?.({ jobId: 'lost', parallelism })
    await sink.commit(other.handles)
    await sink.discard?.({ jobId: 'other', parallelism })
    expect(await target.rows()).toEqual(rows)
    expect(await target.leftovers()).toEqual([])
    for (const writer of lost) await writer.abort()
    expect(await target.rows()).toEqual(rows)
  })
  it('has as many writers as there are workers, if it says so', async context => {
    const target = await given.target()
    context.skip(target.sink.place !== 'workers', 'it has one writer')
    const parallelism = 3
    const open = [0, 1, 2].map(subtask => openWriter(another(target), schema, { jobId: 'many', subtask, parallelism }))
    const writers = await Promise.all(open)
    for (const [i, row] of rows.entries()) await writeBatch(writers[i % parallelism]!, batchOf(schema, [row]))
    const handles = await Promise.all(writers.map(({ writer }) => writer.prepareCommit()))
    expect(await target.rows()).toEqual([])
    await Promise.all(writers.map(({ writer }) => writer.close()))
    await another(target).commit(json(handles.flat()))
    expect((await target.rows()).map(print).sort()).toEqual(rows.map(print).sort())
    expect(await target.leftovers()).toEqual([])
  })
}
