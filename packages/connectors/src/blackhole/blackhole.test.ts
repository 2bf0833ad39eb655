import { field, Schema } from '@millrace/algebra'
import type { Json } from '@millrace/runtime'
import { batchOf, openWriter, sinkContract, writeToSink } from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { type BlackholeSink, blackhole } from './blackhole.ts'

const schema = Schema.record([field('user', 'text'), field('amount', 'int32')])
const rows = [
  { user: 'ann', amount: 3 },
  { user: 'bob', amount: 4 },
  { user: 'cid', amount: 5 },
]

/** Of a writer that wrote these rows and is gone. */
async function handlesOf(sink: BlackholeSink, given: readonly unknown[], subtask = 0, jobId = 'j'): Promise<Json[]> {
  const { writer } = await openWriter(sink, schema, { jobId, subtask, parallelism: 3 })
  writer.write(batchOf(schema, given))
  return JSON.parse(JSON.stringify(await writer.prepareCommit()))
}

const same = Array.from({ length: 9 }, () => rows[0])
sinkContract('blackhole', {
  schema,
  rows: same,
  async target() {
    const sink = blackhole()
    const expected = blackhole()
    await writeToSink(expected, schema, [batchOf(schema, same)])
    return {
      sink,
      another: () => sink, // what it has seen is known to one instance only
      rows: async () => {
        if (sink.rows === same.length) expect(sink.checksum()).toBe(expected.checksum())
        return same.slice(0, sink.rows)
      },
      leftovers: async () => [],
    }
  },
})

describe('blackhole', () => {
  it('shows the checksum of a finished job, and of the next only when it is finished', async () => {
    const sink = blackhole()
    expect([sink.rows, sink.checksum()]).toEqual([0, '0000000000000000'])
    await writeToSink(sink, schema, [batchOf(schema, rows)])
    const once = sink.checksum()
    expect(sink.rows).toBe(3)
    const handles = await handlesOf(sink, rows)
    expect([sink.rows, sink.checksum()]).toEqual([3, once])
    await sink.commit(handles)
    expect(sink.rows).toBe(6)
    expect(sink.checksum()).not.toBe(once)
  })
  it('is the same for any number of writers and commits', async () => {
    const one = blackhole()
    await writeToSink(one, schema, [batchOf(schema, rows)])
    const many = blackhole()
    for (const [subtask, row] of rows.entries())
      await writeToSink(many, schema, [batchOf(schema, [row])], { subtask, parallelism: 3 })
    expect([many.rows, many.checksum()]).toEqual([one.rows, one.checksum()])
    const parts = blackhole()
    const { writer } = await openWriter(parts, schema)
    for (const row of rows) {
      writer.write(batchOf(schema, [row]))
      await parts.commit(await writer.prepareCommit())
    }
    expect([parts.rows, parts.checksum()]).toEqual([one.rows, one.checksum()])
  })
  it('takes in the handles of writers that had instances of their own, each once', async () => {
    const one = blackhole()
    await writeToSink(one, schema, [batchOf(schema, rows)])
    const sink = blackhole()
    expect(sink.place).toBe('workers')
    const handles = await Promise.all(rows.map((row, subtask) => handlesOf(blackhole(), [row], subtask)))
    await sink.commit(handles.flat())
    await sink.commit(handles[1]!)
    expect([sink.rows, sink.checksum()]).toEqual([one.rows, one.checksum()])
  })
  it('tells runs, and two places of one job, from one another', async () => {
    const sink = blackhole()
    await sink.commit(await handlesOf(blackhole(), rows, 0, 'first'))
    await sink.commit(await handlesOf(blackhole(), rows, 0, 'second'))
    expect(sink.rows).toBe(6)
    const worker = blackhole()
    await sink.commit([...(await handlesOf(worker, rows, 0, 'twice')), ...(await handlesOf(worker, rows, 0, 'twice'))])
    expect(sink.rows).toBe(12)
  })
  it('gives nothing where nothing was written since', async () => {
    const { writer } = await openWriter(blackhole(), schema)
    expect(await writer.prepareCommit()).toEqual([])
  })
  it('forgets what was aborted', async () => {
    const sink = blackhole()
    const { writer } = await openWriter(sink, schema)
    writer.write(batchOf(schema, rows))
    await writer.abort()
    await sink.commit(await writer.prepareCommit())
    expect(sink.rows).toBe(0)
  })
  it('begins anew', async () => {
    const sink = blackhole()
    await writeToSink(sink, schema, [batchOf(schema, rows)])
    sink.reset()
    expect([sink.rows, sink.checksum()]).toEqual([0, '0000000000000000'])
  })
})
