import { expect, test } from 'vitest'
import { Dictionary, DictionaryColumn } from '../column.ts'
import { CodeIds } from './code-ids.ts'
import { UNKNOWN } from './key-column.ts'

const column = (dictionary: Dictionary, ...codes: number[]) => new DictionaryColumn(Int32Array.from(codes), dictionary)

function look(codes: CodeIds, at: DictionaryColumn, selection: Int32Array | null = null): [number, number[]] {
  const ids = new Int32Array(selection === null ? at.codes.length : selection.length)
  const unknown = codes.look(at, selection, ids.length, ids)
  return [unknown, [...ids]]
}

function codeIds(capacity: number): CodeIds {
  const codes = new CodeIds()
  codes.grow(capacity)
  return codes
}

test('what was learnt of a code is known, by dictionary, as both grow', () => {
  const [one, two] = [new Dictionary(['a', 'b']), new Dictionary(['b', 'a'])]
  const codes = codeIds(4)
  expect(look(codes, column(one, 0, 1))).toEqual([2, [UNKNOWN, UNKNOWN]])
  codes.learn(column(one, 0, 1), 1, 3)
  expect(look(codes, column(one, 1, 0, 1))).toEqual([1, [3, UNKNOWN, 3]])
  expect(look(codes, column(two, 0, 1))).toEqual([2, [UNKNOWN, UNKNOWN]])
  for (let id = 4; id < 100; id++) {
    if (id === 64) codes.grow(128)
    if (id === 4) codes.grow(64)
    one.values.push(`${id}`)
    const last = column(one, one.values.length - 1)
    expect(look(codes, last)).toEqual([1, [UNKNOWN]])
    codes.learn(last, 0, id)
  }
  expect(look(codes, column(one, 1, 2, 97))).toEqual([0, [3, 4, 99]])
})

test('an id that was freed is forgotten, until it is learnt again', () => {
  const dictionary = new Dictionary(['a', 'b'])
  const codes = codeIds(4)
  const both = column(dictionary, 0, 1)
  codes.forget(2) // before there was a dictionary
  look(codes, both)
  codes.learn(both, 0, 0)
  codes.learn(both, 1, 1)
  codes.forget(0)
  expect(look(codes, both)).toEqual([1, [UNKNOWN, 1]])
  codes.learn(both, 0, 0)
  codes.grow(8)
  expect(look(codes, both)).toEqual([0, [0, 1]])
})

test('null is known apart from all codes, whatever code its row has', () => {
  const dictionary = new Dictionary(['a', 'b'])
  const codes = codeIds(4)
  const nullable = new DictionaryColumn(Int32Array.of(0, -7, 1, 1), dictionary, Uint8Array.of(0b1101))
  look(codes, nullable)
  codes.learn(nullable, 0, 2)
  codes.learn(nullable, 1, 3)
  expect(look(codes, nullable)).toEqual([2, [2, 3, UNKNOWN, UNKNOWN]])
  expect(look(codes, nullable, Int32Array.of(1, 0))).toEqual([0, [3, 2]])
})
