/** Files that are not what they were when a checkpoint was taken: readers that go on from there say so. */
import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { int32, type Json, type Source, text } from '@millrace/runtime'
import { batchOf, readSplit, ScratchFolder, writeToSink } from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { csv } from './csv/csv.ts'
import { jsonLines } from './json-lines/json-lines.ts'
import { parquet } from './parquet/parquet.ts'
import { textLines } from './text/text-lines.ts'

const scratch = new ScratchFolder()
const columns = { id: int32, name: text }
const upTo = (end: number) => Array.from({ length: end }, (_, id) => ({ id, name: `row ${id}` }))

interface Case {
  readonly ending: string
  readonly make: (path: string) => Source
  readonly content: (rows: readonly { id: number; name: string }[]) => Uint8Array
}

const bytes = (lines: readonly string[]) => Buffer.from(lines.map(line => `${line}\n`).join(''))
const cases: Record<string, Case> = {
  text: {
    ending: '.txt',
    make: path => textLines(path),
    content: rows => bytes(rows.map(({ name }) => name)),
  },
  'JSON Lines': {
    ending: '.jsonl',
    make: path => jsonLines(path, columns),
    content: rows => bytes(rows.map(row => JSON.stringify(row))),
  },
  CSV: {
    ending: '.csv',
    make: path => csv(path, columns),
    content: rows => bytes(['id,name', ...rows.map(({ id, name }) => `${id},${name}`)]),
  },
  'gzipped CSV': {
    ending: '.csv.gz',
    make: path => csv(path, columns),
    content: rows => gzipSync(bytes(['id,name', ...rows.map(({ id, name }) => `${id},${name}`)])),
  },
}

/** The offset behind some rows, as a checkpoint gives it back. */
async function offsetBehind(source: Source, id: string, rows: number): Promise<Json> {
  const { offsets } = await readSplit(source, { id }, { maxRows: rows, limit: rows })
  expect(offsets.at(-1)?.rows).toBe(rows)
  return JSON.parse(JSON.stringify(offsets.at(-1)!.offset)) as Json
}

describe.each(Object.entries(cases))('%s that is read on', (_, { ending, make, content }) => {
  const begun = async (rows = 20) => {
    const path = scratch.file(`a${rows}${ending}`, content(upTo(50)))
    const source = make(path)
    const offset = await offsetBehind(source, path, rows)
    return { path, offset, goOn: () => readSplit(source, { id: path, offset }) }
  }
  const changed = (path: string, offset: Json, reason: RegExp) => ({
    code: 'INVALID_FORMAT',
    message: expect.stringMatching(
      new RegExp(`invalid offset of ${path}: ${(offset as { byte: number }).byte} \\(${reason.source}\\)`),
    ),
    hint: expect.stringContaining('changed since the checkpoint'),
  })
  it.each([1, 20, 50])('may have grown, behind %i rows', async rows => {
    const { path, goOn } = await begun(rows)
    writeFileSync(path, content(upTo(60)))
    expect((await goOn()).rows).toHaveLength(60 - rows)
  })
  it.each([0, 1, 19])('is refused if it has become shorter: %i rows', async rows => {
    const { path, offset, goOn } = await begun()
    writeFileSync(path, content(upTo(rows)))
    const size = ending.endsWith('.gz') ? /it has \d+ bytes/ : new RegExp(`it has ${content(upTo(rows)).length} bytes`)
    await expect((async () => goOn())()).rejects.toMatchObject(changed(path, offset, size))
  })
  it('is refused if another has taken its place', async () => {
    const { path, offset, goOn } = await begun()
    writeFileSync(path, content(upTo(90).slice(30)))
    await expect(goOn()).rejects.toMatchObject(changed(path, offset, /what is before it has changed/))
  })
  it('goes on from an offset without a checksum', async () => {
    const { path, offset } = await begun()
    const { byte, line } = offset as { byte: number; line: number }
    expect((await readSplit(make(path), { id: path, offset: { byte, line } })).rows).toHaveLength(30)
  })
  it('has the same offset when it was not read on', async () => {
    const { path, offset } = await begun()
    const { offsets } = await readSplit(make(path), { id: path, offset }, { limit: 0 })
    expect(offsets[0]!.offset).toEqual(offset)
  })
})

it('Parquet that has become shorter is refused', async () => {
  const path = scratch.fresh('a.parquet')
  const sink = parquet(path, columns)
  const { schema } = sink
  await writeToSink(sink, schema, [batchOf(schema, upTo(50))])
  const offset = await offsetBehind(sink, path, 20)
  await writeToSink(sink, schema, [batchOf(schema, upTo(10))])
  await expect((async () => readSplit(sink, { id: path, offset }))()).rejects.toMatchObject({
    code: 'INVALID_FORMAT',
    message: `invalid offset of ${path}: 20 (it has 10 rows)`,
  })
})
