/** What is told of a state, read a record at a time into a store on disk, against all of it at once in memory. */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import { stateStores } from '@millrace/testing/contracts/state-stores'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Checksum } from '../checkpoint/checksum.ts'
import { decodePieces } from '../checkpoint/decode-pieces.ts'
import { encodePart } from '../checkpoint/encode-part.ts'
import type { PartRecord } from '../checkpoint/part.ts'
import type { CheckpointStorage, StoredFile } from '../checkpoint/storage.ts'
import { operatorSpec } from '../operator.ts'
import type { Capture } from '../state/capture.ts'
import type { StatePart } from '../state/handle.ts'
import { OperatorState } from '../state/operator-state.ts'
import type { TimersState } from '../state/timers.ts'
import type { ListCells, ValueCells } from '../state/user-declarations.ts'
import { streamedRecords } from './stream-rows.ts'

const schema = Schema.record([field('key', 'int32')])
const spec = operatorSpec({
  label: 'all of them',
  inputs: [{ schema, key: { columns: [0], missing: 'insert' } }],
  outputs: [],
  state: {
    row: { kind: 'values', schema: Schema.bare('text', true) },
    any: { kind: 'values' },
    list: { kind: 'lists' },
    timers: { kind: 'timers' },
  },
  create: () => ({ process() {} }),
})

const disk = stateStores.find(([name]) => name === 'files')![1]

function perform(state: OperatorState, keys: readonly number[], how: number): void {
  const { row, any, list, timers } = state.handles as unknown as {
    row: ValueCells
    any: ValueCells
    list: ListCells
    timers: TimersState
  }
  const batch = new Batch(schema, [new Int32Column(Int32Array.from(keys))], keys.length)
  const ids = state.resolve(batch, spec.inputs[0], new Int32Array(keys.length))
  expect(state.load(ids, keys.length)).toBeNull()
  for (const [i, key] of keys.entries()) {
    const id = ids[i]
    if (how === 0) row.set(id, undefined)
    else if (how === 1) list.set(id, [])
    else if (how === 2) any.set(id, undefined)
    else if (how === 3) timers.set(id, key)
    else if (how === 4) list.add(id, { key })
    else if (how === 5) any.set(id, { key, list: list.get(id)?.length })
    else row.set(id, key % 3 === 0 ? null : `${key} ${how}`)
  }
  state.settleBatch(ids, keys.length)
}

interface Files {
  readonly storage: CheckpointStorage
  readonly files: readonly StoredFile[]
}

/** Files that come in pieces of so many bytes. */
function filesOf(contents: ReadonlyMap<string, Uint8Array>, pieceBytes: number): Files {
  const storage = {
    async *pieces(path: string) {
      const bytes = contents.get(path)
      for (let at = 0; bytes !== undefined && at < bytes.length; at += pieceBytes)
        yield bytes.slice(at, at + pieceBytes)
    },
  } as Partial<CheckpointStorage> as CheckpointStorage
  const files = [...contents].map(([path, bytes]) => ({ path, bytes: bytes.length, checksum: Checksum.of(bytes) }))
  return { storage, files }
}

/** What was told is encoded before anything else happens. */
function written(state: OperatorState, whole: boolean): Uint8Array {
  const capture = state.capture(whole, true, 3)
  const bytes = Buffer.concat([...encodePart(recordsOf(capture))].map(chunk => chunk.slice()))
  capture.end()
  return bytes
}

function* recordsOf(capture: Capture): Generator<PartRecord[]> {
  for (const piece of capture.parts()) yield [piece].flat().map(part => ({ operator: 'o', subtask: 0, ...part }))
}

async function restored({ storage, files }: Files): Promise<OperatorState> {
  const state = new OperatorState(spec, disk())
  const records = await streamedRecords(storage, files, ({ operator, state: name }) => {
    const take = operator === 'o' ? state.pieces(name) : undefined
    return take && (record => take([record]))
  })
  const rest = new Map<string, StatePart[]>()
  for (const { state: name, group, meta, batch } of records)
    rest.set(name, [...(rest.get(name) ?? []), { group, meta, batch }])
  expect([...rest.keys()].filter(name => name !== 'timers')).toEqual([])
  state.restore(rest)
  return state
}

const acts = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 6 }), fc.nat({ max: 9 })),
    },
    { weight: 1, arbitrary: fc.constantFrom('change', 'whole') },
  ),
  { maxLength: 60, size: 'max' },
)

test('a base and changes, whatever is changed, freed and given out anew', async () => {
  await fc.assert(
    fc.asyncProperty(acts, fc.constantFrom(1, 7, 64, 100_000), async (script, pieceBytes) => {
      const state = new OperatorState(spec)
      const contents = new Map<string, Uint8Array>()
      for (const act of [...script, 'change'] as const) {
        if (typeof act !== 'string') {
          perform(state, ...act)
          continue
        }
        const whole = act === 'whole' || contents.size === 0
        contents.set(`part-${contents.size}`, written(state, whole))
      }
      const again = await restored(filesOf(contents, pieceBytes))
      expect(copySnapshot(again.snapshot())).toEqual(copySnapshot(state.snapshot()))
      // Ids that come next are the same.
      for (const each of [state, again]) perform(each, [20, 21, 22, 23], 6)
      expect(copySnapshot(again.snapshot())).toEqual(copySnapshot(state.snapshot()))
    }),
    { numRuns: 60 },
  )
})

async function problemWith(bytes: Uint8Array, file: Partial<StoredFile> = {}): Promise<string> {
  const { storage, files } = filesOf(new Map([['part', bytes]]), 50)
  try {
    for await (const _ of decodePieces(storage, { ...files[0]!, ...file }, () => true));
    return 'nothing'
  } catch (error) {
    return `${(error as { code?: string }).code} ${(error as Error).message}`
  }
}

test('a file that is not what was written is an error that says what is wrong', async () => {
  const state = new OperatorState(spec)
  perform(state, [1, 2, 3], 5)
  const good = written(state, true)
  const checksum = Checksum.of(good)
  expect(await problemWith(good)).toBe('nothing')
  const begins = 'CHECKPOINT_DAMAGED invalid checkpoint file: part ('
  expect(await problemWith(good.subarray(0, -20), { bytes: good.length, checksum })).toBe(
    `${begins}${good.length - 20} bytes instead of ${good.length})`,
  )
  for (let at = 0; at < good.length; at += 5) {
    const bytes = Uint8Array.from(good, (byte, i) => (i === at ? byte ^ 1 : byte))
    expect(await problemWith(bytes, { bytes: good.length, checksum })).toMatch(
      at >= 4 && at < 8 ? /^CHECKPOINT_FOREIGN/ : /^CHECKPOINT_DAMAGED invalid checkpoint file: part \(checksum/,
    )
  }
  // Those that have their checksum are looked at no less.
  expect(await problemWith(good.subarray(0, -20))).toBe(`${begins}it ends too early)`)
  expect(await problemWith(Buffer.concat([good, good]))).toBe(`${begins}there are bytes behind its end)`)
  expect(await problemWith(new Uint8Array(0), { bytes: 9 })).toBe('CHECKPOINT_DAMAGED missing checkpoint file: part')
})
