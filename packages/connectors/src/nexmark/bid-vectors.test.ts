import type { Batch } from '@millrace/algebra'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { vectorColumn } from './bid-vectors.ts'
import { bidKind } from './bids.ts'
import { configure, type NexmarkOptions } from './options.ts'
import { EventReader } from './reader.ts'
import { Texts } from './texts.ts'

// The twin: the loops in JavaScript, which make every batch of more rows than the others have room for.
const MANY = 4097

const texts = new Texts(1)

function readerOf(options: NexmarkOptions, splits = 1, epoch = 0): EventReader {
  const split = { id: `0/${splits}`, offset: epoch * 50 + 4 }
  return new EventReader(bidKind, configure(options), texts, bidKind.schema, split)
}

/** What the columns hold, not what it stands for. */
function arraysOf({ columns, length }: Batch): number[][] {
  return columns.flatMap(column => {
    if (column.kind === 'int32' || column.kind === 'double') return [[...column.values.subarray(0, length)]]
    if (column.kind === 'dictionary') return [[...column.codes.subarray(0, length)]]
    if (column.kind === 'utf8') return [column.starts, column.lengths].map(values => [...values.subarray(0, length)])
    throw new Error(`unexpected column: ${column.kind}`)
  })
}

const options = fc.record(
  {
    seed: fc.maxSafeInteger(),
    auctions: fc.constantFrom(1, 1000),
    bidders: fc.constantFrom(1, 130_000),
    eventsPerSecond: fc.constantFrom(1, 7, 10_000, 3_000_000),
  },
  { requiredKeys: ['seed'] },
)

describe('bids made in vectors', () => {
  it('are to be had', () => {
    expect(vectorColumn('fillIds', MANY - 1)).toBeDefined()
    expect(vectorColumn('fillIds', MANY)).toBeUndefined()
  })
  it('are those made one by one, in batches of any size', () => {
    const cases = fc.record({
      options,
      splits: fc.integer({ min: 1, max: 3 }),
      epoch: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 10_000_000 })),
      sizes: fc.array(fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(1024, MANY - 1)), {
        minLength: 1,
        maxLength: 4,
      }),
    })
    fc.assert(
      fc.property(cases, ({ options, splits, epoch, sizes }) => {
        const first = epoch - (epoch % splits)
        const vectors = readerOf(options, splits, first)
        const twin = readerOf(options, splits, first)
        const expected = [] as number[][]
        while ((expected[0]?.length ?? 0) < sizes.reduce((a, b) => a + b)) {
          const more = arraysOf(twin.poll(MANY) as Batch)
          for (const [c, values] of more.entries()) (expected[c] ??= []).push(...values)
        }
        let at = 0
        for (const size of sizes) {
          const made = arraysOf(vectors.poll(size) as Batch)
          expect(made).toEqual(expected.map(values => values.slice(at, at + size)))
          at += size
        }
      }),
      { numRuns: 30 },
    )
  })
  it('of several readers in turns do not mix', () => {
    const of = (seed: number) => readerOf({ seed, events: 1_000_000 })
    const [a, b] = [of(1), of(2)]
    const [x, y] = [of(1), of(2)]
    for (let turn = 0; turn < 3; turn++) {
      const batch = a.poll(100) as Batch
      const before = arraysOf(batch)
      const other = arraysOf(b.poll(100) as Batch)
      expect(arraysOf(batch)).toEqual(before)
      expect(before).toEqual(arraysOf(x.poll(100) as Batch))
      expect(other).toEqual(arraysOf(y.poll(100) as Batch))
    }
  })
})
