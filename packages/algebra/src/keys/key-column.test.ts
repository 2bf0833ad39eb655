/** What every kind of key column must do, in each form that its keys can arrive in. */
import { expect, test } from 'vitest'
import {
  AnyColumn,
  BigintColumn,
  BooleanColumn,
  bitmapBytes,
  type Column,
  Dictionary,
  DictionaryColumn,
  DoubleColumn,
  Int32Column,
  setValid,
  Utf8Column,
  type Validity,
} from '../column.ts'
import { AnyKeys } from './any-keys.ts'
import { BigintKeys } from './bigint-keys.ts'
import { BooleanKeys } from './boolean-keys.ts'
import { dictionaryText } from './dictionary-text.ts'
import { DoubleKeys } from './double-keys.ts'
import { Int32Keys } from './int32-keys.ts'
import { type KeyColumn, UNKNOWN } from './key-column.ts'
import { sameKey } from './key-value.ts'
import { TextKeys } from './text-keys.ts'

type Values = readonly unknown[]

function validityOf(values: Values): Validity {
  if (!values.includes(null)) return null
  const validity = new Uint8Array(bitmapBytes(values.length))
  for (const [i, v] of values.entries()) setValid(validity, i, v !== null)
  return validity
}

function dictionary(values: Values): DictionaryColumn {
  const texts = new Dictionary(['other', ...values.map(v => String(v))])
  return new DictionaryColumn(
    Int32Array.from(values, (_, i) => i + 1),
    texts,
    validityOf(values),
  )
}

function utf8(values: Values): Utf8Column {
  const { starts, lengths, heap } = dictionaryText(new Dictionary(values.map(v => String(v))))
  return new Utf8Column(starts, lengths, heap, validityOf(values))
}

const int32 = (values: Values) => new Int32Column(Int32Array.from(values, Number), validityOf(values))
const double = (values: Values) => new DoubleColumn(Float64Array.from(values, Number), validityOf(values))
const bigint = (values: Values) =>
  new BigintColumn(
    BigInt64Array.from(values, v => BigInt(String(v ?? 0))),
    validityOf(values),
  )
const boolean = (values: Values) => new BooleanColumn(Uint8Array.from(values, Number), validityOf(values))
const any = (values: Values) => new AnyColumn([...values])

interface Kind {
  readonly name: string
  readonly keys: () => KeyColumn
  readonly forms: readonly ((values: Values) => Column)[]
  readonly values: Values
}

const texts = ['', 'a', 'b', 'abcd', 'abce', 'abcdefghi', '1', 'ü', '\ud800']
const kinds: Kind[] = [
  { name: 'int32', keys: () => new Int32Keys(false), forms: [int32], values: [0, 1, -1, 2 ** 31 - 1] },
  { name: 'sole int32', keys: () => new Int32Keys(true), forms: [int32], values: [null, 0, 1, -1] },
  { name: 'double', keys: () => new DoubleKeys(), forms: [double], values: [0, 0.5, 1e300, Number.NaN, Infinity] },
  { name: 'double of integers', keys: () => new DoubleKeys(), forms: [double, int32], values: [0, 1, -5, 2 ** 30] },
  { name: 'bigint', keys: () => new BigintKeys(), forms: [bigint], values: [0n, 1n, 2n ** 32n, -1n, 2n ** 63n - 1n] },
  { name: 'boolean', keys: () => new BooleanKeys(), forms: [boolean], values: [true, false] },
  { name: 'text', keys: () => new TextKeys(), forms: [utf8, dictionary], values: texts },
  { name: 'any of text', keys: () => new AnyKeys(), forms: [any, utf8, dictionary], values: texts },
  { name: 'any of numbers', keys: () => new AnyKeys(), forms: [any, double], values: [0, 1, 0.5, Number.NaN] },
  { name: 'any', keys: () => new AnyKeys(), forms: [any], values: [1, '1', 1n, true, new Date(7), ''] },
]

/** Every pair of an id and a row, and rows that have no candidate. */
function pairs(n: number): { ids: Int32Array; rows: Int32Array } {
  const count = n * n + 2
  return {
    ids: Int32Array.from({ length: count }, (_, i) => (i < n * n ? Math.floor(i / n) : n * n - i - 1)),
    rows: Int32Array.from({ length: count }, (_, i) => i % n),
  }
}

const cases = kinds.flatMap(kind => [
  kind,
  { ...kind, name: `${kind.name}, with null`, values: [...kind.values, null] },
])

test.each(cases.map(kind => [kind.name, kind] as const))('%s', (_, { keys, forms, values }) => {
  for (const stored of forms) {
    for (const given of forms) {
      const column = keys()
      column.grow(1)
      column.grow(values.length)
      const from = stored(values)
      for (const id of values.keys()) column.put(id, from, id)
      const { ids, rows } = pairs(values.length)
      const at = given(values)
      const expected = [...ids].map((id, i) => (id < 0 || sameKey(values[id], values[rows[i]]) ? id : UNKNOWN))

      // a key column verifies ids and rows alike, one by one and together, selected and not
      for (const [i, id] of ids.entries())
        if (id >= 0) expect(column.equals(id, at, rows[i])).toBe(sameKey(values[id], values[rows[i]]))
      const verified = ids.slice()
      const wrong = column.verify(at, rows, rows.length, verified)
      expect([...verified]).toEqual(expected)
      expect(wrong).toBe(expected.filter((id, i) => id !== ids[i]).length)
      const spread = given([...rows].map(row => values[row]))
      verified.set(ids)
      expect(column.verify(spread, null, rows.length, verified)).toBe(wrong)
      expect([...verified]).toEqual(expected)

      const gathered = column.gather(ids, values.length ** 2)
      expect(Array.from({ length: values.length ** 2 }, (_, i) => gathered.get(i))).toEqual(
        [...ids.subarray(0, values.length ** 2)].map(id => values[id]),
      )
    }
  }
})

test('an id takes another key, null or not', () => {
  for (const { keys, forms, values } of kinds) {
    const column = keys()
    column.grow(2)
    for (const sequence of [values, [null, ...values], [null, null, values[0]]]) {
      const at = forms[0](sequence)
      for (const row of sequence.keys()) {
        column.put(1, at, row)
        expect(column.equals(1, at, row)).toBe(true)
        expect(column.gather(Int32Array.of(1), 1).get(0)).toEqual(sequence[row])
        column.remove(1)
      }
    }
  }
})
