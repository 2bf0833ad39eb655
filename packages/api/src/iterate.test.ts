import { type Batch, BatchBuilder, Schema } from '@millrace/algebra'
import type { CollectionKind } from '@millrace/plan'
import type { JobHandle, JobSummary, Sink, SinkWriter, WriterContext } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'
import { IteratorSink } from './iterate.ts'

const summary: JobSummary = { rowsRead: 0, rowsWritten: 0, late: 0, skipped: 0, watermark: 0, elapsedMs: 0 }

function batchOf(values: readonly unknown[]): Batch {
  const builder = new BatchBuilder(Schema.opaque)
  for (const value of values) builder.append(value)
  return builder.build()
}

/** A job that writes its batches whenever the sink is ready, then ends as it is told. */
class ScriptedJob {
  readonly batches: (readonly unknown[])[]
  readonly collection: CollectionKind
  readonly end: Error | 'end' | 'never'
  written = 0
  cancelled = 0
  #writer: SinkWriter | undefined
  #settle: ((how: Error | JobSummary) => void) | undefined

  constructor(
    batches: (readonly unknown[])[],
    end: Error | 'end' | 'never' = 'end',
    collection: CollectionKind = 'appending',
  ) {
    this.batches = batches
    this.end = end
    this.collection = collection
  }
  start = (sink: Sink): JobHandle => {
    const context = { collection: this.collection, wake: () => queueMicrotask(() => this.#write()) } as WriterContext
    this.#writer = sink.open(context) as SinkWriter
    const finished = new Promise<JobSummary>((resolve, reject) => {
      this.#settle = how => (how instanceof Error ? reject(how) : resolve(how))
    })
    queueMicrotask(() => this.#write())
    const cancel = async () => {
      this.cancelled++
      this.#settle!(new Error('cancelled'))
    }
    return { finished, cancel, stop: () => {} }
  }
  #write(): void {
    while (this.#writer!.ready && this.written < this.batches.length)
      this.#writer!.write(batchOf(this.batches[this.written++]!))
    if (this.written < this.batches.length || this.end === 'never') return
    this.#settle!(this.end === 'end' ? summary : this.end)
  }
}

function iterate(job: ScriptedJob): { [Symbol.asyncIterator](): IteratorSink<unknown> } {
  return { [Symbol.asyncIterator]: () => new IteratorSink(job.start) }
}

async function all(job: ScriptedJob): Promise<unknown[]> {
  const rows: unknown[] = []
  for await (const row of iterate(job)) rows.push(row)
  return rows
}

describe('for await', () => {
  it('gives the rows in their order and ends', async () => {
    expect(await all(new ScriptedJob([[1, 2], [], [3]]))).toEqual([1, 2, 3])
    expect(await all(new ScriptedJob([]))).toEqual([])
  })
  it('gives changes of an updating collection', async () => {
    expect(await all(new ScriptedJob([['a']], 'end', 'updating'))).toEqual([{ row: 'a', weight: 1 }])
  })
  it('starts with the first row that is asked for', () => {
    const job = new ScriptedJob([[1]])
    const iterator = iterate(job)[Symbol.asyncIterator]()
    expect(job.written).toBe(0)
    iterator.next()
    return new Promise<void>(resolve => setTimeout(resolve, 0)).then(() => expect(job.written).toBe(1))
  })
  it('takes the next batch only when the last one is used up', async () => {
    const job = new ScriptedJob([[1, 2], [3, 4], [5]])
    const seen: [unknown, number][] = []
    for await (const row of iterate(job)) {
      await new Promise(resolve => setTimeout(resolve, 0))
      seen.push([row, job.written])
    }
    expect(seen).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 3],
      [5, 3],
    ])
  })
  it('throws the error of the job behind the rows before it', async () => {
    const seen: unknown[] = []
    const loop = async () => {
      for await (const row of iterate(new ScriptedJob([[1], [2]], new Error('broken')))) seen.push(row)
    }
    await expect(loop()).rejects.toThrow('broken')
    expect(seen).toEqual([1, 2])
  })
  it('throws what refuses to start', async () => {
    const iterator = new IteratorSink(() => {
      throw new Error('no such plan')
    })
    await expect(iterator.next()).rejects.toThrow('no such plan')
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })
  it('cancels the job when it is left, and waits for its end', async () => {
    const job = new ScriptedJob([[1, 2], [3]], 'never')
    for await (const row of iterate(job)) if (row === 2) break
    expect(job.cancelled).toBe(1)
  })
  it('cancels nothing that was never started', async () => {
    const job = new ScriptedJob([[1]])
    const iterator = iterate(job)[Symbol.asyncIterator]()
    expect(await iterator.return()).toEqual({ done: true, value: undefined })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(job.written + job.cancelled).toBe(0)
  })
  it('answers calls of next in their order, also those before their rows', async () => {
    const iterator = iterate(new ScriptedJob([[1], [2, 3]]))[Symbol.asyncIterator]()
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => iterator.next()))
    expect(answers.map(({ value }) => value)).toEqual([1, 2, 3, undefined, undefined])
    expect(answers.map(({ done }) => done)).toEqual([false, false, false, true, true])
  })
  it('lets a waiting call go when it is left', async () => {
    const job = new ScriptedJob([], 'never')
    const iterator = iterate(job)[Symbol.asyncIterator]()
    const waiting = iterator.next()
    await iterator.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(job.cancelled).toBe(1)
  })
  it('rejects once, to the call that waited longest', async () => {
    const iterator = iterate(new ScriptedJob([], new Error('broken')))[Symbol.asyncIterator]()
    const [first, second] = await Promise.allSettled([iterator.next(), iterator.next()])
    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'broken' } })
    expect(second).toEqual({ status: 'fulfilled', value: { done: true, value: undefined } })
  })
})
