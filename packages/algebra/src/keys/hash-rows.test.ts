import { expect, test } from 'vitest'
import {
  AnyColumn,
  type Column,
  Dictionary,
  DictionaryColumn,
  DoubleColumn,
  Int32Column,
  Utf8Column,
} from '../column.ts'
import { dictionaryText } from './dictionary-text.ts'
import { hashRows } from './hash-rows.ts'
import { hashValue } from './hash-value.ts'

function hashed(columns: Column[], selection: Int32Array | null, length: number): Int32Array {
  const out = new Int32Array(length + 1).fill(42)
  hashRows(columns, selection, length, out)
  expect(out[length]).toBe(42) // and no further
  return out.subarray(0, length)
}

const numbers = [0, -0, 5, -5, 0.5, 1e12, Number.NaN, Infinity, 2 ** 31, -(2 ** 31)]
const texts = ['', 'a', 'four', 'fivee', 'longer than a word', 'ü', '😀', '\ud800']

test('a row hashes as its value', () => {
  expect([...hashed([new DoubleColumn(Float64Array.from(numbers))], null, numbers.length)]).toEqual(
    numbers.map(hashValue),
  )
  const any = [...numbers, ...texts, 3n, true, false, null, undefined, new Date(5)]
  expect([...hashed([new AnyColumn(any)], null, any.length)]).toEqual(any.map(hashValue))
})

test('selections and absent rows', () => {
  const column = new Int32Column(Int32Array.of(10, 11, 12, 13), Uint8Array.of(0b1011))
  expect([...hashed([column], Int32Array.of(3, 2, 0), 3)]).toEqual([13, null, 10].map(hashValue))
})

test('every payload of NaN is one NaN', () => {
  const words = BigUint64Array.of(0x7ff8000000000000n, 0x7ff0000000000001n, 0xfff8000000000000n, 0x7ff8dead00000000n)
  const hashes = hashed([new DoubleColumn(new Float64Array(words.buffer))], null, 4)
  expect([...hashes]).toEqual(Array(4).fill(hashValue(Number.NaN)))
})

test('a view into a larger buffer is read where it is', () => {
  const all = Float64Array.of(9, 0.25, 0.5)
  expect([...hashed([new DoubleColumn(all.subarray(1))], null, 2)]).toEqual([0.25, 0.5].map(hashValue))
})

test('a dictionary that grows between batches', () => {
  const dictionary = new Dictionary(['a'])
  const one = () => hashed([new DictionaryColumn(Int32Array.of(dictionary.values.length - 1), dictionary)], null, 1)[0]
  for (let i = 0; i < 100; i++) {
    expect(one()).toBe(hashValue(dictionary.values[i]))
    dictionary.values.push(`next ${'x'.repeat(i)}`)
  }
})

test('bytes behind a text do not count', () => {
  const heap = Int32Array.of(0x21216261, 0x3f3f6261) // "ab!!" and "ab??"
  const column = new Utf8Column(Int32Array.of(0, 1), Int32Array.of(2, 2), heap)
  expect([...hashed([column], null, 2)]).toEqual([hashValue('ab'), hashValue('ab')])
})

test('a string with one letter beyond ASCII hashes as its UTF-8, wherever the letter is', () => {
  const strings = [...'ü\u0080\u07ff\uffff\ud83d'].flatMap(letter =>
    Array.from({ length: 12 }, (_, at) => `${'a'.repeat(at)}${letter}${'b'.repeat(11 - at)}`),
  )
  strings.push('ü'.repeat(2000), 'a')
  const { starts, lengths, heap } = dictionaryText(new Dictionary(strings))
  const hashes = hashed([new Utf8Column(starts, lengths, heap)], null, strings.length)
  expect([...hashes]).toEqual(strings.map(hashValue))
})

test('the order of key columns counts, and a composite of more than a batch of rows', () => {
  const n = 3000
  const a = new Int32Column(Int32Array.from({ length: n }, (_, i) => i))
  const b = new Int32Column(Int32Array.from({ length: n }, (_, i) => i + 1))
  const ab = hashed([a, b], null, n)
  const ba = hashed([b, a], null, n)
  expect(ab.filter((h, i) => h === ba[i]).length).toBeLessThan(2)
  expect(new Set(ab).size).toBeGreaterThan(n - 3)
})

test('a value that is no key is refused', () => {
  expect(() => hashRows([new AnyColumn([1, { id: 1 }])], null, 2, new Int32Array(2))).toThrow(/^invalid key: an object/)
})

test('groups of consecutive integers and of similar texts are filled evenly', () => {
  const n = 128 * 200
  for (const values of [Array.from({ length: n }, (_, i) => i), Array.from({ length: n }, (_, i) => `user-${i}`)]) {
    const counts = new Int32Array(128)
    for (const hash of hashed([new AnyColumn(values)], null, n)) counts[hash >>> 25]++
    const chiSquare = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)
    expect(chiSquare).toBeLessThan(200) // 127 degrees of freedom: beyond 4.5 standard deviations
  }
})
