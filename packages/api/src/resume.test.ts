/** What `collect()` and `for await` give when a job goes on from a checkpoint. */
import { Schema } from '@millrace/algebra'
import type { JobHandle, JobSummary, Sink } from '@millrace/runtime'
import { batchOf, openWriter, recoverSink, SinkRun, sinkContract, writeBatch } from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { CollectSink } from './collect.ts'
import { IteratorSink } from './iterate.ts'

const schema = Schema.record([
  { name: 'k', type: { kind: 'text' }, nullable: false },
  { name: 'n', type: { kind: 'int32' }, nullable: true },
])
const rows = Array.from({ length: 9 }, (_, i) => ({ k: `k${i}`, n: i % 4 === 0 ? null : i }))
const options = { schema, jobId: 'job', parallelism: 1 }

sinkContract('collect', {
  schema,
  rows,
  immediate: 'nobody sees its rows before the job has ended',
  target() {
    const sink = new CollectSink()
    return { sink, rows: async () => sink.rows(), leftovers: async () => [] }
  },
})

describe('collect, going on from a checkpoint', () => {
  it.each(['the same process', 'a new process'])('has all rows, each once: %s', async where => {
    const before = new CollectSink()
    const run = await SinkRun.begin(() => before, options)
    await run.write(rows.slice(0, 4))
    const from = await run.checkpoint()
    await run.write(rows.slice(4, 6))
    await run.abort()
    const sink = where === 'a new process' ? new CollectSink() : before
    await recoverSink(sink, 'job', from)
    const again = await SinkRun.begin(() => sink, { ...options, from })
    await again.write(rows.slice(4))
    await again.checkpoint(true)
    expect(sink.rows()).toEqual(rows)
  })
  it('adds up changes across it', async () => {
    const before = new CollectSink()
    const common = { collection: 'updating', checkpointed: true } as const
    const open = await openWriter(before, schema, common)
    await writeBatch(open, batchOf(schema, [rows[0], rows[1], rows[0]], [1, 2, -1]))
    const restored = open.writer.snapshot!()!
    expect(restored.batch!.length).toBe(1)
    const sink = new CollectSink()
    const again = await openWriter(sink, schema, { ...common, restored })
    expect((await openWriter(new CollectSink(), schema, common)).writer.snapshot!()).toEqual({
      meta: null,
      batch: null,
    })
    await writeBatch(again, batchOf(schema, [rows[1], rows[2]], [-1, 1]))
    expect(sink.rows()).toEqual([rows[1], rows[2]])
  })
})

/** A sink of a loop whose job does nothing by itself. */
function undriven(): IteratorSink<unknown> {
  return new IteratorSink<unknown>(() => ({
    finished: new Promise(() => {}),
    cancel: async () => {},
    stop: () => {},
  }))
}

const summary: JobSummary = { rowsRead: 0, rowsWritten: 0, late: 0, skipped: 0, watermark: 0, elapsedMs: 0 }

/** A loop, the rows it has seen, and how to end its job. */
function loop() {
  let end: () => void = () => {}
  const finished = new Promise<JobSummary>(resolve => {
    end = () => resolve(summary)
  })
  const job = (_: Sink): JobHandle => ({ finished, cancel: async () => end(), stop: () => {} })
  const sink = new IteratorSink<unknown>(job)
  const seen: unknown[] = []
  const done = (async () => {
    for (let next = await sink.next(); next.done !== true; next = await sink.next()) seen.push(next.value)
  })()
  return { sink, seen, end, done, settled: () => new Promise(resolve => setImmediate(resolve)) }
}

describe('for await, in a job with checkpoints', () => {
  it('sees rows when the checkpoint with them is complete', async () => {
    const { sink, seen, settled, end, done } = loop()
    const run = await SinkRun.begin(() => sink, options)
    await run.write(rows.slice(0, 3))
    const { handles } = await run.checkpoint()
    await run.write(rows.slice(3, 4))
    await settled()
    expect(seen).toEqual([])
    await sink.commit(handles)
    await sink.commit(handles)
    await settled()
    expect(seen).toEqual(rows.slice(0, 3))
    await run.write(rows.slice(4))
    await sink.commit((await run.checkpoint(true)).handles)
    end()
    await done
    expect(seen).toEqual(rows)
  })
  it('sees each row once where the job goes on in the same process', async () => {
    const { sink, seen, settled } = loop()
    const run = await SinkRun.begin(() => sink, options)
    for (const commits of [true, false]) {
      await run.write(rows.slice(seen.length, seen.length + 2))
      const from = await run.checkpoint()
      if (commits) await sink.commit(from.handles)
      await run.write([rows[8]])
      await run.checkpoint()
      await run.abort()
      await recoverSink(sink, 'job', from)
      const again = await SinkRun.begin(() => sink, { ...options, from })
      await settled()
      expect(seen).toEqual(rows.slice(0, from.position))
      await again.write(rows.slice(from.position, from.position + 1))
      await sink.commit((await again.checkpoint()).handles)
      await settled()
      expect(seen).toEqual(rows.slice(0, from.position + 1))
    }
  })
  it('begins with the rows of the checkpoint in a new process, those of earlier ones being done with', async () => {
    const before = loop()
    const run = await SinkRun.begin(() => before.sink, options)
    await run.write(rows.slice(0, 2))
    await before.sink.commit((await run.checkpoint()).handles)
    await run.write(rows.slice(2, 4))
    const first = await run.checkpoint()
    await run.write(rows.slice(4, 6))
    const second = await run.checkpoint()
    const from = { ...second, handles: [...first.handles, ...second.handles] } // neither was committed
    const { sink, seen, settled } = loop()
    await recoverSink(sink, 'job', from)
    const again = await SinkRun.begin(() => sink, { ...options, from })
    await again.write(rows.slice(6, 7))
    await settled()
    expect(seen).toEqual(rows.slice(2, 6))
    await sink.commit((await again.checkpoint()).handles)
    await settled()
    expect(seen).toEqual(rows.slice(2, 7))
  })
  it('slows the job while the loop is behind with rows it was given', async () => {
    const sink = undriven()
    const run = await SinkRun.begin(() => sink, options)
    const first = sink.next()
    await run.write(rows.slice(0, 3))
    expect(sink.ready).toBe(true)
    await sink.commit((await run.checkpoint()).handles)
    expect(await first).toEqual({ done: false, value: rows[0] })
    expect(sink.ready).toBe(false)
    await sink.next()
    await sink.next()
    expect(sink.ready).toBe(false) // it is at work on the last
    void sink.next()
    expect(sink.ready).toBe(true)
  })
  it('gives rows again that the loop was not through with, however many checkpoints came since', async () => {
    const sink = undriven()
    const run = await SinkRun.begin(() => sink, options)
    const first = sink.next()
    await run.write(rows.slice(0, 2))
    await sink.commit((await run.checkpoint()).handles)
    expect((await first).value).toEqual(rows[0])
    expect((await sink.next()).value).toEqual(rows[1])
    const from = await run.checkpoint() // the loop is at work on row 1
    const again = loop()
    await recoverSink(again.sink, 'job', from)
    await SinkRun.begin(() => again.sink, { ...options, from })
    await again.settled()
    expect(again.seen).toEqual(rows.slice(0, 2))
  })
})
