/**
 * Edge dictionaries: what goes in comes out whatever the dictionaries that batches come with, the receiver's is one that
 * grows, a frame that did not go leaves no trace, and damaged ones are refused or mean something.
 */
import { deepStrictEqual } from 'node:assert/strict'
import { rowsOf } from '@millrace/testing/batches'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batch } from '../batch.ts'
import { Dictionary, DictionaryColumn, Utf8Column } from '../column.ts'
import { field, Schema } from '../schema.ts'
import { decodeBatch } from './decode.ts'
import { EdgeDecoder } from './edge-decoder.ts'
import { EdgeEncoder } from './edge-encoder.ts'
import { FrameError } from './frame-error.ts'
import { FrameWriter } from './frame-writer.ts'

const schema = Schema.record([field('a', 'text'), field('b', 'text', true)])
const texts = ['', 'a', 'b', 'ab', 'Ä', '🙂', '\ud800', 'long enough to be decoded by another way', 'x'.repeat(200)]

/** Batches from a few dictionaries that grow, and from ones of their own. */
const step = fc.record({
  kind: fc.constantFrom('send', 'send', 'send', 'small', 'restart'),
  dictionaries: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })),
  values: fc.array(fc.tuple(fc.constantFrom(...texts), fc.option(fc.constantFrom(...texts))), { maxLength: 8 }),
  select: fc.boolean(),
})
const steps = fc.array(step, { maxLength: 12, size: 'max' })
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function builder(): (step: Step) => Batch {
  const dictionaries = Array.from({ length: 6 }, () => new Dictionary())
  return ({ dictionaries: chosen, values, select }) => {
    const columns = chosen.map((number, c) => {
      const dictionary = number === 0 ? new Dictionary() : dictionaries[c * 3 + number - 1]
      const codes = new Int32Array(values.length + 1).fill(-7)
      const validity = new Uint8Array((values.length + 8) >>> 3)
      for (const [row, pair] of values.entries()) {
        const text = pair[c]
        if (text === null) continue
        validity[row >>> 3] |= 1 << (row & 7)
        codes[row] = dictionary.values.indexOf(text)
        if (codes[row] < 0) codes[row] = dictionary.values.push(text) - 1
      }
      return new DictionaryColumn(codes, dictionary, c === 0 ? null : validity)
    })
    const selection = select ? Int32Array.from(values.keys()).filter(row => row % 3 !== 1) : null
    return new Batch(schema, columns, selection?.length ?? values.length, selection)
  }
}

/** Frames of the steps, and the rows that each must give. */
function encoded(all: readonly Step[]) {
  const encoder = new EdgeEncoder(schema)
  const batchOf = builder()
  const frames: { readonly bytes: Uint8Array; readonly rows: unknown; readonly begins: boolean }[] = []
  let begins = true
  for (const one of all) {
    if (one.kind === 'restart') {
      encoder.restart()
      begins = true
      continue
    }
    const batch = batchOf(one)
    const out = one.kind === 'small' ? smallest(encoder, batch) : new FrameWriter(64)
    if (one.kind === 'send') encoder.encode(batch, out)
    frames.push({ bytes: out.written().slice(), rows: rowsOf(batch), begins })
    begins = false
  }
  return frames
}

/** The frame in the least memory that it fits: fails, again and again, at any point of it. */
function smallest(encoder: EdgeEncoder, batch: Batch): FrameWriter {
  for (let bytes = 120; ; bytes += 16) {
    const out = new FrameWriter(new Uint8Array(bytes))
    try {
      encoder.encode(batch, out)
      return out
    } catch (error) {
      expect(error).toBeInstanceOf(FrameError)
    }
  }
}

describe('edge dictionaries', () => {
  for (const trusted of [true, false])
    it(`give what was sent, in a dictionary that stays (trusted: ${trusted})`, () => {
      fc.assert(
        fc.property(steps, all => {
          const decoder = new EdgeDecoder(schema, trusted)
          let last: Dictionary[] = []
          for (const { bytes, rows, begins } of encoded(all)) {
            const batch = decoder.decode(bytes)
            deepStrictEqual(rowsOf(batch), rows)
            const now = batch.columns.map(column => (column as DictionaryColumn).dictionary)
            for (const [c, dictionary] of now.entries()) {
              expect(new Set(dictionary.values).size).toBe(dictionary.values.length)
              if (last.length > 0 && (begins || last[c].values.length > 0)) expect(dictionary === last[c]).toBe(!begins)
            }
            last = now
          }
        }),
        { numRuns: 100 },
      )
    })

  it('begin anew so that what comes before is not needed', () => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        const frames = encoded([...before, { ...after[0], kind: 'restart' } as Step, ...after])
        const from = encoded(before).length
        const decoder = new EdgeDecoder(schema)
        for (const { bytes, rows } of frames.slice(from)) deepStrictEqual(rowsOf(decoder.decode(bytes)), rows)
      }),
    )
  })

  it('that are damaged are refused, and leave what was there, or mean something', () => {
    const change = fc.record({ at: fc.nat(), word: fc.oneof(fc.integer({ min: -1, max: 9 }), fc.integer()) })
    fc.assert(
      fc.property(steps, fc.nat(), fc.array(change, { minLength: 1, maxLength: 2 }), (all, which, changes) => {
        const frames = encoded(all)
        const decoder = new EdgeDecoder(schema)
        for (const [i, { bytes, rows }] of frames.entries()) {
          if (i === which % frames.length) {
            const damaged = bytes.slice()
            const words = new Int32Array(damaged.buffer)
            for (const { at, word } of changes) words[at % words.length] = word
            let batch: Batch | undefined
            try {
              batch = decoder.decode(damaged)
            } catch (error) {
              expect(error).toBeInstanceOf(FrameError)
            }
            if (batch !== undefined) {
              new EdgeEncoder(schema).encode(batch, new FrameWriter())
              return
            }
          }
          deepStrictEqual(rowsOf(decoder.decode(bytes)), rows)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('are refused out of turn, and where frames stand alone', () => {
    const [first, second] = encoded([
      { kind: 'send', dictionaries: [1, 1], values: [['a', 'b']], select: false },
      { kind: 'send', dictionaries: [1, 1], values: [['ab', 'b']], select: false },
    ])
    expect(() => decodeBatch(first.bytes, schema)).toThrow('it has edge dictionaries, and stands alone here')
    expect(() => new EdgeDecoder(schema).decode(second.bytes)).toThrow('it follows on 1 entries, there are 0 in "a"')
    const decoder = new EdgeDecoder(schema)
    decoder.decode(first.bytes)
    decoder.decode(second.bytes)
    expect(() => decoder.decode(second.bytes)).toThrow('it follows on 1 entries, there are 2 in "a"')
  })

  it('of too many entries are given up, until they begin anew', () => {
    const bare = Schema.bare('text')
    for (const [entries, text] of [
      [66_000, 'x'],
      [300, 'x'.repeat(4000)],
    ] as const) {
      const encoder = new EdgeEncoder(bare)
      const decoder = new EdgeDecoder(bare)
      const dictionary = new Dictionary(Array.from({ length: entries }, (_, i) => `${text}${i}`))
      const seen = new Set<Dictionary>()
      const send = (from: number, to: number): void => {
        const codes = Int32Array.from({ length: to - from }, (_, i) => from + i)
        const out = new FrameWriter()
        encoder.encode(new Batch(bare, [new DictionaryColumn(codes, dictionary)], codes.length), out)
        const column = decoder.decode(out.written()).columns[0] as DictionaryColumn
        expect(column.get(0)).toBe(dictionary.values[from])
        expect(column.get(codes.length - 1)).toBe(dictionary.values[to - 1])
        seen.add(column.dictionary)
      }
      for (let from = 0; from < entries; from += entries / 10) send(from, from + entries / 10)
      const kept = seen.size
      expect(kept).toBeGreaterThan(1)
      expect(kept).toBeLessThan(5)
      send(0, 1)
      expect(seen.size).toBe(kept + 1) // a dictionary of its own
      encoder.restart()
      send(0, 1)
      send(1, 2)
      expect(seen.size).toBe(kept + 2)
    }
  })

  it('leave plain text alone', () => {
    const bare = Schema.bare('text')
    const utf8 = new Utf8Column(Int32Array.of(0), Int32Array.of(1), Int32Array.of(97))
    const out = new FrameWriter()
    new EdgeEncoder(bare).encode(new Batch(bare, [utf8], 1), out)
    expect(decodeBatch(out.written(), bare).row(0)).toBe('a')
  })
})
