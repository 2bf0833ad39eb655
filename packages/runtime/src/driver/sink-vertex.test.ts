/** A sink in a job: what its writer is told, and how it is let go. */
import { eventTimeNode } from '@millrace/plan'
import { counter, counterSchema, place, read, recorder, simulated, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import { execute } from '../execute.ts'
import type { Sink, SinkWriter, WriterContext } from '../sink.ts'

/** A recorder whose writer is changed, and whose context is noted. */
function changed(change: Partial<SinkWriter>, opening: Promise<void> = Promise.resolve()) {
  const sink = recorder()
  const contexts: WriterContext[] = []
  const watched: Sink = {
    ...sink,
    open: async context => {
      contexts.push(context)
      await opening
      return { ...(await sink.open(context)), ready: true, ...change }
    },
  }
  return { sink: watched, rows: sink.rows, calls: sink.calls, contexts }
}

test('it is told what comes and where it stands', async () => {
  const { sink, contexts } = changed({})
  await execute([write(read(counter(5)), sink), write(read({ ...counter(5), bounded: false }), sink)], simulated())
    .finished
  expect(contexts).toMatchObject([
    { schema: counterSchema, collection: 'bounded', subtask: 0, parallelism: 1 },
    { schema: counterSchema, collection: 'appending', subtask: 0, parallelism: 1 },
  ])
})

test('it is told up to when everything is written, in order with the rows', async () => {
  const log: unknown[] = []
  const { sink } = changed({
    write: batch => void log.push(`${batch.length} rows`),
    watermark: time => void log.push(time),
  })
  const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 5 }
  const input = eventTimeNode({ input: read(counter(12)), time: (r: { t: number }) => r.t, strategy, ...place })
  await execute([write(input, sink)], simulated(1, 6)).finished
  expect(log).toEqual(['5 rows', 3, '1 rows', '4 rows', 8, '2 rows', Number.POSITIVE_INFINITY])
})

test('a writer that is still being opened when the job is given up is let go once it is there', async () => {
  let open: () => void = () => {}
  const { sink, calls, contexts } = changed(
    {},
    new Promise(resolve => {
      open = resolve
    }),
  )
  const job = execute([write(read(counter(5)), sink)])
  const failed = expect(job.finished).rejects.toThrow('enough')
  while (contexts.length === 0) await new Promise(resolve => setImmediate(resolve))
  await job.cancel(new Error('enough'))
  expect(calls).toEqual([])
  open()
  await new Promise(resolve => setImmediate(resolve))
  await failed
  expect(calls).toEqual(['abort'])
})

test('what is committed is not taken back when another sink fails to', async () => {
  const first = changed({})
  const second = changed({})
  const failing: Sink = { ...second.sink, commit: () => Promise.reject(new Error('gone')) }
  const shared = read(counter(5))
  const job = execute([write(shared, first.sink), write(shared, failing)], simulated())
  await expect(job.finished).rejects.toThrow('gone')
  expect(first.calls).toEqual(['prepare', 'commit', 'close'])
  expect(second.calls).toEqual(['prepare', 'abort'])
})

test('a writer that is not ready is given nothing until it wakes its job', async () => {
  let ready = true
  let wake: () => void = () => {}
  const given: boolean[] = []
  const { sink } = changed({
    write: () => {
      given.push(ready)
      ready = false
      setImmediate(() => {
        ready = true
        wake()
      })
    },
  })
  const gated: Sink = {
    ...sink,
    open: async context => {
      wake = context.wake
      const writer = await sink.open(context)
      return Object.defineProperty(writer, 'ready', { get: () => ready })
    },
  }
  await execute([write(read(counter(50)), gated)], { batchRows: 7 }).finished
  expect(given).toEqual(Array.from({ length: 8 }, () => true))
})
