/** The vectors of docs/formats/keys.md, made by its reference in Python: they must hold for ever. */
import { readFileSync } from 'node:fs'
import {
  AnyColumn,
  BigintColumn,
  BooleanColumn,
  type Column,
  Dictionary,
  DictionaryColumn,
  DoubleColumn,
  encodeKey,
  field,
  hashRows,
  hashValue,
  Int32Column,
  KEY_FORMAT_VERSION,
  keyIndex,
  Utf8Column,
  utf8Length,
  writeUtf8,
} from '@millrace/algebra'
import { expect, test } from 'vitest'

type Atom = { readonly [kind in 'null' | 'undefined' | 'boolean' | 'number' | 'time' | 'bigint' | 'text']?: unknown }

interface Vector {
  readonly key: readonly Atom[]
  readonly encoding: string
  readonly hash: number
  readonly group: number
}

const fixture: { version: number; vectors: Vector[] } = JSON.parse(
  readFileSync(new URL('./keys.json', import.meta.url), 'utf8'),
)

function javascript(atom: Atom): unknown {
  const [kind, value] = Object.entries(atom)[0]
  if (kind === 'null') return null
  if (kind === 'undefined') return undefined
  if (kind === 'number') return Number(value)
  if (kind === 'time') return new Date(Number(value))
  if (kind === 'bigint') return BigInt(String(value))
  return value
}

function utf8(text: string): Utf8Column {
  const heap = new Int32Array((utf8Length(text) >>> 2) + 3).fill(-1)
  writeUtf8(new Uint8Array(heap.buffer), 4, text)
  return new Utf8Column(Int32Array.of(1), Int32Array.of(utf8Length(text)), heap)
}

/** Every kind of column that can hold the value, in its row 0. */
function columnsOf(value: unknown): Column[] {
  const columns: Column[] = [new AnyColumn([value])]
  if (value === null || value === undefined) {
    const absent = Uint8Array.of(0)
    columns.push(
      new Int32Column(Int32Array.of(7), absent),
      new DoubleColumn(Float64Array.of(7), absent),
      new BigintColumn(BigInt64Array.of(7n), absent),
      new BooleanColumn(Uint8Array.of(1), absent),
      new DictionaryColumn(Int32Array.of(0), new Dictionary(['7']), absent),
      new Utf8Column(Int32Array.of(99), Int32Array.of(99), new Int32Array(0), absent),
    )
  } else if (typeof value === 'number' || value instanceof Date) {
    const number = Number(value)
    columns.push(new DoubleColumn(Float64Array.of(number)))
    if ((number | 0) === number) columns.push(new Int32Column(Int32Array.of(number)))
  } else if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) === value) columns.push(new BigintColumn(BigInt64Array.of(value)))
  } else if (typeof value === 'boolean') columns.push(new BooleanColumn(Uint8Array.of(Number(value))))
  else columns.push(utf8(String(value)), new DictionaryColumn(Int32Array.of(1), new Dictionary(['', String(value)])))
  return columns
}

/** All ways to choose one column for each value. */
function* choices(values: readonly unknown[]): Generator<Column[]> {
  if (values.length === 0) yield []
  else for (const rest of choices(values.slice(1))) for (const column of columnsOf(values[0])) yield [column, ...rest]
}

test('the fixture is of the version in the code, and covers the types', () => {
  expect(fixture.version).toBe(KEY_FORMAT_VERSION)
  const kinds = new Set(fixture.vectors.flatMap(v => v.key.flatMap(Object.keys)))
  expect([...kinds].sort()).toEqual(['bigint', 'boolean', 'null', 'number', 'text', 'time', 'undefined'])
})

test.each(fixture.vectors.map(v => [JSON.stringify(v.key).slice(0, 60), v] as const))('%s', (_, vector) => {
  const values = vector.key.map(javascript)
  expect(Buffer.from(encodeKey(values)).toString('hex')).toBe(vector.encoding)
  if (values.length === 1) expect(hashValue(values[0]) >>> 0).toBe(vector.hash)
  const hashes = new Int32Array(1)
  for (const columns of choices(values)) {
    hashRows(columns, null, 1, hashes)
    expect([hashes[0] >>> 0, columns.map(c => c.kind)]).toEqual([vector.hash, columns.map(c => c.kind)])
    expect(hashes[0] >>> 25).toBe(vector.group)
  }
})

test('two keys of the fixture get one id exactly if they have one encoding', () => {
  for (const arity of [0, 1, 2, 5]) {
    const vectors = fixture.vectors.filter(v => v.key.length === arity)
    const index = keyIndex(Array.from({ length: arity }, (_, c) => field(`k${c}`, 'any', true)))
    const columns = Array.from({ length: arity }, (_, c) => new AnyColumn(vectors.map(v => javascript(v.key[c]))))
    const ids = new Int32Array(vectors.length)
    index.resolve(columns, null, vectors.length, ids)
    expect(index.size).toBe(new Set(vectors.map(v => v.encoding)).size)
    for (const [i, v] of vectors.entries()) {
      expect(ids[i]).toBe(ids[vectors.findIndex(other => other.encoding === v.encoding)])
      expect(index.hashOf(ids[i]) >>> 25).toBe(v.group)
    }
  }
})
