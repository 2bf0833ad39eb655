/** Frames: what goes in comes out, and bytes that are damaged or made up are refused or mean something. */
import { deepStrictEqual } from 'node:assert/strict'
import { batches, rowsOf, type Sample, schemas } from '@millrace/testing/batches'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Schema } from '../schema.ts'
import { decodeBatch, frameLength } from './decode.ts'
import { encodeBatch } from './encode.ts'
import { FrameError } from './frame-error.ts'
import { FrameWriter } from './frame-writer.ts'

const sample: fc.Arbitrary<Sample> = schemas().chain(schema => batches(schema))
const small: fc.Arbitrary<Sample> = schemas().chain(schema => batches(schema, { maxRows: 5 }))

function encoded(...samples: Sample[]): Uint8Array {
  const writer = new FrameWriter(64)
  for (const { batch } of samples) encodeBatch(batch, writer)
  return writer.written().slice()
}

/** The bytes somewhere in a larger buffer of ones. */
function placed(bytes: Uint8Array, offset: number): Uint8Array {
  const buffer = new Uint8Array(bytes.length + offset + 9).fill(0xff)
  buffer.set(bytes, offset)
  return buffer.subarray(offset)
}

/** Decodes what may be anything: either it is refused, or every row of it can be read and sent on. */
function decodesOrRefuses(bytes: Uint8Array, schema: Schema): void {
  let batch: ReturnType<typeof decodeBatch>
  try {
    batch = decodeBatch(bytes, schema)
  } catch (error) {
    expect(error).toBeInstanceOf(FrameError)
    return
  }
  if (batch.columns.length === 0) return // rows that take no bytes may be very many
  const writer = new FrameWriter()
  encodeBatch(batch, writer)
  expect(rowsOf(decodeBatch(writer.written(), schema))).toEqual(rowsOf(batch))
}

describe('frames', () => {
  it('carry batches of every kind', () => {
    fc.assert(
      fc.property(sample, fc.integer({ min: 0, max: 8 }), ({ batch, rows }, offset) => {
        const decoded = decodeBatch(placed(encoded({ batch, rows }), offset), batch.schema)
        deepStrictEqual(rowsOf(decoded), rows)
        expect([decoded.selection, decoded.weights === null, decoded.times === null]).toEqual([
          null,
          batch.weights === null,
          batch.times === null,
        ])
      }),
      { numRuns: 200 },
    )
  })

  it('lie one behind the other', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 4 }), samples => {
        let bytes = encoded(...samples)
        for (const { batch, rows } of samples) {
          deepStrictEqual(rowsOf(decodeBatch(bytes, batch.schema)), rows)
          bytes = bytes.subarray(frameLength(bytes))
        }
        expect(bytes.length).toBe(0)
      }),
    )
  })

  it('fit memory of exactly their size, and leave it as it was if they do not', () => {
    fc.assert(
      fc.property(sample, ({ batch, rows }) => {
        const size = encoded({ batch, rows }).length
        const slot = new Uint8Array(new SharedArrayBuffer(size + 16), 8, size)
        const writer = new FrameWriter(slot)
        encodeBatch(batch, writer)
        deepStrictEqual(rowsOf(decodeBatch(slot, batch.schema)), rows)
        const small = new FrameWriter(new Uint8Array(size - 1))
        expect(() => encodeBatch(batch, small)).toThrow(FrameError)
        expect(small.length).toBe(0)
      }),
    )
  })

  it('are the same bytes for the same batch, whatever the writer held before', () => {
    fc.assert(
      fc.property(sample, ({ batch, rows }) => {
        const writer = new FrameWriter(8)
        writer.bytes.fill(0xab)
        encodeBatch(batch, writer)
        expect(writer.written()).toEqual(encoded({ batch, rows }))
      }),
    )
  })
})

describe('hostile frames', () => {
  it('cut short are refused', () => {
    fc.assert(
      fc.property(small, fc.nat(), ({ batch, rows }, cut) => {
        const bytes = encoded({ batch, rows })
        expect(() => decodeBatch(bytes.subarray(0, cut % bytes.length), batch.schema)).toThrow(FrameError)
      }),
    )
  })

  it('with bytes changed are refused or mean something', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) })
    fc.assert(
      fc.property(small, fc.array(change, { minLength: 1, maxLength: 3 }), ({ batch, rows }, changes) => {
        const bytes = encoded({ batch, rows })
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte
        decodesOrRefuses(bytes, batch.schema)
      }),
      { numRuns: 400 },
    )
  })

  it('with words changed are refused or mean something', () => {
    const word = fc.oneof(
      fc.constantFrom(0, 1, -1, 8, 2 ** 31 - 1, -(2 ** 31), 40, 80),
      fc.integer({ min: 0, max: 300 }),
    )
    const change = fc.record({ at: fc.nat(), word })
    fc.assert(
      fc.property(small, fc.array(change, { minLength: 1, maxLength: 2 }), ({ batch, rows }, changes) => {
        const bytes = encoded({ batch, rows })
        const words = new Int32Array(bytes.buffer)
        for (const { at, word } of changes) words[at % words.length] = word
        decodesOrRefuses(bytes, batch.schema)
      }),
      { numRuns: 400 },
    )
  })

  it('of another schema are refused or mean something', () => {
    fc.assert(
      fc.property(small, schemas(), ({ batch, rows }, schema) => {
        decodesOrRefuses(encoded({ batch, rows }), schema)
      }),
      { numRuns: 200 },
    )
  })

  it('made up behind a true header are refused or mean something', () => {
    fc.assert(
      fc.property(small, fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.nat(), ({ batch, rows }, junk, at) => {
        const bytes = encoded({ batch, rows })
        bytes.set(junk.subarray(0, Math.min(junk.length, bytes.length - (at % bytes.length))), at % bytes.length)
        decodesOrRefuses(bytes, batch.schema)
      }),
      { numRuns: 400 },
    )
  })
})
