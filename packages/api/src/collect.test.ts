import { Batch, BatchBuilder } from '@millrace/algebra'
import type { CollectionKind } from '@millrace/plan'
import type { WriterContext } from '@millrace/runtime'
import { schemaOf } from '@millrace/testing/plans'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CollectSink } from './collect.ts'
import { IteratorSink } from './iterate.ts'

const schema = schemaOf('k text, n int32')

interface Row {
  k: string
  n: number
}

function batchOf(changes: readonly (readonly [Row, number])[]): Batch {
  const builder = new BatchBuilder(schema)
  for (const [row] of changes) builder.append(row)
  const batch = builder.build()
  return new Batch(
    schema,
    batch.columns,
    batch.length,
    null,
    Int32Array.from(changes, ([, weight]) => weight),
  )
}

function sinkFor(collection: CollectionKind): CollectSink<Row> {
  const sink = new CollectSink<Row>()
  sink.open({ collection } as WriterContext)
  return sink
}

it('keeps appended rows in their order, each as often as its weight says', () => {
  const sink = sinkFor('appending')
  sink.write(
    batchOf([
      [{ k: 'a', n: 1 }, 1],
      [{ k: 'b', n: 2 }, 2],
    ]),
  )
  const lent = batchOf([
    [{ k: 'c', n: 3 }, 1],
    [{ k: 'a', n: 1 }, 1],
  ])
  sink.write(lent.select(Int32Array.of(1), 1))
  expect(sink.rows()).toEqual([
    { k: 'a', n: 1 },
    { k: 'b', n: 2 },
    { k: 'b', n: 2 },
    { k: 'a', n: 1 },
  ])
})

it('adds up the changes of an updating collection, however many come in between', () => {
  const change = fc.tuple(fc.record({ k: fc.constantFrom('a', 'b', 'c'), n: fc.nat(3) }), fc.constantFrom(1, 2))
  fc.assert(
    fc.property(fc.array(fc.array(change, { minLength: 1, maxLength: 20 }), { maxLength: 20 }), batches => {
      const sink = sinkFor('updating')
      const counts = new Map<string, number>()
      for (const inserts of batches) {
        sink.write(batchOf(inserts))
        // Half of what has come goes again, in a batch of its own.
        const deletes = inserts.filter((_, i) => i % 2 === 0).map(([row, weight]) => [row, -weight] as const)
        if (deletes.length > 0) sink.write(batchOf(deletes))
        inserts.forEach(([row, weight], i) => {
          const key = JSON.stringify(row)
          if (i % 2 === 1) counts.set(key, (counts.get(key) ?? 0) + weight)
        })
      }
      const left = [...counts].flatMap(([key, n]) => Array<string>(n).fill(key))
      expect(
        sink
          .rows()
          .map(row => JSON.stringify(row))
          .sort(),
      ).toEqual(left.sort())
    }),
  )
})

it('holds little more than the rows that are left', () => {
  const sink = sinkFor('updating')
  const kept = (i: number) => ({ k: 'kept', n: i })
  for (let i = 0; i < 50; i++) {
    const passing = Array.from({ length: 999 }, (_, n) => [{ k: 'passing', n: n >> 1 }, n % 2 === 0 ? 1 : -1] as const)
    sink.write(batchOf([...passing, [{ k: 'passing', n: 499 }, -1], [kept(i), 1]]))
    expect(sink.held).toBeLessThan(10_000)
  }
  expect(sink.rows()).toEqual(Array.from({ length: 50 }, (_, i) => kept(i)))
  expect(sink.held).toBe(50)
  expect(sink.rows()).toHaveLength(50)
})

it('settles only as often as pays', () => {
  const sink = sinkFor('updating')
  const seen: number[] = []
  for (let i = 0; i < 60; i++) {
    const before = sink.held
    // Every row comes twice, so that settling halves what is held.
    sink.write(batchOf(Array.from({ length: 1000 }, (_, n) => [{ k: 'x', n: i * 500 + (n >> 1) }, 1] as const)))
    if (sink.held < before + 1000) seen.push(i)
  }
  expect(seen.length).toBeGreaterThan(1)
  expect(seen.length).toBeLessThan(6)
  expect(sink.rows()).toHaveLength(60_000)
})

it('refuses a result of which rows went that were never there', () => {
  const sink = sinkFor('updating')
  sink.write(batchOf([[{ k: 'a', n: 1 }, -1]]))
  expect(() => sink.rows()).toThrow('invalid weight of a final row: -1')
})

it('is filled in the thread of the caller', () => {
  expect(new CollectSink().place).toBe('caller')
  const never = () => {
    throw new Error('not started')
  }
  expect(new IteratorSink(never).place).toBe('caller')
})
