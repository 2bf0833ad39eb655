/** Frames: what goes in comes out, and bytes that are damaged or made up are refused or mean something. */
import { deepStrictEqual } from 'node:assert/strict'
import { batches, rowsOf, type Sample, schemas } from '@millrace/testing/batches'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batch } from '../batch.ts'
import { concat } from '../concat.ts'
import { gather } from '../gather.ts'
import type { Schema } from '../schema.ts'
import { decodeBatch, frameLength, type Origin } from './decode.ts'
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

const LAZY: Origin = { trusted: false, received: null, damaged: error => error }

function pickRows({ schema, columns }: Batch, rows: Int32Array): Batch {
  const picked = columns.map(column => gather(column, rows, rows.length))
  return new Batch(schema, picked, rows.length)
}

function valuesOf(batch: Batch): readonly (readonly unknown[])[] {
  return rowsOf(batch).map(({ values }) => values)
}

/** What is in the bytes, and as it would be sent on; undefined if they are refused. */
function read(bytes: Uint8Array, schema: Schema, origin?: Origin): { batch: Batch; again: Uint8Array } | undefined {
  try {
    const batch = decodeBatch(bytes, schema, origin)
    if (batch.columns.length === 0) return { batch, again: bytes } // rows that take no bytes may be very many
    const writer = new FrameWriter()
    encodeBatch(batch, writer)
    return { batch, again: writer.written() }
  } catch (error) {
    expect(error).toBeInstanceOf(FrameError)
    return undefined
  }
}

/** Decodes what may be anything: either it is refused, or every row of it can be read and sent on. */
function decodesOrRefuses(bytes: Uint8Array, schema: Schema): void {
  const decoded = read(bytes, schema)
  expect(read(bytes, schema, LAZY)?.again).toEqual(decoded?.again)
  if (decoded === undefined || decoded.batch.columns.length === 0) return
  expect(rowsOf(decodeBatch(decoded.again, schema))).toEqual(rowsOf(decoded.batch))
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

  it('have opaque values that may stay bytes until they are asked for', () => {
    fc.assert(
      fc.property(sample, fc.array(fc.nat()), ({ batch, rows }, picks) => {
        const decoded = decodeBatch(encoded({ batch, rows }), batch.schema, LAZY)
        const indices = Int32Array.from(picks, pick => (pick % (rows.length + 1)) - 1)
        const wanted = Array.from(indices, row => batch.columns.map((_, c) => (row < 0 ? null : rows[row]!.values[c])))
        const picked = pickRows(decoded, indices)
        const turned = pickRows(
          picked,
          Int32Array.from(indices, (_, i) => indices.length - 1 - i),
        )
        deepStrictEqual(valuesOf(turned), wanted.toReversed())
        const all = concat([decoded, decoded, decoded], batch.schema)
        deepStrictEqual(rowsOf(all), [...rows, ...rows, ...rows])
        deepStrictEqual(valuesOf(picked), wanted)
        deepStrictEqual(rowsOf(decoded), rows)
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
