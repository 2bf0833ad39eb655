import { expect, test } from 'vitest'
import { Dictionary } from '../column.ts'
import { decodeUtf8 } from '../utf8.ts'
import { dictionaryText } from './dictionary-text.ts'
import { hashValue } from './hash-value.ts'

test('all texts of a dictionary as words, as it grows', () => {
  const dictionary = new Dictionary()
  for (let i = 0; i < 100; i++) {
    dictionary.values.push(i % 7 === 0 ? '' : `${i}-ü`.repeat(i % 5), 'x'.repeat(i * 3))
    const { starts, lengths, heap, hashes } = dictionaryText(dictionary)
    const texts = dictionary.values.map((_, code) => decodeUtf8(heap, starts[code], lengths[code]))
    expect(texts).toEqual(dictionary.values)
    expect([...hashes.subarray(0, texts.length)]).toEqual(texts.map(hashValue))
  }
  expect(dictionaryText(dictionary)).toBe(dictionaryText(dictionary))
})
