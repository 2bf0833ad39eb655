/** The folder of docs/formats/checkpoints.md, written by version 1: it must restore for ever. */
import { deepStrictEqual } from 'node:assert/strict'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  AnyColumn,
  Batch,
  BooleanColumn,
  Dictionary,
  DictionaryColumn,
  DoubleColumn,
  field,
  Int32Column,
  Schema,
} from '@millrace/algebra'
import {
  type Checkpoints,
  decodePart,
  encodePart,
  folderStorage,
  listCheckpoints,
  type Manifest,
  openCheckpoints,
  type PartRecord,
  readCheckpoint,
  type StoredFile,
} from '@millrace/runtime/inside'
import { rowsOf } from '@millrace/testing/batches'
import { ScratchFolder } from '@millrace/testing/contracts'
import { expect, test } from 'vitest'

const FIXTURE = fileURLToPath(new URL('./checkpoint-v1', import.meta.url))
const scratch = new ScratchFolder()

const values = [
  new Map<unknown, unknown>([
    ['\uD800', new Set([1n, -0])],
    [Number.NaN, [null, undefined]],
  ]),
  { __proto__: null, amount: 2n ** 65n, at: new Date(86_400_000), bytes: Uint8Array.of(1, 2) },
]
const keys = new Batch(
  Schema.record([field('id', 'int32'), field('0:customer', 'text', true), field('1:paid', 'boolean', true)]),
  [
    new Int32Column(Int32Array.of(0, 1, 5)),
    new DictionaryColumn(Int32Array.of(1, 0, 1), new Dictionary(['Zoë', ''])),
    new BooleanColumn(Uint8Array.of(1, 0, 1), Uint8Array.of(0b101)),
  ],
  3,
)
const weighted = new Batch(
  Schema.bare('double'),
  [new DoubleColumn(Float64Array.of(-0, Number.NaN, 1e300))],
  3,
  null,
  Int32Array.of(1, -1, 2),
  Float64Array.of(0, 1, 2),
)
const opaque = new Batch(
  Schema.record([field('id', 'int32'), field('value', 'any', true)]),
  [new Int32Column(Int32Array.of(0, 5)), new AnyColumn(values)],
  2,
)
const of = { operator: 'orders', subtask: 0, change: false, meta: null } as const
/** By file. */
const parts: Record<string, PartRecord[]> = {
  'chk-000001.1/part-0': [
    { ...of, state: '', group: -1, meta: { highWater: 6, 'ü\uD800': [1.5, null, true] }, batch: null },
    { ...of, state: '', group: 7, batch: keys },
    { ...of, state: 'last', group: 7, batch: opaque },
  ],
  'chk-000002.1/part-0': [{ ...of, state: 'last', group: 7, change: true, batch: opaque }],
  'chk-000002.1/part-1': [{ ...of, operator: 'rows', subtask: 1, state: 'rows', group: -1, batch: weighted }],
  'save-000003.1/part-0': [{ ...of, state: 'last', group: 127, batch: null }],
}

function manifestOf(id: number, files: readonly (readonly StoredFile[])[]): Manifest {
  return {
    format: 'millrace checkpoint',
    version: 1,
    id,
    kind: id === 3 ? 'savepoint' : 'checkpoint',
    fence: 1,
    atMs: 1_700_000_000_000 + id,
    tookMs: 12.5,
    epoch: 10 * id,
    jobId: 'fixture',
    fingerprint: 'f00d',
    workers: 2,
    keyGroups: 128,
    finished: id === 3,
    operators: [
      {
        id: 'orders',
        named: true,
        kind: 'operator',
        label: 'process orders',
        site: 'job.ts:3:5',
        states: [
          {
            name: 'last',
            kind: 'keyedValues',
            fields: [{ name: 'value', type: 'any', nullable: true }],
            version: 2,
            rows: 2,
            bytes: 100,
          },
        ],
        subtasks: [
          { site: 0, finished: false, watermark: 5, driver: { channels: [1] } },
          { site: 1, finished: true, watermark: 'Infinity', driver: null },
        ],
      },
      {
        id: 'read',
        named: false,
        kind: 'source',
        label: 'read',
        states: [],
        subtasks: [{ site: 0, finished: false, watermark: '-Infinity', driver: null }],
        splits: [{ id: 'a.csv', offset: { line: 3 }, number: 0, site: 0 }],
      },
      { id: 'write', named: false, kind: 'sink', label: 'write', states: [], subtasks: [], handles: [{ file: 'x' }] },
    ],
    parts: files,
  }
}

const [base, increment, rows, saved] = Object.entries(parts).map(
  ([path, records]) => [path, encodePart(records)] as const,
)
const host = { now: () => 1_700_000_000_000 }

/** Writes the folder. */
async function write(folder: string): Promise<Checkpoints> {
  const storage = folderStorage(folder)
  const run = await openCheckpoints(storage, { host, jobId: 'fixture', keyGroups: 128 })
  const files: StoredFile[] = []
  for (const [path, chunks] of [base, increment, rows, saved]) files.push(await storage.write(path, chunks))
  const [a, b, c, d] = files
  for (const content of [[[a], []], [[a, b], [c]], [[d]]]) await run.complete(manifestOf(run.nextId(), content))
  return run
}

const files = [
  ...Object.keys(parts),
  ...['chk-000001.1', 'chk-000002.1', 'save-000003.1'].map(name => `${name}/manifest`),
  ...[1, 2, 3, 4].map(slot => `journal/00000000${slot}`),
]

test('a folder of version 1 is read', async () => {
  const storage = folderStorage(FIXTURE)
  expect(await storage.list('')).toEqual([...files].sort())
  for (const [path, records] of Object.entries(parts)) {
    const file = (await storage.digest(path))!
    const found = [...decodePart((await storage.read(path))!, file)]
    deepStrictEqual(found.map(plain), records.map(plain))
  }
  for (const id of [1, 2, 3]) {
    const manifest = await readCheckpoint(storage, id, { keyGroups: 128 })
    expect(manifest).toEqual(manifestOf(id, manifest.parts))
  }
  expect((await listCheckpoints(storage)).map(({ id, complete, damage }) => [id, complete, damage])).toEqual(
    [1, 2, 3].map(id => [id, true, undefined]),
  )
})

test('and is taken over', async () => {
  const folder = scratch.fresh('checkpoints')
  cpSync(FIXTURE, folder, { recursive: true })
  const run = await openCheckpoints(folderStorage(folder), { host, jobId: 'next', keyGroups: 128 })
  expect(run.fence).toBe(5)
  const newest = await run.newest()
  expect(newest).toEqual(manifestOf(3, newest!.parts))
  expect(run.nextId()).toBe(4)
})

test('and is still written so', async () => {
  const folder = scratch.fresh('checkpoints')
  await write(folder)
  for (const file of files)
    expect(readFileSync(join(folder, file)).toString('latin1'), file).toBe(
      readFileSync(join(FIXTURE, file)).toString('latin1'),
    )
})

function plain({ batch, ...record }: PartRecord): unknown {
  const { operator, subtask, state, group, change, meta } = record
  const content = batch && [
    batch.schema,
    rowsOf(batch).map(row => ({ ...row, values: row.values.map(withoutPrototype) })),
  ]
  return { operator, subtask, state, group, change, meta, content }
}

/** Objects come back as plain ones. */
function withoutPrototype(value: unknown): unknown {
  return value !== null && Object.getPrototypeOf(value) === null ? { ...(value as object) } : value
}
