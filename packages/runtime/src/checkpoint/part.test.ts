import { deepStrictEqual } from 'node:assert/strict'
import { AnyColumn, Batch, BatchBuilder, DoubleColumn, field, Int32Column, Schema } from '@millrace/algebra'
import { rowsOf } from '@millrace/testing/batches'
import { describe, expect, test } from 'vitest'
import { DroppedKeys } from '../state/dropped-keys.ts'
import { KeyedValues } from '../state/keyed-values.ts'
import { decodeRecords } from './decode-part.ts'
import { CHUNK_BYTES, encodePart } from './encode-part.ts'
import type { PartRecord } from './part.ts'

const of = (batch: Batch | null, change: Partial<PartRecord> = {}): PartRecord => ({
  operator: 'o',
  subtask: 0,
  state: 's',
  group: 0,
  change: false,
  meta: null,
  batch,
  ...change,
})
const opaque = (values: unknown[]): Batch => new Batch(Schema.opaque, [new AnyColumn(values)], values.length)
const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
const encoded = (records: PartRecord[]): Buffer => Buffer.concat([...encodePart(records)])
const decoded = (bytes: Uint8Array): PartRecord[] => [...decodeRecords(bytes, 'chk/part-0')]

test('user values of every kind come back, the containers of states among them', () => {
  const state = new KeyedValues(new DroppedKeys())
  const nested = new Map<unknown, unknown>([
    [{ a: 1 }, new Set([new Map([[Number.NaN, -0]]), [undefined, null]])],
    ['\uD800', { __proto__: null, '\uDC00': new Date(7), x: 2n ** 70n }],
  ])
  const values = [nested, [1, -0, Number.NaN], 'text \uDFFF', 5n, new Date(8), new Float64Array([1, -0]), 0, '']
  values.forEach((value, id) => {
    state.set(id * 3, value)
  })
  const parts = state.snapshot(id => id & 1)
  const records = decoded(encoded(parts.map(({ group, meta, batch }) => of(batch, { group, meta }))))
  const restored = new KeyedValues(new DroppedKeys())
  restored.restore(records)
  values.forEach((value, id) => {
    if (value !== nested) deepStrictEqual(restored.get(id * 3), value)
  })
  const map = restored.get(0) as typeof nested
  deepStrictEqual([...map.keys()], [...nested.keys()])
  deepStrictEqual([...map.values()][0], [...nested.values()][0])
  expect(Object.entries(map.get('\uD800') as object)).toEqual(Object.entries(nested.get('\uD800') as object))
})

test('a large batch is several frames and chunks, and one batch again', () => {
  const rows = 1_500_000
  const ids = Int32Array.from({ length: rows }, (_, i) => i * 7)
  const batch = new Batch(Schema.record([field('id', 'int32')]), [new Int32Column(ids)], rows)
  const chunks = [...encodePart([of(batch), of(null, { state: 'after' })])]
  expect(chunks.slice(0, -1).every(({ length }) => length === CHUNK_BYTES)).toBe(true)
  expect(chunks.length).toBeGreaterThan(1)
  const [first, second] = decoded(Buffer.concat(chunks))
  expect(Buffer.compare(bytesOf((first.batch!.columns[0] as Int32Column).values), bytesOf(ids))).toBe(0)
  expect(second.state).toBe('after')
})

test('frames of columns are of about a megabyte', () => {
  const rows = 700_001
  const columns = ['a', 'b'].map(() => new DoubleColumn(new Float64Array(rows)))
  const batch = new Batch(Schema.record([field('a', 'double'), field('b', 'double')]), columns, rows)
  const bytes = encoded([of(batch)])
  const frames: number[] = []
  for (let at = bytes.indexOf('MLRF'); at >= 0; at = bytes.indexOf('MLRF', at + 1))
    frames.push(bytes.readUInt32LE(at + 8))
  expect(frames).toHaveLength(Math.ceil((rows * 16) / 2 ** 20))
  for (const length of frames) expect(length).toBeLessThan(2 ** 20 + 500)
  expect(decoded(bytes)[0].batch!.length).toBe(rows)
})

test('large opaque values and text do not become one frame', () => {
  const long = 'ä'.repeat(1000)
  const builder = new BatchBuilder(Schema.record([field('t', 'text'), field('v', 'any', true)]))
  for (let i = 0; i < 3000; i++) builder.append({ t: long + i, v: i % 3 === 0 ? null : { [`k${i}`]: long } })
  const batch = builder.take()
  const frames: number[] = []
  const bytes = encoded([of(batch)])
  for (let at = bytes.indexOf('MLRF'); at >= 0; at = bytes.indexOf('MLRF', at + 1)) frames.push(at)
  expect(frames.length).toBeGreaterThan(3)
  deepStrictEqual(rowsOf(decoded(bytes)[0].batch!), rowsOf(batch))
})

test('chunks stay as they are while the next are made', () => {
  const seen: Uint8Array[] = []
  const copies: Uint8Array[] = []
  for (const chunk of encodePart(Array.from({ length: 40 }, (_, i) => of(opaque([`${i}`.repeat(1 << 18)]))))) {
    seen.push(chunk)
    copies.push(chunk.slice())
  }
  expect(seen.length).toBeGreaterThan(2)
  expect(seen.map(chunk => Buffer.compare(chunk, copies[seen.indexOf(chunk)]))).toEqual(seen.map(() => 0))
})

test('opaque rows end a chunk early: encoding must not keep the thread', () => {
  const chunks = [...encodePart([of(opaque(Array.from({ length: 100_000 }, () => 1)))])]
  expect(chunks.length).toBeGreaterThanOrEqual(6)
})

describe('what cannot be written', () => {
  test('names state and operator', () => {
    const record = of(opaque([1, { f: () => 1 }]), { state: 'last', operator: 'orders' })
    expect(() => encoded([record])).toThrow(
      expect.objectContaining({
        code: 'INVALID_VALUE',
        message: expect.stringMatching(/^invalid value in state "last": .*value.f/),
        details: expect.objectContaining({ operator: 'orders' }),
      }),
    )
  })
  test.each([[Number.NaN], [{ a: [Number.POSITIVE_INFINITY] }], [undefined], [1n], [() => 1]])('meta %s', meta => {
    expect(() => encoded([of(null, { meta: meta as never })])).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
  })
})

describe('what is not a part', () => {
  const good = encoded([of(opaque([1])), of(null)])
  const changed = (at: number, byte: number): Buffer => {
    const bytes = Buffer.from(good)
    bytes[at] = byte
    return bytes
  }
  test.each([
    ['nothing', Buffer.alloc(0), /ends too early/],
    ['another file', Buffer.from('{"format":"millrace checkpoint"}'), /does not begin with MLRP/],
    ['bytes behind the end', Buffer.concat([good, Buffer.alloc(8)]), /8 bytes behind its end/],
    ['a record that is missing', changed(good.length - 8, 3), /2 records instead of 3/],
    ['a reserved field', changed(20, 1), /reserved/],
    ['an unknown record', changed(8, 9), /unknown record 9/],
    ['rows that are not there', changed(16, 2), /invalid frame/],
    ['rows too many', changed(16, 0), /a frame of 1 rows, 0 are left/],
  ])('%s', (_, bytes, problem) => {
    expect(() => decoded(bytes)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_DAMAGED' }))
    expect(() => decoded(bytes)).toThrow(problem)
    expect(() => decoded(bytes)).toThrow('chk/part-0')
  })
  test('a header with something else in it', () => {
    const swap = (from: string, to: string) => () =>
      decoded(Buffer.from(good.toString('latin1').replace(from, to), 'latin1'))
    expect(swap('"group":0', '"group":x')).toThrow(/JSON/)
    expect(swap('"group":0', '"group":9')).not.toThrow()
    expect(swap('"group":0', '"grouq":0')).toThrow('unknown property "grouq"')
    expect(swap('"subtask":0', '"subtask":-')).toThrow(/JSON|number/)
    expect(swap('"change":false', '"change":    0')).toThrow('a record that does not say what it is of')
    expect(swap('"any"', '"ani"')).toThrow('an unknown column')
    expect(swap('"bare":true', '"bare":null')).toThrow('an unknown schema')
  })
  test('a part of a newer version', () => {
    expect(() => decoded(changed(4, 2))).toThrow(
      expect.objectContaining({
        code: 'CHECKPOINT_FOREIGN',
        message: 'invalid checkpoint format: 2 (known: 1)',
        hint: expect.stringContaining('newer'),
      }),
    )
  })
})
