/**
 * ns an upsert by key type and number of keys, and the longest pause of a batch while keys come in; beside it a look-up
 * of the same keys, as ready-made values, in a Map that holds no others. Ratios travel, absolute figures do not.
 * `npx esbuild packages/algebra/src/keys/keys.bench.ts --bundle --platform=node --format=esm --outfile=/tmp/keys.js && node /tmp/keys.js [name]`
 */
import {
  AnyColumn,
  BigintColumn,
  type Column,
  Dictionary,
  DictionaryColumn,
  DoubleColumn,
  Int32Column,
  Utf8Column,
} from '../column.ts'
import { field, type TypeKind } from '../schema.ts'
import { writeUtf8 } from '../utf8.ts'
import { keyIndex } from './create-key-index.ts'
import { hashRows } from './hash-rows.ts'

const ROWS = 1024

interface Case {
  readonly name: string
  readonly types: readonly TypeKind[]
  /** Columns of the keys with these numbers. */
  columns(numbers: Int32Array): Column[]
  readonly most?: number
}

function texts(numbers: Int32Array): Utf8Column {
  const starts = new Int32Array(numbers.length)
  const lengths = new Int32Array(numbers.length)
  const heap = new Int32Array(numbers.length * 4)
  const bytes = new Uint8Array(heap.buffer)
  for (let i = 0; i < numbers.length; i++) {
    starts[i] = i * 4
    lengths[i] = writeUtf8(bytes, i * 16, `user-${numbers[i]}`)
  }
  return new Utf8Column(starts, lengths, heap)
}

const dictionary = new Dictionary(Array.from({ length: 65_536 }, (_, i) => `user-${i}`))

const cases: Case[] = [
  { name: 'int32', types: ['int32'], columns: n => [new Int32Column(n)] },
  { name: 'double', types: ['double'], columns: n => [new DoubleColumn(Float64Array.from(n, x => x + 0.5))] },
  { name: 'double of int32', types: ['double'], columns: n => [new DoubleColumn(Float64Array.from(n))] },
  { name: 'bigint', types: ['bigint'], columns: n => [new BigintColumn(BigInt64Array.from(n, x => BigInt(x)))] },
  { name: 'text', types: ['text'], columns: n => [texts(n)] },
  { name: 'dictionary', types: ['text'], columns: n => [new DictionaryColumn(n, dictionary)], most: 65_536 },
  {
    name: 'int32, int32',
    types: ['int32', 'int32'],
    columns: n => [new Int32Column(n.map(x => x >> 8)), new Int32Column(n.map(x => x & 255))],
  },
  { name: 'text, int32', types: ['text', 'int32'], columns: n => [texts(n), new Int32Column(n.map(x => x & 255))] },
  { name: 'any number', types: ['any'], columns: n => [new AnyColumn(Array.from(n))] },
  { name: 'any text', types: ['any'], columns: n => [new AnyColumn(Array.from(n, x => `user-${x}`))] },
]

/** Processor time in ms: what others do on the machine counts for less. */
function now(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

let state = 12345

function random(bound: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) | 0
  return Math.floor(((state >>> 0) / 2 ** 32) * bound)
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]
}

function count(counts: Float64Array, ids: Int32Array): void {
  for (let i = 0; i < ROWS; i++) counts[ids[i]]++
}

function countInMap(map: Map<unknown, number>, counts: Float64Array, values: readonly unknown[]): void {
  for (let i = 0; i < ROWS; i++) counts[map.get(values[i]) ?? 0]++
}

/** A key as one would look it up in a Map: composite ones joined. */
function plain(columns: readonly Column[], row: number): unknown {
  return columns.length === 1 ? columns[0].get(row) : columns.map(c => c.get(row)).join('|')
}

function measure(c: Case, keys: number): Record<string, string | number> {
  const index = keyIndex(c.types.map((type, i) => field(`k${i}`, type)))
  const ids = new Int32Array(ROWS)
  const order = Int32Array.from({ length: keys }, (_, i) => i)
  for (let i = keys - 1; i > 0; i--) {
    const j = random(i + 1)
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  let inserting = 0
  let pause = 0
  for (let at = 0; at < keys; at += ROWS) {
    const columns = c.columns(order.slice(at, at + ROWS))
    const start = now()
    index.resolve(columns, null, Math.min(ROWS, keys - at), ids)
    const took = now() - start
    inserting += took
    pause = Math.max(pause, took)
  }
  const batches = Array.from({ length: keys > 1e6 ? 300 : 200 }, () =>
    c.columns(Int32Array.from({ length: ROWS }, () => random(keys))),
  )
  const counts = new Float64Array(index.capacity)
  const hashes = new Int32Array(ROWS)
  // five million strings would measure the collector
  const values = keys > 1e6 ? [] : batches.map(columns => Array.from(ids, (_, i) => plain(columns, i)))
  const map = new Map<unknown, number>()
  for (const batch of values) for (const value of batch) map.set(value, map.size % keys)
  const mapping: number[] = []
  const rounds: number[] = []
  const hashing: number[] = []
  for (let round = 0; round < 15; round++) {
    let start = now()
    for (const columns of batches) {
      index.resolve(columns, null, ROWS, ids)
      count(counts, ids)
    }
    rounds.push(((now() - start) * 1e6) / (batches.length * ROWS))
    start = now()
    for (const batch of values) countInMap(map, counts, batch)
    mapping.push(((now() - start) * 1e6) / (batches.length * ROWS))
    start = now()
    for (const columns of batches) hashRows(columns, null, ROWS, hashes)
    hashing.push(((now() - start) * 1e6) / (batches.length * ROWS))
  }
  return {
    key: c.name,
    keys,
    'upsert ns': median(rounds).toFixed(1),
    'Map ns': keys > 1e6 ? '-' : median(mapping).toFixed(1),
    'of it hash': median(hashing).toFixed(1),
    'insert ns': ((inserting * 1e6) / keys).toFixed(0),
    'longest ms': pause.toFixed(1),
  }
}

const only = process.argv[2]
const results: Record<string, string | number>[] = []
for (const c of cases) {
  if (only !== undefined && c.name !== only) continue
  measure(c, 20_000) // warms up
  for (const keys of [1000, 100_000, 5_000_000]) results.push(measure(c, Math.min(keys, c.most ?? keys)))
}
console.table(results)
