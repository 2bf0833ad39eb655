import { describe, expect, it } from 'vitest'
import type { DictionaryColumn } from '../column.ts'
import { field } from '../schema.ts'
import { TextBuilder } from './text.ts'

const rows = (builder: TextBuilder): unknown[] => {
  const column = builder.build()
  return Array.from({ length: builder.length }, (_, i) => column.get(i))
}

describe('TextBuilder', () => {
  it('keeps one dictionary over batches while text repeats', () => {
    const builder = new TextBuilder(field('s', 'text'), 16)
    const dictionaries = Array.from({ length: 5 }, () => {
      for (let i = 0; i < 1000; i++) builder.append(`state ${i % 50}`)
      const column = builder.take() as DictionaryColumn
      expect(column.kind).toBe('dictionary')
      return column.dictionary
    })
    expect(new Set(dictionaries).size).toBe(1)
    expect(dictionaries[0].values).toHaveLength(50)
  })

  it('gives the dictionary up when more than half of the rows are new, after the trial', () => {
    const builder = new TextBuilder(field('s', 'text', true), 16)
    const values = Array.from({ length: 1024 }, (_, i) => (i % 10 === 0 ? null : `key ${i >> 1} \u{1F600} \uD800`))
    for (const value of values) builder.append(value)
    expect(builder.build().kind).toBe('dictionary')
    for (let i = 0; i < 1100; i++) {
      values.push(`unique ${i}`)
      builder.append(`unique ${i}`)
    }
    builder.append(null)
    values.push(null)
    expect(builder.build().kind).toBe('utf8')
    expect(rows(builder)).toEqual(values)
    builder.take()
    for (let i = 0; i < 40; i++) builder.append('ä')
    builder.truncate(33)
    expect(rows(builder)).toEqual(new Array(33).fill('ä'))
    builder.clear()
    builder.append('after a clear: \uDC00')
    expect(rows(builder)).toEqual(['after a clear: \uDC00'])
  })

  it('gives the dictionary up at 65536 entries, leaving columns handed out before as they were', () => {
    const builder = new TextBuilder(field('s', 'text'), 1024)
    for (let i = 0; i < 65536; i++) for (let twice = 0; twice < 2; twice++) builder.append(`${i}`)
    const before = builder.take()
    expect(before.kind).toBe('dictionary')
    builder.append('7')
    builder.append('one too many')
    expect(builder.build().kind).toBe('utf8')
    expect(rows(builder)).toEqual(['7', 'one too many'])
    expect(before.get(131071)).toBe('65535')
  })

  it('gives the dictionary up past 1 Mi characters', () => {
    const builder = new TextBuilder(field('s', 'text'), 16)
    const long = 'x'.repeat(1 << 18)
    for (let i = 0; i < 5; i++) builder.append(`${long}${i}`)
    const column = builder.build()
    expect(column.kind).toBe('utf8')
    expect(column.get(4)).toBe(`${long}4`)
    expect(column.get(0)).toBe(`${long}0`)
  })

  it('gives up a dictionary with no or one entry, nulls before it', () => {
    const long = 'x'.repeat((1 << 20) + 1)
    for (const before of [
      [null, null],
      [null, 'a', 'a'],
    ]) {
      const builder = new TextBuilder(field('s', 'text', true), 2)
      for (const value of [...before, long]) builder.append(value)
      const column = builder.build()
      expect(column.kind).toBe('utf8')
      expect(before.map((_, i) => column.get(i))).toEqual(before)
      expect(column.get(before.length) === long).toBe(true)
    }
  })

  it('survives a take and clear of nothing, and nulls before any value', () => {
    const builder = new TextBuilder(field('s', 'text', true), 0)
    builder.take()
    builder.clear()
    builder.appendNull()
    builder.appendNull()
    builder.append('x')
    expect(rows(builder)).toEqual([null, null, 'x'])
    builder.truncate(1)
    builder.append('y')
    expect(rows(builder)).toEqual([null, 'y'])
  })
})
