/** The frames of docs/formats/frames.md, made by its reference in Python: they must decode for ever. */
import { readFileSync } from 'node:fs'
import {
  type Batch,
  decodeBatch,
  encodeBatch,
  FrameWriter,
  field,
  frameLength,
  Schema,
  type TypeKind,
} from '@millrace/algebra'
import { describe, expect, test } from 'vitest'

interface Expected {
  readonly bare: boolean
  readonly fields: [string, TypeKind, boolean][]
  /** How each column is held. */
  readonly kinds: string[]
  readonly length: number
  readonly rows: unknown[][]
  readonly weights: number[] | null
  readonly times: number[] | null
}

const bytes = new Uint8Array(readFileSync(new URL('./frames-v1.bin', import.meta.url)))
const fixture: Expected[] = JSON.parse(readFileSync(new URL('./frames-v1.json', import.meta.url), 'utf8'))

const ARRAYS: Record<number, { new (buffer: ArrayBuffer): unknown }> = {
  1: Uint8Array,
  8: Float64Array,
  10: BigUint64Array,
}
const hex = (text: string): ArrayBuffer => new Uint8Array(Buffer.from(text, 'hex')).buffer

/** What JSON cannot say is an object with one key: `$double`, `$bigint`, `$date`, `$map`, ... */
function javascript(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(javascript)
  if (typeof value !== 'object' || value === null) return value
  const [[tag, x] = ['', null]] = Object.entries(value)
  if (tag === '$undefined') return undefined
  if (tag === '$double') return x === 'inf' ? Number.POSITIVE_INFINITY : Number(x)
  if (tag === '$bigint') return BigInt(x)
  if (tag === '$date') return new Date(Number(x))
  if (tag === '$map') return new Map(x.map((entry: unknown) => javascript(entry)))
  if (tag === '$set') return new Set(x.map(javascript))
  if (tag === '$array') return new ARRAYS[x[0]](hex(x[1]))
  if (tag === '$buffer') return hex(x)
  const object = JSON.parse(JSON.stringify(value)) // keeps `__proto__` an own property
  for (const key of Object.keys(object))
    Object.defineProperty(object, key, {
      value: javascript(object[key]),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  return object
}

function schemaOf({ bare, fields }: Expected): Schema {
  return bare ? Schema.bare(fields[0][1], fields[0][2]) : Schema.record(fields.map(f => field(...f)))
}

function check(batch: Batch, expected: Expected): void {
  expect(batch.length).toBe(expected.length)
  expect(batch.columns.map(c => c.kind)).toEqual(expected.kinds)
  expected.rows.forEach((row, i) => {
    expect(row.map((_, c) => batch.get(c, i))).toStrictEqual(row.map(javascript))
  })
  const column = <T>(of: (row: number) => T) => Array.from({ length: batch.length }, (_, i) => of(i))
  expect(batch.weights === null ? null : column(i => batch.weight(i))).toEqual(expected.weights)
  expect(batch.times === null ? null : column(i => batch.time(i))).toEqual(expected.times)
}

describe('frames of version 1', () => {
  let rest = bytes
  const frames = fixture.map(() => {
    const frame = rest.subarray(0, frameLength(rest))
    rest = rest.subarray(frame.length)
    return frame
  })

  test.each(fixture.map((expected, i) => [i, expected] as const))('frame %i decodes', (i, expected) => {
    check(decodeBatch(frames[i], schemaOf(expected)), expected)
  })

  test.each(fixture.map((expected, i) => [i, expected] as const))('frame %i is still written so', (i, expected) => {
    const writer = new FrameWriter()
    encodeBatch(decodeBatch(frames[i], schemaOf(expected)), writer)
    expect(Buffer.from(writer.written()).toString('hex')).toBe(Buffer.from(frames[i]).toString('hex'))
  })

  test('are all of the file', () => {
    expect(rest.length).toBe(0)
  })
})
