/** What is in memory and what is on disk: rows of batches, rows that are gone, rows that are read while other work goes on. */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { ScratchFolder } from '@millrace/testing/contracts/scratch-folder'
import { afterEach, expect, test } from 'vitest'
import { OperatorVertex } from '../../driver/operator-vertex.ts'
import { SimulatedHost } from '../../host/simulated.ts'
import { operatorSpec } from '../../operator.ts'
import { CallClock } from '../call-clock.ts'
import { DroppedKeys } from '../dropped-keys.ts'
import type { KeyedValues } from '../keyed-values.ts'
import { OperatorState } from '../operator-state.ts'
import type { ListCells, ValueCells } from '../user-declarations.ts'
import { DiskStore, type DiskStoreOptions } from './disk-store.ts'

const scratch = new ScratchFolder()
const open: DiskStore[] = []
afterEach(() => Promise.all(open.splice(0).map(store => store.close())))

function storeOf(options: Partial<DiskStoreOptions> = {}): DiskStore {
  const store = new DiskStore({ dir: scratch.path, cacheBytes: 4096, elapsed: () => 0, segmentBytes: 8192, ...options })
  open.push(store)
  return store
}

const schema = Schema.record([field('k', 'int32')])
const batchOf = (keys: readonly number[]): Batch =>
  new Batch(schema, [new Int32Column(Int32Array.from(keys))], keys.length)
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

/** Counts the rows of each key, in an object that is changed in place. */
function counting(seen: string[] = []) {
  return operatorSpec({
    label: 'counting',
    inputs: [{ schema, key: { columns: [0], missing: 'insert' } }],
    outputs: [schema],
    state: { counts: { kind: 'keyedValues' } },
    create: ({ counts }, context) => ({
      process(batch) {
        for (let i = 0; i < batch.length; i++) {
          const count = (counts.get(context.ids[i]!) as { n: number } | undefined) ?? { n: 0 }
          seen.push(`${batch.get(0, i)}:${count.n++}`)
          counts.set(context.ids[i]!, count)
        }
      },
    }),
  })
}

function vertexOn(store: DiskStore, seen: string[]): OperatorVertex {
  const vertex = new OperatorVertex(
    0,
    counting(seen),
    new SimulatedHost(1),
    { stalled: () => {}, blocked: () => {} },
    undefined,
    store,
  )
  vertex.outputs.push([])
  return vertex
}

test('memory stays bounded, and what is counted is in the file', () => {
  const seen: string[] = []
  const store = storeOf({ segmentBytes: 65_536 })
  const vertex = vertexOn(store, seen)
  for (let round = 0; round < 3; round++)
    for (let from = 0; from < 1000; from += 10) {
      vertex.inputs[0]!.push(batchOf(range(from, from + 10)), 0)
      expect(store.bytes.memory).toBeLessThan(4096 + 10 * 400)
    }
  expect(seen).toEqual([0, 1, 2].flatMap(n => range(0, 1000).map(key => `${key}:${n}`)))
  expect(store.bytes.disk).toBeGreaterThan(1000 * 20)
})

test('rows whose reading takes long are read while other work goes on', async () => {
  let clock = 0
  const seen: string[] = []
  const vertex = vertexOn(storeOf({ elapsed: () => clock++ * 10 }), seen)
  const [port] = vertex.inputs
  for (let from = 0; from < 1000; from += 100) port!.push(batchOf(range(from, from + 100)), 0)
  const before = seen.length
  expect(before).toBe(1000)
  port!.push(batchOf([...range(0, 200), 5]), 0)
  port!.push(batchOf([5]), 0)
  expect(seen.length).toBe(before)
  expect(vertex.pending).toBe(true)
  while (seen.length < before + 202) {
    await new Promise(resolve => setImmediate(resolve))
    vertex.visit(16, () => 0)
  }
  expect(seen.slice(before)).toEqual([...range(0, 200).map(key => `${key}:1`), '5:2', '5:3'])
})

test('what is told meanwhile is what was there when the telling began', async () => {
  let clock = 0
  const store = storeOf({ elapsed: () => clock++ * 10 })
  const state = new OperatorState(counting(), store)
  const counts = state.handles.counts as unknown as KeyedValues
  const ids = new Int32Array(200)
  const touch = (keys: readonly number[]) => state.resolve(batchOf(keys), counting().inputs[0]!, ids)
  touch(range(0, 200))
  for (let id = 0; id < 200; id++) counts.set(id, `${id}`)
  state.settleBatch(ids, 200)
  state.load(Int32Array.of(0), 1) // rows leave memory
  const capture = state.capture(true, false, 50)
  touch(range(0, 200))
  const loading = state.load(ids, 200)
  expect(loading).not.toBeNull()
  const told = [...capture.parts()].flat().filter(part => part.state === 'counts' && part.batch !== null)
  const values = told.flatMap(({ batch }) =>
    range(0, batch!.length).map(i => [batch!.get(0, i) as number, batch!.get(1, i)] as const),
  )
  expect(values.sort(([a], [b]) => a - b)).toEqual(range(0, 200).map(id => [id, `${id}`]))
  await loading
  for (let id = 0; id < 200; id++) expect(counts.get(id)).toBe(`${id}`)
})

test('a key that is let go of has left nothing to the next one with its id', () => {
  const state = new OperatorState(counting(), storeOf({ cacheBytes: 1 }))
  const counts = state.handles.counts as unknown as KeyedValues
  const ids = new Int32Array(1)
  const turn = (key: number, value: unknown) => {
    state.resolve(batchOf([key]), counting().inputs[0]!, ids)
    state.load(ids, 1)
    const before = counts.get(ids[0]!)
    counts.set(ids[0]!, value)
    state.settleBatch(ids, 1)
    return [ids[0], before]
  }
  expect(turn(1, 'one')).toEqual([0, undefined])
  expect(turn(2, 'two')).toEqual([1, undefined])
  expect(turn(1, undefined)).toEqual([0, 'one'])
  expect(turn(3, 'three')).toEqual([0, undefined])
  expect(turn(2, undefined)).toEqual([1, 'two'])
  expect(state.index!.size).toBe(1)
  const [told] = state.snapshot().get('counts')!
  expect([told!.batch!.length, told!.batch!.get(1, 0)]).toEqual([1, 'three'])
})

test('a row that has expired is gone without being read, and frees its key', () => {
  let now = 0
  const clock = new CallClock(() => now)
  const dropped = new DroppedKeys()
  const ttl = { afterMs: 10, refresh: 'write' } as const
  const lists = storeOf({ cacheBytes: 1 }).handle({ kind: 'lists', ttl }, dropped, clock) as ListCells
  lists.add(0, 'a')
  now = 5
  clock.begin()
  lists.add(0, 'b')
  lists.add(1, 'c') // the other leaves memory
  now = 12
  clock.begin()
  expect(lists.holds!(0)).toBe(true)
  expect(lists.get(0)).toEqual(['b'])
  lists.add(2, 'd')
  now = 15
  clock.begin()
  expect([lists.holds!(0), lists.holds!(1), lists.holds!(2)]).toEqual([false, false, true])
  lists.expire!(0)
  now = 16
  clock.begin()
  lists.add(0, 'e')
  lists.add(3, 'f')
  expect(lists.get(0)).toEqual(['e'])
  expect(dropped.length).toBe(0)
})

test('what cannot be kept is an error that names the state, when it is to leave memory', () => {
  const values = storeOf({ cacheBytes: 1 }).handle({ kind: 'values' }, new DroppedKeys(), new CallClock(() => 0))
  ;(values as ValueCells).set(0, { act: () => {} })
  expect(() => (values as ValueCells).set(1, 1)).toThrow(/value/)
})

test('rows of every length come back', () => {
  const values = storeOf({ cacheBytes: 1 }).handle({ kind: 'values' }, new DroppedKeys(), new CallClock(() => 0))
  const cells = values as ValueCells
  const texts = [0, 1, 200, 1000, 5000, 100_000].map(length => 'é'.repeat(length))
  for (const [id, text] of texts.entries()) cells.set(id, text)
  for (const [id, text] of texts.entries()) expect(cells.get(id)).toBe(text)
})
