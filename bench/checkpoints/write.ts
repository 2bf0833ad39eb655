/**
 * Bytes a second at which a state of so many keys is written while nothing else goes on: `write KEYS FOLDER`. The folder is to
 * be in memory, so that what is measured is not the disk.
 */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { ChunkMemory, encodePart, folderStorage, OperatorState, operatorSpec } from '@millrace/runtime/inside'
import { ready, tell } from '../workers/parent.ts'

const [keyCount, dir = ''] = process.argv.slice(2)
const keys = Number(keyCount)
const schema = Schema.record([field('key', 'int32')])
const spec = operatorSpec({
  label: 'totals',
  inputs: [{ schema, key: { columns: [0], missing: 'insert' } }],
  outputs: [],
  state: { totals: { kind: 'columns', fields: [field('count', 'double'), field('sum', 'double')] } },
  create: () => ({ process() {} }),
})

const state = new OperatorState(spec)
const totals = state.handles.totals as unknown as { ensure(ids: number): void; present: Uint8Array }
const numbers = Int32Array.from({ length: 1024 }, (_, i) => i)
let ids: Int32Array = new Int32Array(1024)
for (let from = 0; from < keys; from += 1024) {
  const column = numbers.map(i => from + i)
  ids = state.resolve(new Batch(schema, [new Int32Column(column)], 1024), spec.inputs[0]!, ids)
  totals.ensure(state.index!.capacity)
  totals.present.fill(1, from, from + 1024)
  state.settleBatch(ids, 1024)
}

await ready()
const storage = folderStorage(dir)
const memory = new ChunkMemory()
const began = performance.now()
const capture = state.capture(true, false)
const part = { operator: 'totals', subtask: 0 }
const pieces = capture.parts()
const file = await storage.write('chk-1-1/part-0', encodePart(records(), undefined, memory), chunk =>
  memory.give(chunk),
)
tell({ rate: file.bytes / ((performance.now() - began) / 1000), bytes: file.bytes })

function* records(): Generator<Parameters<typeof encodePart>[0] extends Iterable<infer R> ? R : never> {
  for (const piece of pieces) yield [piece].flat().map(told => ({ ...part, ...told }))
}
