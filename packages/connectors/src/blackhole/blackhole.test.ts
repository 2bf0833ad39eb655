import { field, Schema } from '@millrace/algebra'
import { batchOf, openWriter, writeToSink } from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { blackhole } from './blackhole.ts'

const schema = Schema.record([field('user', 'text'), field('amount', 'int32')])
const rows = [
  { user: 'ann', amount: 3 },
  { user: 'bob', amount: 4 },
  { user: 'cid', amount: 5 },
]

describe('blackhole', () => {
  it('shows the checksum of a finished job, and of the next only when it is finished', async () => {
    const sink = blackhole()
    expect([sink.rows, sink.checksum()]).toEqual([0, '0000000000000000'])
    await writeToSink(sink, schema, [batchOf(schema, rows)])
    const once = sink.checksum()
    expect(sink.rows).toBe(3)
    const { writer } = await openWriter(sink, schema)
    writer.write(batchOf(schema, rows))
    const handles = await writer.prepareCommit()
    expect([sink.rows, sink.checksum()]).toEqual([3, once])
    await writer.commit(handles)
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
      await writer.commit(await writer.prepareCommit())
    }
    expect([parts.rows, parts.checksum()]).toEqual([one.rows, one.checksum()])
  })
  it('commits once, however often it is told, also by another writer', async () => {
    const sink = blackhole()
    const { writer } = await openWriter(sink, schema)
    writer.write(batchOf(schema, rows))
    const handles = JSON.parse(JSON.stringify(await writer.prepareCommit()))
    await writer.commit(handles)
    const other = (await openWriter(sink, schema)).writer
    await other.commit(handles)
    await other.commit(await other.prepareCommit())
    expect(sink.rows).toBe(3)
  })
  it('forgets what was aborted', async () => {
    const sink = blackhole()
    const { writer } = await openWriter(sink, schema)
    writer.write(batchOf(schema, rows))
    await writer.abort()
    await writer.commit(await writer.prepareCommit())
    expect(sink.rows).toBe(0)
  })
  it('begins anew', async () => {
    const sink = blackhole()
    await writeToSink(sink, schema, [batchOf(schema, rows)])
    sink.reset()
    expect([sink.rows, sink.checksum()]).toEqual([0, '0000000000000000'])
  })
})
