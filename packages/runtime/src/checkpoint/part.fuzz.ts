/** Parts: what goes in comes out, and bytes that are damaged or made up are refused or mean something. */
import { deepStrictEqual } from 'node:assert/strict'
import { batches, rowsOf, schemas } from '@millrace/testing/batches'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Checksum } from './checksum.ts'
import { decodePart, decodeRecords } from './decode-part.ts'
import { CHUNK_BYTES, encodePart } from './encode-part.ts'
import type { PartRecord } from './part.ts'

const name = fc.oneof(fc.constantFrom('', 'a', '__proto__', '\uD800', 'größe'), fc.string())
const meta = fc.jsonValue().map(value => JSON.parse(JSON.stringify(value)) as PartRecord['meta'])
const record: fc.Arbitrary<PartRecord> = fc.record({
  operator: name,
  subtask: fc.nat(),
  state: name,
  group: fc.integer({ min: -1, max: 127 }),
  change: fc.boolean(),
  meta,
  batch: fc.option(
    schemas()
      .chain(schema => batches(schema))
      .map(sample => sample.batch),
  ), // prettier-ignore
})
const records = fc.array(record, { maxLength: 5 })

function encoded(given: Iterable<PartRecord>): Uint8Array {
  return Buffer.concat([...encodePart(given)])
}

function plain({ batch, ...rest }: PartRecord): unknown {
  const { operator, subtask, state, group, change, meta } = rest
  const content = batch === null ? null : { schema: batch.schema, rows: rowsOf(batch), timed: batch.times !== null }
  return { operator, subtask, state, group, change, meta, content }
}

function decodesOrRefuses(bytes: Uint8Array): void {
  try {
    for (const { batch } of decodeRecords(bytes, 'x')) if (batch !== null && batch.length < 1000) rowsOf(batch)
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
}

const isRefusal = (error: unknown): boolean =>
  /^CHECKPOINT_(DAMAGED|FOREIGN)$/.test((error as { code?: string }).code ?? '')

describe('a part', () => {
  it('holds the records that were given', () => {
    fc.assert(
      fc.property(records, given => {
        const bytes = encoded(given)
        const file = { path: 'p', bytes: bytes.length, checksum: Checksum.of(bytes) }
        deepStrictEqual([...decodePart(bytes, file)].map(plain), given.map(plain))
      }),
      { numRuns: 300 },
    )
  })

  it('says how many bytes each record takes', () => {
    fc.assert(
      fc.property(records, given => {
        let sum = 0
        const chunks = [...encodePart(given, (_, bytes) => (sum += bytes))]
        expect(Buffer.concat(chunks).length).toBe(8 + sum + 16)
        for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(CHUNK_BYTES)
      }),
    )
  })

  it('with a byte changed is damaged', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, change) => {
        const bytes = encoded(given)
        const file = { path: 'chk/part-0', bytes: bytes.length, checksum: Checksum.of(bytes) }
        bytes[at % bytes.length] ^= change
        expect(() => [...decodePart(bytes, file)]).toThrow(
          expect.objectContaining({ code: 'CHECKPOINT_DAMAGED', message: expect.stringContaining('chk/part-0') }),
        )
      }),
    )
  })

  it('cut short is damaged, wherever', () => {
    fc.assert(
      fc.property(records, fc.nat(), (given, cut) => {
        const bytes = encoded(given)
        expect(() => [...decodeRecords(bytes.subarray(0, cut % bytes.length), 'x')]).toThrow(
          expect.objectContaining({ code: 'CHECKPOINT_DAMAGED' }),
        )
      }),
      { numRuns: 300 },
    )
  })
})

describe('hostile bytes are refused or mean something', () => {
  const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) })
  it('with bytes changed', () => {
    fc.assert(
      fc.property(records, fc.array(change, { minLength: 1, maxLength: 3 }), (given, changes) => {
        const bytes = encoded(given)
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte
        decodesOrRefuses(bytes)
      }),
      { numRuns: 500 },
    )
  })

  it('with words changed', () => {
    const value = fc.oneof(fc.constantFrom(0, 1, 2, 3, -1, 8, 2 ** 31 - 1, -(2 ** 31)), fc.nat({ max: 300 }))
    const words = fc.array(fc.tuple(fc.nat(), value), { minLength: 1, maxLength: 2 })
    fc.assert(
      fc.property(records, words, (given, changes) => {
        const bytes = encoded(given)
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
        for (const [at, word] of changes) view.setInt32((at % (bytes.length >>> 2)) * 4, word, true)
        decodesOrRefuses(bytes)
      }),
      { numRuns: 500 },
    )
  })

  it('made up', () => {
    const head = Buffer.from('4d4c525001000000', 'hex')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (junk, begun) => {
        decodesOrRefuses(begun ? Buffer.concat([head, junk]) : junk)
      }),
      { numRuns: 500 },
    )
  })
})
