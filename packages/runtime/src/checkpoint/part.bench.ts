/**
 * Parts, in figures: how fast typed and opaque state is encoded, written to a folder, read back and decoded, and the longest time
 * that the event loop had no turn while it was written. The folder: the first argument, by default in /dev/shm.
 * `npx esbuild packages/runtime/src/checkpoint/part.bench.ts --bundle --platform=node --format=esm --conditions=source --outfile=/tmp/part.mjs && node /tmp/part.mjs`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AnyColumn, Batch, DoubleColumn, field, Int32Column, Schema } from '@millrace/algebra'
import { decodePart } from './decode-part.ts'
import { encodePart } from './encode-part.ts'
import { folderStorage } from './folder-storage.ts'
import type { PartRecord } from './part.ts'

const GROUPS = 128
const ids = (rows: number): Int32Column => new Int32Column(Int32Array.from({ length: rows }, (_, i) => i))

function typed(rows: number): Batch {
  const doubles = ['a', 'b', 'c'].map(() => new DoubleColumn(Float64Array.from({ length: rows }, (_, i) => i / 7)))
  const schema = Schema.record([field('id', 'int32'), ...['a', 'b', 'c'].map(name => field(name, 'double'))])
  return new Batch(schema, [ids(rows), ...doubles], rows)
}

function opaque(rows: number): Batch {
  const values = Array.from({ length: rows }, (_, i) => ({ name: `user ${i}`, count: i, tags: ['a', 'b'] }))
  const schema = Schema.record([field('id', 'int32'), field('value', 'any', true)])
  return new Batch(schema, [ids(rows), new AnyColumn(values)], rows)
}

const rate = (bytes: number, sinceMs: number): string =>
  `${(bytes / 1e6 / (performance.now() - sinceMs)).toFixed(2)} GB/s`

const folder = mkdtempSync(join(process.argv[2] ?? '/dev/shm', 'parts-'))
const storage = folderStorage(folder)
for (const [name, batch] of [
  ['typed', typed(150_000)],
  ['opaque', opaque(8_000)],
] as const) {
  const of = { operator: 'o', subtask: 0, state: 's', change: false, meta: null, batch }
  const records = Array.from({ length: GROUPS }, (_, group): PartRecord => ({ ...of, group }))
  for (let round = 0; round < 4; round++) {
    let begin = performance.now()
    let bytes = 0
    for (const chunk of encodePart(records)) bytes += chunk.length
    const encoded = rate(bytes, begin)
    let longest = 0
    let last = performance.now()
    const turns = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 1)
    begin = performance.now()
    const file = await storage.write('part', encodePart(records))
    const written = rate(bytes, begin)
    clearInterval(turns)
    begin = performance.now()
    await storage.digest('part')
    const checked = rate(bytes, begin)
    const content = (await storage.read('part'))!
    begin = performance.now()
    let rows = 0
    for (const record of decodePart(content, file)) rows += record.batch!.length
    const decoded = rate(bytes, begin)
    await storage.delete('part')
    const figures = `encoded ${encoded}, and written ${written}, checked ${checked}, decoded ${decoded}`
    console.log(
      `${name}, ${rows} rows, ${(bytes / 1e6).toFixed(0)} MB: ${figures}; longest turn ${longest.toFixed(0)} ms`,
    )
  }
}
rmSync(folder, { recursive: true })
