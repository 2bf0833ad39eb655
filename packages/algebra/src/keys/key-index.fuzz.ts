/**
 * The index against a naive twin, a Map from the key's encoding to its id, under random sequences of resolve, find,
 * free and restore over every key type, with keys that share a hash among them.
 */
import fc from 'fast-check'
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
} from '../column.ts'
import { field, type TypeKind } from '../schema.ts'
import { utf8Length, writeUtf8 } from '../utf8.ts'
import { keyIndex } from './create-key-index.ts'
import { encodeKey } from './encoding.ts'
import { tag } from './format.ts'
import { hashValue } from './hash-value.ts'
import type { KeyIndex } from './key-index.ts'
import { mixWord } from './murmur.ts'

class Twin {
  readonly ids = new Map<string, number>()
  readonly free: number[] = []
  highWater = 0

  find(key: readonly unknown[]): number {
    return this.ids.get(Buffer.from(encodeKey(key)).toString('hex')) ?? -1
  }
  resolve(key: readonly unknown[]): number {
    const known = this.find(key)
    if (known >= 0) return known
    const id = this.free.pop() ?? this.highWater++
    this.ids.set(Buffer.from(encodeKey(key)).toString('hex'), id)
    return id
  }
  remove(id: number): void {
    for (const [key, held] of this.ids) if (held === id) this.ids.delete(key)
    this.free.push(id)
  }
  clear(): void {
    this.ids.clear()
    this.free.length = 0
    this.highWater = 0
  }
  live(): number[] {
    return [...this.ids.values()].sort((a, b) => a - b)
  }
}

/** x with x * odd === 1 modulo 2^32, by Newton's iteration. */
function inverse(odd: number): number {
  let x = odd
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(odd, x))
  return x
}

/** The last word of an input of `bytes` bytes that hashes to `hash` from a state: murmur3 backwards. */
function lastWord(state: number, hash: number, bytes: number): number {
  let h = hash ^ (hash >>> 16)
  h = Math.imul(h, inverse(0xc2b2ae35))
  h ^= (h >>> 13) ^ (h >>> 26)
  h = Math.imul(h, inverse(0x85ebca6b))
  h ^= h >>> 16
  h = Math.imul((h ^ bytes) - 0xe6546b64, inverse(5))
  let k = Math.imul(((h >>> 13) | (h << 19)) ^ state, inverse(0x1b873593))
  k = (k >>> 15) | (k << 17)
  return Math.imul(k, inverse(0xcc9e2d51))
}

/** An int32 with this hash. */
function collidingInt(hash: number): number {
  return lastWord(tag.number, hash, 4)
}

/** A double with this hash that is no int32. */
function collidingNumber(hash: number): number {
  const view = new DataView(new ArrayBuffer(8))
  for (let low = 1; ; low++) {
    view.setInt32(0, low, true)
    view.setInt32(4, lastWord(mixWord(tag.number, low), hash, 8), true)
    if (Number.isFinite(view.getFloat64(0, true))) return view.getFloat64(0, true)
  }
}

/** Pairs of texts with one hash: among 200,000, the birthday paradox has a few. */
function collidingTexts(): string[] {
  const seen = new Map<number, string>()
  const found: string[] = []
  for (let i = 0; i < 200_000; i++) {
    const text = `key-${i}`
    const twin = seen.get(hashValue(text))
    if (twin !== undefined) found.push(twin, text)
    seen.set(hashValue(text), text)
  }
  return found
}

const collisions = collidingTexts()
const numbers = [0, -0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 0.5, 1e300, 2 ** 53, Number.NaN, Infinity, -Infinity]
const texts = [
  '',
  'a',
  'b',
  'abcd',
  'abcde',
  'a\0',
  '\0',
  'é',
  '日本',
  '😀',
  '\ud83d',
  '\ude00',
  '\udc00\ud800',
  'x'.repeat(99),
]
const pools: Record<TypeKind, readonly unknown[]> = {
  int32: [0, 1, -1, 7, 2 ** 31 - 1, -(2 ** 31), collidingInt(hashValue(null)), null],
  double: [...numbers, ...numbers.map(n => collidingNumber(hashValue(n))), null],
  timestamp: [0, 1_700_000_000_000, 1.5, Number.NaN, null],
  bigint: [0n, 1n, -1n, 2n ** 31n, 2n ** 63n - 1n, -(2n ** 63n), null],
  boolean: [true, false, null],
  text: [...texts, ...collisions, null],
  any: [
    ...numbers,
    ...texts,
    ...collisions,
    1n,
    2n ** 70n,
    -(2n ** 64n),
    true,
    false,
    null,
    undefined,
    new Date(1),
    new Date(1e12),
    '1',
  ],
}

/** The values as a column that can hold them; `form` picks among the kinds that can. */
function columnOf(type: TypeKind, values: readonly unknown[], form: number): Column {
  const valid = values.some(v => v === null) || form % 2 === 0 ? new Uint8Array(bitmapBytes(values.length)) : null
  for (const [i, v] of values.entries()) if (valid !== null) setValid(valid, i, v !== null)
  switch (type) {
    case 'int32':
      return new Int32Column(
        Int32Array.from(values as number[], v => v ?? 99),
        valid,
      )
    case 'double':
    case 'timestamp':
      if (form < 5 && values.every(v => v === null || Object.is((v as number) | 0, v)))
        return columnOf('int32', values, form)
      return new DoubleColumn(
        Float64Array.from(values as number[], v => v ?? 99),
        valid,
      )
    case 'bigint':
      return new BigintColumn(
        BigInt64Array.from(values as bigint[], v => v ?? 99n),
        valid,
      )
    case 'boolean':
      return new BooleanColumn(
        Uint8Array.from(values, v => (v === null ? 255 : Number(v))),
        valid,
      )
    case 'text':
      return form < 5 ? dictionaryOf(values as (string | null)[], valid) : utf8Of(values as (string | null)[], valid)
    case 'any': {
      const typed = (['double', 'bigint', 'boolean', 'text'] as const).find(t => values.every(v => fits(t, v)))
      return form < 5 && typed !== undefined ? columnOf(typed, values, form) : new AnyColumn([...values])
    }
  }
}

function fits(type: TypeKind, value: unknown): boolean {
  return value === null || pools[type].some(v => Object.is(v, value))
}

const shared = new Dictionary()

function dictionaryOf(values: readonly (string | null)[], valid: Uint8Array | null): DictionaryColumn {
  const codes = values.map(v => {
    if (v === null) return -1
    if (!shared.values.includes(v)) shared.values.push(v)
    return shared.values.indexOf(v)
  })
  return new DictionaryColumn(Int32Array.from(codes), shared, valid)
}

/** With garbage behind every text. */
function utf8Of(values: readonly (string | null)[], valid: Uint8Array | null): Utf8Column {
  const lengths = Int32Array.from(values, v => (v === null ? 1 << 30 : utf8Length(v)))
  const starts = new Int32Array(values.length)
  let words = 0
  values.forEach((v, i) => {
    starts[i] = words
    words += v === null ? 0 : ((lengths[i] + 3) >>> 2) + 1
  })
  const heap = new Int32Array(words).fill(0x21212121)
  for (const [i, v] of values.entries()) if (v !== null) writeUtf8(new Uint8Array(heap.buffer), starts[i] * 4, v)
  return new Utf8Column(starts, lengths, heap, valid)
}

type Step =
  | {
      readonly op: 'resolve' | 'find'
      readonly picks: readonly number[]
      readonly form: number
      readonly select: boolean
    }
  | { readonly op: 'free'; readonly picks: readonly number[] }
  | { readonly op: 'clear' }
  | { readonly op: 'restore' }

const picks = fc.array(fc.nat(1000), { maxLength: 40 })
const rows = { picks, form: fc.nat(9), select: fc.boolean() }
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ op: fc.constant('resolve' as const), ...rows }) },
    { weight: 3, arbitrary: fc.record({ op: fc.constant('find' as const), ...rows }) },
    {
      weight: 4,
      arbitrary: fc.record({ op: fc.constant('free' as const), picks: fc.array(fc.nat(1000), { maxLength: 9 }) }),
    },
    { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('clear' as const, 'restore' as const) }) },
  ),
  { maxLength: 25 },
)

function apply(index: KeyIndex, twin: Twin, types: readonly TypeKind[], step: Step): KeyIndex {
  if (step.op === 'restore') return restored(index)
  if (step.op === 'clear') {
    const before = twin.live()
    index.clear()
    twin.clear()
    for (const id of before) expect(index.isLive(id)).toBe(false)
    return index
  }
  if (step.op === 'free') {
    for (const pick of step.picks) {
      const live = twin.live()
      if (live.length === 0) break
      const id = live[pick % live.length]
      index.free(id)
      twin.remove(id)
      expect(index.isLive(id)).toBe(false)
    }
    return index
  }
  // a key is a choice from each pool, spread so that columns vary independently
  const keys = step.picks.map(pick => types.map((type, c) => pools[type][(pick * (c + 1)) % pools[type].length]))
  const columns = types.map((type, c) =>
    columnOf(
      type,
      keys.map(key => key[c]),
      step.form,
    ),
  )
  const selection = step.select ? Int32Array.from(keys.keys()).filter(row => row % 3 !== 1) : null
  const length = selection === null ? keys.length : selection.length
  const ids = new Int32Array(length)
  index[step.op](columns, selection, length, ids)
  const expected = Array.from(ids, (_, i) => twin[step.op](keys[selection === null ? i : selection[i]]))
  expect([...ids]).toEqual(expected)
  return index
}

/** A new index from what a snapshot would hold, its keys in the order of groups. */
function restored(index: KeyIndex): KeyIndex {
  const copy = keyIndex(index.fields)
  copy.restore(index.layout())
  for (let g = 0; g < 128; g++) {
    const ids = index.group(g)
    copy.place(ids, index.gather(ids, ids.length), ids.length)
  }
  return copy
}

/** All that an index shows, against the twin. */
function check(index: KeyIndex, twin: Twin): void {
  const live = twin.live()
  expect(index.size).toBe(live.length)
  expect(index.highWater).toBe(twin.highWater)
  expect(index.capacity).toBeGreaterThanOrEqual(index.highWater)
  expect([...index.layout().free]).toEqual(twin.free)
  const grouped = Array.from({ length: 128 }, (_, g) => [...index.group(g)])
  expect(grouped.flat().sort((a, b) => a - b)).toEqual(live)
  for (const [g, ids] of grouped.entries()) {
    if (ids.length === 0) continue
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
    expect(ids.map(id => index.hashOf(id) >>> 25)).toEqual(ids.map(() => g))
  }
  const columns = index.gather(Int32Array.from(live), live.length)
  expect(live.map((_, i) => twin.find(columns.map(c => c.get(i))))).toEqual(live)
}

const kinds: TypeKind[][] = [
  ...(Object.keys(pools) as TypeKind[]).map(type => [type]),
  ['int32', 'int32'],
  ['text', 'double'],
  ['boolean', 'text', 'any'],
  ['bigint', 'timestamp', 'int32', 'text'],
  [],
]

test('there are keys that share a hash', () => {
  expect(hashValue(pools.int32[6])).toBe(hashValue(null))
  expect(hashValue(collidingNumber(hashValue(7)))).toBe(hashValue(7))
  expect(collisions.length).toBeGreaterThan(0)
})

test.each(kinds.map(types => [types.join(', ') || 'no column', types] as const))(
  'keys of %s: the twin gives the same ids',
  (_, types) => {
    fc.assert(
      fc.property(steps, sequence => {
        let index = keyIndex(types.map((type, c) => field(`k${c}`, type, true)))
        const twin = new Twin()
        for (const step of sequence) {
          index = apply(index, twin, types, step)
          check(index, twin)
        }
      }),
      { numRuns: 40 },
    )
  },
)
