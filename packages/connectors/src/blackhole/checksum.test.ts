import { AnyColumn, Batch, BatchBuilder, field, Schema } from '@millrace/algebra'
import { batches, type SampleRow, schemas } from '@millrace/testing/batches'
import { valuesOf } from '@millrace/testing/values'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Checksum } from './checksum.ts'
import { hashValue } from './value-hash.ts'

// The twin: from the written definition, a value at a time, in exact integers cut to 32 bits.

const cut = (n: bigint) => BigInt.asUintN(32, n)
const shifted = (n: bigint, by: bigint) => n ^ (n >> by)

/** UTF-8 with lone surrogates in three bytes. */
function utf8(text: string): number[] {
  return [...text].flatMap(character => {
    const point = character.codePointAt(0) as number
    if (point < 0xd800 || point > 0xdfff) return [...Buffer.from(character)]
    return [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)]
  })
}
function textTwin(text: string): bigint {
  const bytes = utf8(text)
  const words: bigint[] = []
  for (let i = 0; i < bytes.length; i += 4) {
    const four = bytes.slice(i, i + 4)
    while (four.length < 4) four.unshift(0)
    words.push(four.reduceRight((word, byte) => word * 256n + BigInt(byte), 0n))
  }
  const fold = (hash: bigint, some: bigint[]) => some.reduce((h, word) => cut(h * 0x2c1b3c6dn + word), hash)
  let hash = cut(BigInt(bytes.length + 1) * 0x9e3779b1n)
  if (words.length < 4) hash = fold(hash, words)
  else {
    for (let i = 0; i + 4 < words.length; i += 4) hash = fold(hash, words.slice(i, i + 4))
    hash = fold(hash, words.slice(-4))
  }
  return cut(shifted(hash, 15n) * 0x735a2d97n)
}
function wordsTwin(low: bigint, high: bigint): bigint {
  return shifted(cut(shifted(cut(low * 0x2c1b3c6dn + high), 15n) * 0x21f0aaadn), 13n)
}
const scramble = (n: bigint) => shifted(cut(shifted(cut(n), 16n) * 0x21f0aaadn), 15n)
function valueTwin(value: unknown): bigint {
  if (value === null) return 0n
  if (typeof value === 'string') return textTwin(value)
  if (typeof value === 'boolean') return value ? 0x165667b1n : 0x27d4eb2fn
  if (typeof value === 'bigint') {
    const above = value >> 32n
    const high = BigInt.asIntN(32, above) === above ? cut(above) : textTwin(above.toString())
    return scramble(wordsTwin(cut(value), high) + 0x1b873593n)
  }
  const number = value as number
  if (Number.isInteger(number) && Math.abs(number + 0.5) < 2 ** 31) return cut(BigInt(number) + 0x5bd1e995n)
  if (Number.isNaN(number)) return 0x7ff80000n
  const bits = Buffer.alloc(8)
  bits.writeDoubleLE(number)
  return wordsTwin(BigInt(bits.readUInt32LE(0)), BigInt(bits.readUInt32LE(4)))
}
/** Data of any structure; null and undefined are nothing. */
function structureTwin(value: unknown): bigint {
  if (typeof value !== 'object' || value === null) return valueTwin(value ?? null)
  if (value instanceof Date) return valueTwin(value.getTime())
  return scramble(unmixedTwin(value))
}
function unmixedTwin(value: object): bigint {
  const inOrder = (values: unknown[], salt: bigint) =>
    values.reduce<bigint>((hash, held) => cut(hash * 0x2c1b3c6dn) + structureTwin(held), salt)
  const anyOrder = (pairs: [key: bigint, held: unknown][], salt: bigint) =>
    pairs.reduce((sum, [key, held]) => sum + structureTwin(held) * (scramble(key) | 1n), salt)
  if (Array.isArray(value)) return inOrder(value, 0x38b34ae5n)
  if (ArrayBuffer.isView(value)) return inOrder([...Buffer.from(value.buffer).subarray(value.byteOffset)], 0x52dce729n)
  if (value instanceof Set) return [...value].reduce((sum, held) => sum + scramble(structureTwin(held)), 0x61c88647n)
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  const keyed = entries.map(([key, held]): [bigint, unknown] => [structureTwin(key), held])
  return anyOrder(keyed, value instanceof Map ? 0x2545f491n : 0x4cf5ad43n)
}
function checksumTwin(schema: Schema, rows: readonly SampleRow[]): string {
  let low = 0n
  let high = 0n
  for (const { values, weight } of rows) {
    const factor = (c: number) => (schema.bare ? 1n : scramble(textTwin(schema.fields[c]!.name)) | 1n)
    const hash = values.reduce<bigint>(
      (sum, value, c) => sum + valueTwin(value) * factor(c),
      schema.bare ? 0n : 0x4cf5ad43n,
    )
    const first = scramble(hash)
    low += first * BigInt(weight)
    high += shifted(cut(first * 0x735a2d97n), 16n) * BigInt(weight)
  }
  return [high, low].map(lane => cut(lane).toString(16).padStart(8, '0')).join('')
}

const scalars = ['int32', 'double', 'bigint', 'boolean', 'text', 'timestamp'] as const
const samples = schemas(scalars).chain(schema => batches(schema).map(sample => ({ schema, ...sample })))

function checksumOf(...some: readonly Batch[]): string {
  const checksum = new Checksum()
  for (const batch of some) checksum.add(batch)
  return checksum.toString()
}

/** Rows as a batch laid out plainly. */
function plain(schema: Schema, rows: readonly SampleRow[]): Batch {
  const builder = new BatchBuilder(schema)
  for (const { values, weight } of rows) {
    const named = Object.fromEntries(schema.fields.map((f, c) => [f.name, values[c]]))
    builder.append(schema.bare ? values[0] : named, weight)
  }
  return builder.take()
}

describe('the checksum', () => {
  it('is that of the definition, however columns are laid out', () => {
    fc.assert(
      fc.property(samples, ({ schema, batch, rows }) => {
        expect(checksumOf(batch)).toBe(checksumTwin(schema, rows))
        expect(checksumOf(plain(schema, rows))).toBe(checksumTwin(schema, rows))
      }),
      { numRuns: 500 },
    )
  })
  it('depends on no order and no cut', () => {
    const cases = samples.chain(sample =>
      fc.record({
        sample: fc.constant(sample),
        order: fc.shuffledSubarray([...sample.rows.keys()], { minLength: sample.rows.length }),
        at: fc.nat({ max: sample.rows.length }),
      }),
    )
    fc.assert(
      fc.property(cases, ({ sample: { schema, batch, rows }, order, at }) => {
        const moved = order.map(i => rows[i]!)
        const parts = [plain(schema, moved.slice(at)), plain(schema, moved.slice(0, at))]
        expect(checksumOf(...parts)).toBe(checksumOf(batch))
      }),
    )
  })
  it('counts rows by weight: what went again leaves no trace', () => {
    fc.assert(
      fc.property(samples, ({ schema, batch, rows }) => {
        const gone = rows.map(row => ({ ...row, weight: -row.weight }))
        expect(checksumOf(batch, plain(schema, gone))).toBe('0000000000000000')
      }),
    )
  })
  it('notices any one value that is another', () => {
    const changes = samples
      .filter(({ rows, schema }) => rows.some(row => row.weight !== 0) && schema.fields.length > 0)
      .chain(({ schema, rows }) => {
        const row = rows.findIndex(({ weight }) => weight !== 0)
        return fc
          .nat({ max: schema.fields.length - 1 })
          .chain(column =>
            valuesOf(schema.fields[column]!.type.kind).map(value => ({ schema, rows, row, column, value })),
          )
      })
    fc.assert(
      fc.property(changes, ({ schema, rows, row, column, value }) => {
        const before = rows[row]!.values[column]
        fc.pre(!Object.is(before === 0 ? 0 : before, value === 0 ? 0 : value))
        const values = rows[row]!.values.with(column, value)
        const changed = rows.with(row, { ...rows[row]!, values })
        expect(checksumOf(plain(schema, changed))).not.toBe(checksumOf(plain(schema, rows)))
      }),
      { numRuns: 500 },
    )
  })
  it('notices values that changed their rows, or their columns', () => {
    const schema = Schema.record([field('a', 'int32'), field('b', 'int32')])
    const of = (...rows: [number, number][]) =>
      checksumOf(
        plain(
          schema,
          rows.map(values => ({ values, weight: 1, time: undefined })),
        ),
      )
    expect(of([1, 2], [3, 4])).not.toBe(of([1, 4], [3, 2]))
    expect(of([1, 2])).not.toBe(of([2, 1]))
  })
  it('notices each byte of a text', () => {
    const schema = Schema.bare('text')
    const of = (text: string) => checksumOf(plain(schema, [{ values: [text], weight: 1, time: undefined }]))
    for (let length = 1; length < 70; length++) {
      const text = 'x'.repeat(length)
      const sums = new Set([of(text), of(`${text}\0`)])
      for (let i = 0; i < length; i++) sums.add(of(`${text.slice(0, i)}y${text.slice(i + 1)}`))
      expect(sums.size).toBe(length + 2)
    }
  })
})

describe('opaque rows', () => {
  const opaque = (...rows: unknown[]) => checksumOf(new Batch(Schema.opaque, [new AnyColumn(rows)], rows.length))

  it('count as the same rows in columns', () => {
    fc.assert(
      fc.property(samples, ({ schema, batch, rows }) => {
        fc.pre(rows.every(row => row.weight === 1))
        expect(opaque(...rows.map((_, i) => batch.row(i)))).toBe(checksumTwin(schema, rows))
      }),
    )
  })
  it('count by their data', () => {
    expect(opaque({ a: 1, b: [1, { c: 'x' }] })).toBe(opaque({ b: [1, { c: 'x' }], a: 1 }))
    expect(opaque({ a: null, b: undefined, c: 1 })).toBe(opaque({ c: 1 }))
    expect(opaque(new Date(5))).toBe(opaque(5))
    expect(opaque(new Map([['a', 1], ['b', 2]]))).toBe(opaque(new Map([['b', 2], ['a', 1]]))) // biome-ignore format: as a pair
  })
  it('differ where their data does', () => {
    const different = [
      0, 1, 1n, '1', '', true, false, 2n ** 64n, 2n ** 96n, -1n, Number.NaN, 1.5, [], [1], [[1]], [1, 2], [2, 1], {}, { a: 1 },
      { a: [1] }, { a: { a: 1 } }, { b: 1 }, new Map([[1, 2]]), new Map([[2, 1]]), new Set([1, 2]), new Set([1]),
      Uint8Array.of(1, 2), Uint8Array.of(2, 1), 'a', 'b', new Map([['a', 1]]),
    ] // biome-ignore format: a list
    expect(new Set(different.map(value => opaque(value))).size).toBe(different.length)
  })
  it('of any structure have the hash of the definition', () => {
    fc.assert(
      fc.property(valuesOf('any'), value => {
        expect(hashValue(value) >>> 0).toBe(Number(cut(structureTwin(value))))
      }),
      { numRuns: 500 },
    )
  })
  it('that are no data are refused', () => {
    const wraps: ((held: unknown) => unknown)[] = [
      held => [held],
      held => ({ held }),
      held => new Map([[1, held]]),
      held => new Map([[held, 1]]),
      held => new Set([held]),
    ]
    for (const wrap of wraps) {
      const deep = (levels: number): unknown => (levels === 0 ? 1 : wrap(deep(levels - 1)))
      expect(() => hashValue(deep(101))).not.toThrow()
      expect(() => hashValue(deep(102))).toThrow('invalid value: nested more than 100 deep')
      expect(() => opaque(deep(101))).not.toThrow()
    }
    const circle: unknown[] = []
    circle.push(circle)
    expect(() => opaque(circle)).toThrow('invalid value: nested more than 100 deep')
    expect(() => opaque({ f: () => 1 })).toThrow('invalid value: a function')
  })
})
