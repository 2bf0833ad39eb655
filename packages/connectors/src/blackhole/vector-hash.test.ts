import {
  Batch,
  type Column,
  Dictionary,
  DictionaryColumn,
  DoubleColumn,
  field,
  Int32Column,
  Schema,
  Utf8Column,
} from '@millrace/algebra'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { constantHeap } from '../simd/constant-heaps.ts'
import { Checksum } from './checksum.ts'
import { MAX_ROWS, vectorHash } from './vector-hash.ts'

// The twin: the loops in JavaScript, which take every batch that has a selection.

function checksumOf(...batches: readonly Batch[]): string {
  const checksum = new Checksum()
  for (const batch of batches) checksum.add(batch)
  return checksum.toString()
}
const twinOf = (...batches: readonly Batch[]): string =>
  checksumOf(
    ...batches.map(batch =>
      batch.select(
        Int32Array.from({ length: batch.length }, (_, i) => i),
        batch.length,
      ),
    ),
  )

const kinds = { a: 'int32', b: 'double', c: 'text', d: 'text' } as const
const schema = Schema.record(Object.entries(kinds).map(([name, kind]) => field(name, kind)))

const int32s = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const doubles = fc.oneof(
  fc.double(),
  int32s,
  fc.constantFrom(0, -0, Number.NaN, 2 ** 31, -(2 ** 31), 2 ** 31 - 1, 1.5, -1e300, Number.POSITIVE_INFINITY, 2 ** 53),
)
const words = fc.array(int32s, { minLength: 80, maxLength: 200 })
const rows = fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constantFrom(1024, MAX_ROWS - 1, MAX_ROWS, MAX_ROWS + 1))
/** Rows repeat a few random values, so that long batches are made fast. */
const samples = fc.record({
  rows,
  spare: fc.integer({ min: 0, max: 5 }),
  integers: fc.array(int32s, { minLength: 1, maxLength: 40 }),
  doubles: fc.array(doubles, { minLength: 1, maxLength: 40 }),
  texts: fc.array(fc.string(), { minLength: 1, maxLength: 40 }),
  heap: words,
  windows: fc.array(fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 160 })), { minLength: 1, maxLength: 40 }),
})

function batchOf(sample: typeof samples extends fc.Arbitrary<infer T> ? T : never): Batch {
  const length = sample.rows + sample.spare
  const repeated = <T>(some: readonly T[]): T[] => Array.from({ length }, (_, i) => some[i % some.length] as T)
  const windows = repeated(sample.windows)
  const columns: Column[] = [
    new Int32Column(Int32Array.from(repeated(sample.integers))),
    new DoubleColumn(Float64Array.from(repeated(sample.doubles))),
    new DictionaryColumn(
      Int32Array.from({ length }, (_, i) => i % sample.texts.length),
      new Dictionary(sample.texts),
    ),
    new Utf8Column(
      Int32Array.from(windows, ([start]) => start),
      Int32Array.from(windows, ([, bytes]) => bytes),
      Int32Array.from(sample.heap),
    ),
  ]
  return new Batch(schema, columns, sample.rows)
}

describe('the checksum of whole batches', () => {
  it('is to be had in vectors', () => {
    expect(vectorHash(1024)).toBeDefined()
    expect(vectorHash(MAX_ROWS)).toBeDefined()
    expect(vectorHash(MAX_ROWS + 1)).toBeUndefined()
  })
  it('is the same as a row at a time, whatever batches were before', () => {
    fc.assert(
      fc.property(fc.array(samples, { minLength: 1, maxLength: 3 }), some => {
        const batches = some.map(batchOf)
        expect(checksumOf(...batches)).toBe(twinOf(...batches))
      }),
      { numRuns: 150 },
    )
  })
  it('is the same with weights', () => {
    fc.assert(
      fc.property(samples, sample => {
        const batch = batchOf(sample)
        const weights = Int32Array.from({ length: sample.rows + sample.spare }, (_, i) => (i % 5) - 2)
        const weighted = new Batch(schema, batch.columns, batch.length, null, weights)
        expect(checksumOf(weighted)).toBe(twinOf(weighted))
      }),
      { numRuns: 50 },
    )
  })
  it('sees what was appended to a dictionary, and what others have instead', () => {
    const of = (dictionary: Dictionary, codes: number[]) => {
      const column = new DictionaryColumn(
        Int32Array.from({ length: 64 }, (_, i) => codes[i % codes.length]!),
        dictionary,
      )
      return new Batch(Schema.record([field('d', 'text')]), [column], 64)
    }
    const texts = (from: number, count: number) => Array.from({ length: count }, (_, i) => `text ${from + i}`)
    for (let from = 0; from < 12; from++) {
      const dictionary = new Dictionary(texts(from, 3))
      const before = of(dictionary, [0, 1, 2])
      expect(checksumOf(before)).toBe(twinOf(before))
      const added = dictionary.values.push('another') - 1
      const after = of(dictionary, [0, added])
      expect(checksumOf(after)).toBe(twinOf(after))
    }
    const large = of(new Dictionary(texts(0, 20_000)), [0, 19_999])
    expect(checksumOf(large)).toBe(twinOf(large))
  })
  it('sees what was written to a heap, and another heap that is promised to stay', () => {
    const of = (heap: Int32Array) => {
      const column = new Utf8Column(new Int32Array(64), new Int32Array(64).fill(30), heap)
      return new Batch(Schema.record([field('d', 'text')]), [column], 64)
    }
    const heap = new Int32Array(8).fill(0x61616161)
    const sums = new Set<string>()
    for (let word = 0; word < 8; word++) {
      heap[word] = 0x62626262
      expect(checksumOf(of(heap))).toBe(twinOf(of(heap)))
      const constant = constantHeap(heap.slice())
      for (let again = 0; again < 2; again++) sums.add(checksumOf(of(constant)))
      expect(sums).toContain(twinOf(of(heap)))
    }
    expect(sums.size).toBe(8)
  })
})
