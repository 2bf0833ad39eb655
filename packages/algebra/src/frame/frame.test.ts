import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Batch } from '../batch.ts'
import { BatchBuilder } from '../builder.ts'
import { AnyColumn, Dictionary, DictionaryColumn, Int32Column } from '../column.ts'
import { field, Schema } from '../schema.ts'
import { ValueError } from '../value-error.ts'
import { decodeBatch, frameLength } from './decode.ts'
import { encodeBatch } from './encode.ts'
import { FrameError } from './frame-error.ts'
import { FrameWriter } from './frame-writer.ts'
import { OpaqueDecoder } from './opaque-decode.ts'
import { OpaqueEncoder } from './opaque-encode.ts'

function encoded(batch: Batch): Uint8Array {
  const writer = new FrameWriter()
  encodeBatch(batch, writer)
  return writer.written()
}

function opaque(...values: unknown[]): Batch {
  return new Batch(Schema.opaque, [new AnyColumn(values)], values.length)
}

function carried(value: unknown): unknown {
  return decodeBatch(encoded(opaque(value)), Schema.opaque).row(0)
}

/** What decoding says to a frame of one nullable text column ('a', null, 'bc') with a word changed. */
function refusal(word: number, value: number): string {
  const builder = new BatchBuilder(Schema.bare('text', true))
  for (const text of ['a', null, 'bc']) builder.append(text)
  const bytes = encoded(builder.build()).slice()
  new Int32Array(bytes.buffer)[word] = value
  try {
    decodeBatch(bytes, builder.schema)
    return 'decoded'
  } catch (error) {
    expect(error).toBeInstanceOf(FrameError)
    return (error as Error).message
  }
}

describe('decodeBatch', () => {
  it('uses aligned numbers and text in place', () => {
    const schema = Schema.record([field('i', 'int32'), field('d', 'double')])
    const builder = new BatchBuilder(schema)
    builder.append({ i: 1, d: 2 })
    const bytes = encoded(builder.build())
    const buffers = decodeBatch(bytes, schema).columns.map(c =>
      c.kind === 'any' || c.kind === 'utf8' || c.kind === 'dictionary' ? null : c.values.buffer,
    )
    expect(buffers).toEqual([bytes.buffer, bytes.buffer])
    const shifted = new Uint8Array(bytes.length + 4).subarray(4)
    shifted.set(bytes)
    expect(decodeBatch(shifted, schema).row(0)).toEqual({ i: 1, d: 2 })
  })

  it('says what is wrong', () => {
    expect(refusal(0, 0)).toBe('invalid frame: it does not begin with MLRF')
    expect(refusal(1, 2)).toBe('invalid frame: unknown version 2 (known: 1)')
    expect(refusal(1, 1 | (8 << 16))).toBe('invalid frame: unknown flags 8')
    expect(refusal(1, 1 | (4 << 16))).toBe('invalid frame: it has edge dictionaries, and stands alone here')
    expect(refusal(2, 1 << 20)).toBe('invalid frame: 1048576 bytes, but only 120 are there')
    expect([refusal(2, 32), refusal(2, 84)]).toEqual([
      'invalid frame: a length of 32 bytes',
      'invalid frame: a length of 84 bytes',
    ])
    expect(refusal(3, -1)).toBe('invalid frame: 4294967295 rows, the limit is 16777216')
    expect(refusal(3, 4)).toBe('invalid frame: 12 bytes instead of 16 in "value"')
    expect(refusal(4, 2)).toBe('invalid frame: 2 columns, the schema has 1')
    expect(refusal(5, 1)).toBe('invalid frame: a reserved field is not 0')
    expect(refusal(6, 8)).toBe('invalid frame: not expected in "weights"')
    expect(refusal(10, 0)).toBe('invalid frame: int32 for text in "value"')
    expect(refusal(10, 9)).toBe('invalid frame: unknown kind 9 for text in "value"')
    expect(refusal(10, 4)).toBe('invalid frame: not expected in "value"')
    expect(refusal(10, 4 | (2 << 8))).toBe('invalid frame: unknown flags 2 in "value"')
    expect(refusal(11, 3)).toBe('invalid frame: 8 bytes instead of 12 in "value"')
    expect(refusal(14, 92)).toBe('invalid frame: 12 bytes at 92 are out of place in "value"')
    expect(refusal(14, 80)).toBe('invalid frame: 12 bytes at 80 are out of place in "value"')
    expect(refusal(22, 2)).toBe('invalid frame: row 0 has code 2 of 2 in "value"')
    expect(refusal(24, -1)).toBe('invalid frame: row 2 has code -1 of 2 in "value"')
    expect(refusal(26, 99)).toBe('invalid frame: entry 0 is outside its text in "value"')
    expect(refusal(28, 0xff)).toBe('invalid frame: malformed text in "value"')
    expect(refusal(29, 0x61)).toBe('decoded')
    expect(() => decodeBatch(new Uint8Array(39), Schema.opaque)).toThrow('39 bytes are less than a header')
  })

  it('refuses a dictionary with an entry twice, and nulls where there may be none', () => {
    const twice = new DictionaryColumn(Int32Array.of(0, 1), new Dictionary(['a', 'a']))
    const text = Schema.bare('text')
    expect(() => decodeBatch(encoded(new Batch(text, [twice], 2)), text)).toThrow(
      'a dictionary with an entry twice in "value"',
    )
    const nullable = new BatchBuilder(Schema.bare('int32', true))
    nullable.append(null)
    const bytes = encoded(nullable.build())
    expect(() => decodeBatch(bytes, Schema.bare('int32'))).toThrow('not expected to be nullable in "value"')
    expect(() => decodeBatch(encoded(opaque(null)), Schema.bare('any'))).toThrow('row 0 is absent in "value"')
  })

  it('refuses a boolean that is neither', () => {
    const builder = new BatchBuilder(Schema.bare('boolean'))
    for (const value of [true, false]) builder.append(value)
    const bytes = encoded(builder.build()).slice()
    bytes[81] = 2
    expect(() => decodeBatch(bytes, builder.schema)).toThrow('a boolean that is neither 0 nor 1 in "value"')
  })

  it('finds frames one behind the other', () => {
    const writer = new FrameWriter(0)
    encodeBatch(opaque('one'), writer)
    encodeBatch(opaque('two', 'more'), writer)
    const first = frameLength(writer.written())
    expect(decodeBatch(writer.written().subarray(first), Schema.opaque).row(1)).toBe('more')
  })
})

describe('opaque integers', () => {
  const powers = Array.from({ length: 32 }, (_, bits) => [
    2 ** bits - 1,
    2 ** bits,
    -(2 ** bits),
    -(2 ** bits) - 1,
  ]).flat()
  const others = ['a', null, -0, 0.5, { n: 1 }]
  const field = Schema.opaque.fields[0]!

  it('come back at every length, one behind the other and among others, chosen or not', () => {
    const mixed = powers.flatMap((value, i) => (i % 3 === 0 ? [value, others[i % others.length]] : [value]))
    for (const values of [powers, mixed, [...powers, 'end'], ['begin', ...powers]]) {
      const batch = opaque(...values)
      const back = decodeBatch(encoded(batch), Schema.opaque)
      expect(values.map((_, row) => back.row(row))).toEqual(values)
      const chosen = values.map((_, row) => row).filter(row => row % 2 === 1)
      const some = decodeBatch(encoded(batch.select(Int32Array.from(chosen), chosen.length)), Schema.opaque)
      expect(chosen.map((_, row) => some.row(row))).toEqual(chosen.map(row => values[row]))
    }
  })
  it('are the same bytes one at a time as in a run', () => {
    const bytes = (...values: unknown[]) => [
      ...new OpaqueEncoder().column(new AnyColumn(values), field, null, values.length),
    ]
    expect(bytes(...powers)).toEqual(powers.flatMap(value => bytes(value)))
    expect(bytes([...powers]).slice(3)).toEqual(bytes(...powers))
  })
  it('are refused where they are cut off, or too few, or too many', () => {
    const integers = powers.filter(value => (value | 0) === value)
    const { length } = integers
    const bytes = new OpaqueEncoder().column(new AnyColumn(integers), field, null, length).slice()
    const decoding = (end: number, rows: number) => () =>
      new OpaqueDecoder().column(bytes.subarray(0, end), rows, true, 'value')
    expect(decoding(bytes.length, length)()).toEqual(integers)
    for (let end = 0; end < bytes.length; end++) expect(decoding(end, length)).toThrow(FrameError)
    for (let rows = 0; rows < length; rows++) expect(decoding(bytes.length, rows)).toThrow('left over')
    expect(decoding(bytes.length, length + 1)).toThrow('it ends inside a value')
  })
})

describe('encodeBatch', () => {
  it('refuses what the schema does not allow, and what is too large', () => {
    const absent = new Int32Column(Int32Array.of(1), Uint8Array.of(0))
    const int = Schema.record([field('delay', 'int32')])
    const failing = (batch: Batch) => () => encodeBatch(batch, new FrameWriter())
    expect(failing(new Batch(int, [absent], 1))).toThrow(new ValueError('delay', null, 'int32'))
    expect(failing(new Batch(Schema.bare('any'), [new AnyColumn([undefined])], 1))).toThrow(
      'missing value in column "value"',
    )
    expect(failing(new Batch(Schema.bare('text'), [absent], 1))).toThrow('invalid column "value": int32 for text')
    expect(failing(new Batch(Schema.record([]), [], 2 ** 24 + 1))).toThrow('invalid batch: 16777217 rows')
    expect(() => encodeBatch(opaque('x'.repeat(999)), new FrameWriter(64, 512))).toThrow(
      /takes \d+ bytes or more, there is room for 512/,
    )
    expect(() => new FrameWriter(new Uint8Array(16).subarray(1))).toThrow('invalid memory')
  })

  it('writes only the text that selected rows refer to', () => {
    const builder = new BatchBuilder(Schema.bare('text'))
    for (let i = 0; i < 2000; i++) builder.append(`${'long '.repeat(100)}${i}`)
    const all = builder.build()
    expect(all.columns[0].kind).toBe('utf8')
    expect(encoded(all).length).toBeGreaterThan(2000 * 500)
    expect(encoded(all.select(Int32Array.of(7), 1)).length).toBeLessThan(700)
  })

  it('writes the keys of a shape once a frame', () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({ 'a long name': i, another: { 'nested name': i } }))
    const bytes = encoded(opaque(...rows))
    const text = Buffer.from(bytes).toString('latin1')
    expect([text.split('a long name').length, text.split('nested name').length]).toEqual([2, 2])
    expect(decodeBatch(bytes, Schema.opaque).row(99)).toEqual(rows[99])
  })
})

describe('opaque values', () => {
  it('come back as they were', () => {
    const values = [
      new Date(Number.NaN),
      2n ** 200n,
      -(2n ** 64n),
      -(2n ** 63n),
      -0,
      2 ** 31,
      -(2 ** 31),
      { __proto__: null, a: 1 }.a,
      JSON.parse('{"__proto__": 1, "2": 0, "1": 0}'),
      [[[]], {}],
      new Map([[{}, new Set([new Map()])]]),
      new BigUint64Array([2n ** 64n - 1n]),
      new Uint8Array([1, 2]).buffer,
      'é'.repeat(41),
      '\uD800'.repeat(42),
      'x'.repeat(300),
    ]
    for (const value of values) expect(carried(value)).toStrictEqual(value)
    expect(carried(Buffer.from('ab'))).toStrictEqual(new Uint8Array([97, 98]))
    expect(carried(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 })
    const sparse: unknown[] = []
    sparse[1] = 1
    expect(carried(sparse)).toStrictEqual([undefined, 1])
  })

  it('may be large', () => {
    const values = [
      'é'.repeat(100_000),
      new Uint8Array(100_000).fill(7),
      Array.from({ length: 50_000 }, (_, i) => i / 4),
    ]
    for (const value of values) {
      expect(isDeepStrictEqual(carried(value), value)).toBe(true)
      expect(isDeepStrictEqual(carried([value, value]), [value, value])).toBe(true)
    }
  })

  it('do not share what they hold with the frame', () => {
    const bytes = encoded(opaque(new Uint8Array([1, 2, 3])))
    const value = decodeBatch(bytes, Schema.opaque).row(0)
    bytes.fill(0)
    expect(value).toEqual(new Uint8Array([1, 2, 3]))
  })

  it('that are no data are errors naming the field, and leave the writer as it was', () => {
    class Money {}
    const cycle: Record<string, unknown> = { list: [] }
    cycle.list = [cycle]
    let deep: unknown = 1
    for (let i = 0; i < 101; i++) deep = [deep]
    const writer = new FrameWriter()
    const thrown = (value: unknown): string => {
      try {
        encodeBatch(opaque(1, value), writer)
        return 'nothing'
      } catch (error) {
        expect(error).toBeInstanceOf(ValueError)
        expect(writer.length).toBe(0)
        return (error as Error).message
      }
    }
    expect(thrown({ on: { click() {} } })).toBe('invalid plain data in column "value.on.click": a function')
    expect(thrown([0, { price: new Money() }])).toBe('invalid plain data in column "value[1].price": an object')
    expect(thrown(new Map([['k', Symbol('s')]]))).toBe('invalid plain data in column "value.values()[0]": a symbol')
    expect(thrown(new (class extends Array {})())).toBe('invalid plain data in column "value": an array of 0')
    expect(thrown(new DataView(new ArrayBuffer(1)))).toBe('invalid plain data in column "value": an object')
    expect(thrown(/x/)).toBe('invalid plain data in column "value": an object')
    expect(thrown(cycle)).toBe('invalid plain data without cycles in column "value.list[0]": an object')
    expect(thrown(deep)).toMatch(
      /^invalid plain data nested at most 100 deep in column "value(\[0\]){100}": an array of 1$/,
    )
    expect(thrown([deep, 1])).toMatch(/^invalid plain data nested/)
  })

  it('nested 100 deep are carried', () => {
    let deep: unknown = 1
    for (let i = 0; i < 100; i++) deep = { deep }
    expect(carried(deep)).toEqual(deep)
  })

  it('made up are refused', () => {
    const made = (...values: number[]): string => {
      const bytes = encoded(opaque('0123456789')).slice() // its section: 12 bytes from byte 80 on
      bytes.set(values, 80)
      try {
        return `decoded ${JSON.stringify(decodeBatch(bytes, Schema.opaque).row(0))}`
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError)
        return (error as Error).message
      }
    }
    expect(made(8, 10)).toBe('decoded "0123456789"')
    expect(made(99)).toBe('invalid frame: unknown tag 99 in "value"')
    expect(made(8, 11)).toBe('invalid frame: it ends inside a value in "value"')
    expect(made(9, 2, 5, 0, 0, 0, 0, 0, 0, 0, 0, 5)).toBe('invalid frame: it ends inside a value in "value"')
    expect(made(8, 9)).toBe('invalid frame: 1 bytes left over in "value"')
    expect(made(8, 10, 0xc0, 0x80)).toBe('invalid frame: malformed text in "value"')
    expect(made(8, 10, 0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80)).toBe('invalid frame: malformed text in "value"')
    expect(made(4, 0xff, 0xff, 0xff, 0xff, 0x1f)).toBe('invalid frame: a number of more than 32 bits in "value"')
    expect(made(9, 0xff, 0xff, 0xff, 0xff, 0x0f)).toBe('invalid frame: it ends inside a value in "value"')
    expect(made(11, 0)).toBe('invalid frame: an unknown shape in "value"')
    expect(made(10, 2, 1, 97, 1, 97)).toBe('invalid frame: a shape with a key twice in "value"')
    expect(made(15, 99, 1, 0)).toBe('invalid frame: an unknown typed array in "value"')
    expect(made(15, 8, 3)).toBe('invalid frame: Float64Array of 3 bytes in "value"')
    expect(made(7, 2, 1, 1)).toBe('invalid frame: a bigint of 1 bytes, sign 2 in "value"')
  })

  it('made up 101 deep are refused', () => {
    const bytes = encoded(opaque('x'.repeat(300))).slice()
    for (let at = 80; at < bytes.length; at += 2) bytes.set([9, 1], at)
    expect(() => decodeBatch(bytes, Schema.opaque)).toThrow('values nested more than 100 deep')
  })
})
