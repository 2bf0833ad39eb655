import { expect, test } from 'vitest'
import {
  AnyColumn,
  BigintColumn,
  BooleanColumn,
  type Column,
  Dictionary,
  DictionaryColumn,
  DoubleColumn,
  Int32Column,
  Utf8Column,
} from '../column.ts'
import { field, type TypeKind } from '../schema.ts'
import { keyIndex } from './create-key-index.ts'
import { dictionaryText } from './dictionary-text.ts'
import { hashValue } from './hash-value.ts'
import { Int32Keys } from './int32-keys.ts'
import { KeyIndex } from './key-index.ts'

const ints = (...values: number[]) => new Int32Column(Int32Array.from(values))
const index = (...types: TypeKind[]) => keyIndex(types.map((type, i) => field(`k${i}`, type, true)))

function resolve(keys: KeyIndex, columns: Column[], length: number): number[] {
  const ids = new Int32Array(length)
  keys.resolve(columns, null, length, ids)
  return [...ids]
}

test('ids are dense, in the order of first appearance, and the last freed is given out first', () => {
  const keys = index('int32')
  expect(resolve(keys, [ints(7, 8, 7, 9)], 4)).toEqual([0, 1, 0, 2])
  keys.free(0)
  keys.free(2)
  expect(resolve(keys, [ints(8, 9, 7, 5)], 4)).toEqual([1, 2, 0, 3])
  expect([keys.size, keys.highWater]).toEqual([4, 4])
})

test('no more rows than asked for', () => {
  const keys = index('int32')
  const ids = new Int32Array(3).fill(-2)
  keys.resolve([ints(1, 2, 3)], null, 2, ids)
  expect([...ids]).toEqual([0, 1, -2])
  ids.fill(-2)
  keys.find([ints(1, 9, 3)], null, 2, ids)
  expect([...ids, keys.size]).toEqual([0, -1, -2, 2])
})

test('a dictionary is a key alone or with others', () => {
  const dictionary = new Dictionary(['a', 'b'])
  const texts = new DictionaryColumn(Int32Array.of(0, 0, 1, 0), dictionary)
  const keys = index('text', 'int32')
  expect(resolve(keys, [texts, ints(1, 2, 1, 1)], 4)).toEqual([0, 1, 2, 0])
  expect(resolve(keys, [texts, ints(2, 1, 2, 3)], 4)).toEqual([1, 0, 3, 4])
})

test('texts that share a hash are two keys, in every form', () => {
  const [a, b] = ['key-17847', 'key-148998']
  expect(hashValue(a)).toBe(hashValue(b))
  const dictionary = new Dictionary([a, b, a])
  const { starts, lengths, heap } = dictionaryText(dictionary)
  const forms = [new DictionaryColumn(Int32Array.of(0, 1, 2), dictionary), new Utf8Column(starts, lengths, heap)]
  for (const first of forms) {
    for (const then of forms) {
      const [alone, composite] = [index('text'), index('int32', 'text')]
      for (const column of [first, then, then]) {
        expect(resolve(alone, [column], 3)).toEqual([0, 1, 0])
        expect(resolve(composite, [ints(5, 5, 5), column], 3)).toEqual([0, 1, 0])
      }
      const ids = new Int32Array(2)
      composite.free(1)
      composite.find([ints(5, 5), then], null, 2, ids)
      expect([...ids]).toEqual([0, -1])
    }
  }
})

test('a quarter of a million keys: each its own id, half of them freed and found gone', () => {
  const n = 1 << 18
  const keys = index('int32')
  const column = new Int32Column(Int32Array.from({ length: n }, (_, i) => Math.imul(i, 0x9e3779b1)))
  const ids = new Int32Array(n)
  keys.resolve([column], null, n, ids)
  expect(ids.every((id, i) => id === i)).toBe(true)
  expect(keys.capacity).toBe(n)
  for (let id = 0; id < n; id += 2) keys.free(id)
  keys.find([column], null, n, ids)
  expect(ids.every((id, i) => id === (i % 2 === 0 ? -1 : i))).toBe(true)
  let members = 0
  for (let g = 0; g < 128; g++) members += keys.group(g).length
  expect(members).toBe(n / 2)
})

test('a code whose id was freed and given to another key is not mistaken for it', () => {
  const dictionary = new Dictionary(['a', 'b'])
  const codes = (...values: number[]) => new DictionaryColumn(Int32Array.from(values), dictionary)
  const keys = index('text')
  expect(resolve(keys, [codes(0, 1, 0)], 3)).toEqual([0, 1, 0])
  keys.free(0)
  dictionary.values.push('c')
  expect(resolve(keys, [codes(2)], 1)).toEqual([0])
  expect(resolve(keys, [codes(0, 1, 2)], 3)).toEqual([2, 1, 0])
  const ids = new Int32Array(2)
  keys.free(1)
  keys.find([codes(1, 2)], null, 2, ids)
  expect([...ids]).toEqual([-1, 0])
})

test('gathered keys share nothing with the index', () => {
  const keys = index('text', 'any')
  const texts = new DictionaryColumn(Int32Array.of(0, 1), new Dictionary(['ab', 'text of several words']))
  const day = new Date(5)
  resolve(keys, [texts, new AnyColumn([1, day])], 2)
  day.setTime(6)
  const [text, any] = keys.gather(Int32Array.of(1, 0), 2)
  keys.free(0)
  keys.free(1)
  resolve(
    keys,
    [new DictionaryColumn(Int32Array.of(0), new Dictionary(['overwritten text here'])), new AnyColumn(['z'])],
    1,
  )
  expect([text.get(0), text.get(1)]).toEqual(['text of several words', 'ab'])
  expect([any.get(0), any.get(1)]).toEqual([new Date(5), 1])
})

test('an index of doubles finds int32 keys, -0 comes out as 0', () => {
  const keys = index('double')
  expect(resolve(keys, [new DoubleColumn(Float64Array.of(-0, 1, 1.5))], 3)).toEqual([0, 1, 2])
  expect(resolve(keys, [ints(1, 0, 2)], 3)).toEqual([1, 0, 3])
  expect(Object.is(keys.gather(Int32Array.of(0), 1)[0].get(0), 0)).toBe(true)
})

test('a column whose kind cannot hold the keys is refused, and so is a wrong number of columns', () => {
  const columns: Column[] = [
    ints(1),
    new DoubleColumn(Float64Array.of(1)),
    new BigintColumn(BigInt64Array.of(1n)),
    new BooleanColumn(Uint8Array.of(1)),
    new DictionaryColumn(Int32Array.of(0), new Dictionary(['1'])),
    new Utf8Column(Int32Array.of(0), Int32Array.of(1), Int32Array.of(0x31)),
    new AnyColumn([1]),
  ]
  const taken: Record<TypeKind, string[]> = {
    int32: ['int32'],
    double: ['int32', 'double'],
    timestamp: ['int32', 'double'],
    bigint: ['bigint'],
    boolean: ['boolean'],
    text: ['dictionary', 'utf8'],
    any: columns.map(c => c.kind),
  }
  for (const type of Object.keys(taken) as TypeKind[]) {
    for (const column of columns) {
      const run = () => resolve(index(type), [column], 1)
      if (taken[type].includes(column.kind)) expect(run()).toEqual([0])
      else expect(run).toThrow(/^invalid key column: \w+ for keys of type \w+/)
    }
  }
  expect(() => resolve(index('int32', 'int32'), [ints(1)], 1)).toThrow('invalid key: 1 columns for 2')
})

test('a value that is no key leaves the index as it was', () => {
  const keys = index('any')
  expect(() => resolve(keys, [new AnyColumn(['new', {}])], 2)).toThrow(/^invalid key: an object/)
  expect([keys.size, keys.highWater]).toEqual([0, 0])
})

test('more keys than an index can have are an error, and what it has stays', () => {
  const keys = new KeyIndex([field('k', 'int32')], [new Int32Keys(true)], 128)
  const many = (n: number) => ints(...Array.from({ length: n }, (_, i) => i))
  expect(resolve(keys, [many(128)], 128)).toHaveLength(128)
  expect(() => resolve(keys, [many(129)], 129)).toThrow('more than 128 keys in one operator. Raise the parallelism')
  expect(resolve(keys, [ints(127)], 1)).toEqual([127])
  keys.free(5)
  expect(resolve(keys, [ints(128)], 1)).toEqual([5])
  const other = new KeyIndex([field('k', 'int32')], [new Int32Keys(true)], 128)
  expect(() => other.restore({ highWater: 129, free: new Int32Array(0) })).toThrow('more than 128 keys')
})

test('freeing what is not there is an error', () => {
  const keys = index('int32')
  resolve(keys, [ints(1)], 1)
  keys.free(0)
  for (const id of [0, 1, -1]) expect(() => keys.free(id)).toThrow(`unknown key id: ${id}`)
})

test('a layout that cannot be is refused', () => {
  const restored = (highWater: number, ...free: number[]) => {
    const keys = index('int32')
    keys.restore({ highWater, free: Int32Array.from(free) })
    return keys
  }
  expect(() => restored(2, 2)).toThrow('invalid key layout: free id 2 of 2')
  expect(() => restored(2, 1, 1)).toThrow('invalid key layout: free id 1 of 2')
  expect(() => restored(2).place(Int32Array.of(0, 1), [ints(5, 5)], 2)).toThrow('ids 0 and 1 have the same key')
  expect(() => restored(2).place(Int32Array.of(0, 0), [ints(5, 6)], 2)).toThrow('id 0 is not awaited')
  expect(() => restored(2, 1).place(Int32Array.of(1), [ints(5)], 1)).toThrow('id 1 is not awaited')
  expect(() => restored(2).place(Int32Array.of(2), [ints(5)], 1)).toThrow('id 2 is not awaited')
  expect(() => resolve(restored(2, 1), [ints(5)], 1)).toThrow('missing keys: 1 ids of a restored index')
  const used = index('int32')
  resolve(used, [ints(1)], 1)
  expect(() => used.restore({ highWater: 0, free: new Int32Array(0) })).toThrow('the key index is in use')
})
