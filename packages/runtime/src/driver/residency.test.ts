/** Residency: a batch whose keys' state is not in memory waits for it, and everything behind the batch waits too. */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { describe, expect, test } from 'vitest'
import { SimulatedHost } from '../host/simulated.ts'
import { operatorSpec } from '../operator.ts'
import { memoryStore, type StateStore } from '../state/store.ts'
import { OperatorVertex } from './operator-vertex.ts'

const schema = Schema.record([field('k', 'int32')])

/** Remembers what it was given, with how many rows of the key it had seen before. */
function counting(seen: string[]) {
  return operatorSpec({
    label: 'counting',
    inputs: [{ schema, key: { columns: [0], missing: 'insert' } }],
    outputs: [schema],
    state: { counts: { kind: 'keyedValues' } },
    create: ({ counts }, context) => ({
      process(batch) {
        for (let i = 0; i < batch.length; i++) {
          const before = (counts.get(context.ids[i]!) as number | undefined) ?? 0
          counts.set(context.ids[i]!, before + 1)
          seen.push(`${batch.get(0, i)}:${before}`)
        }
      },
      onWatermark(watermark) {
        seen.push(`watermark ${watermark}`)
        return true
      },
    }),
  })
}

/** A store on which every load takes until `release` is called. */
function slowStore() {
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  const store: StateStore = {
    handle(declaration, dropped, clock) {
      const handle = memoryStore.handle(declaration, dropped, clock)
      handle.load = () => new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }))
      return handle
    },
  }
  return { store, waiting }
}

function vertexOn(store: StateStore, seen: string[]): OperatorVertex {
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

const batchOf = (...keys: number[]): Batch => new Batch(schema, [new Int32Column(Int32Array.from(keys))], keys.length)

async function visit(vertex: OperatorVertex): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
  vertex.visit(16, () => 0)
}

describe('residency', () => {
  test('nothing overtakes a batch that waits, and what it was lent may be overwritten', async () => {
    const seen: string[] = []
    const { store, waiting } = slowStore()
    const vertex = vertexOn(store, seen)
    const lent = Int32Array.of(1, 2, 1)
    vertex.inputs[0]!.push(new Batch(schema, [new Int32Column(lent)], 3), 0)
    lent.fill(9)
    vertex.inputs[0]!.push({ kind: 'watermark', time: 5 }, 0)
    vertex.inputs[0]!.push(batchOf(2), 0)
    await visit(vertex)
    expect(seen).toEqual([])
    waiting[0]!.resolve()
    await visit(vertex)
    expect(seen).toEqual(['1:0', '2:0', '1:1', 'watermark 5'])
    waiting[1]!.resolve()
    await visit(vertex)
    expect(seen.at(-1)).toBe('2:1')
  })

  test('a load that fails is the failure of the operator', async () => {
    const { store, waiting } = slowStore()
    const vertex = vertexOn(store, [])
    vertex.inputs[0]!.push(batchOf(1), 0)
    waiting[0]!.reject(new Error('disk gone'))
    await expect(visit(vertex)).rejects.toThrow('disk gone')
  })

  test('in memory nothing waits', () => {
    const seen: string[] = []
    vertexOn(memoryStore, seen).inputs[0]!.push(batchOf(1, 1), 0)
    expect(seen).toEqual(['1:0', '1:1'])
  })
})
