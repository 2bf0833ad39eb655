/** Uneven loads with real threads: one key, one split, a slow sink, little memory. Nothing waits for ever, nothing piles up. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Workshop } from '../cli/workshop.ts'

const workshop = new Workshop()
beforeAll(() => workshop.install())
afterAll(() => workshop.remove())

const imports = `import { count, environment, generate, int32, text, tumbling, value } from 'millrace'\n`

/** V8 gives back what is garbage only when it must: with little room growth means that something is held. */
const smallHeap = ['--max-old-space-size=64', '--max-semi-space-size=2']

async function run(name: string, program: string, ...args: string[]): Promise<unknown[]> {
  workshop.write({ [name]: imports + program })
  const { code, stdout, stderr } = await workshop.node(...smallHeap, name, ...args).outcome
  expect([code, stderr]).toEqual([0, ''])
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

const MIB = 2 ** 20
const ROWS = 300_000
/** Of text in each row: some 145 MiB in all. */
const TEXT_BYTES = 500

test.each([2, 3])('every row of one key into a slow sink, %i workers: all arrive, memory stays flat', async workers => {
  const [{ rows, counted, waited, grown }] = (await run(
    'skewed.mjs',
    `
const parallelism = Number(process.argv[2])
const schema = { id: int32, key: int32, note: text }
const rows = environment({ parallelism })
  .dataset(generate({ rows: ${ROWS}, schema }, id => ({ id, key: 7, note: 'x'.repeat(${TEXT_BYTES}) + id })))
  .keyBy('key')
  .process({ state: { n: value({ default: 0 }) }, onElement(row, { state, emit }) {
    state.n.set(state.n.get() + 1)
    emit({ ...row, n: state.n.get() })
  } })
let result
const sink = {
  label: 'slow', takes: ['appending', 'bounded'], place: 'workers',
  async commit(handles) { result = handles.reduce((a, b) => ({ rows: a.rows + b.rows, counted: Math.max(a.counted, b.counted) })) },
  open: ({ wake }) => {
    let ready = true
    const seen = { rows: 0, counted: 0 }
    return {
      get ready() { return ready },
      write(batch) {
        seen.rows += batch.length
        seen.counted = batch.columns[0].get(batch.selection === null ? batch.length - 1 : batch.selection[batch.length - 1]).n
        ready = false
        setTimeout(() => { ready = true; wake() }, 2)
      },
      prepareCommit: async () => [seen], async abort() {}, async close() {},
    }
  },
}
const samples = []
let waited = 0
await rows.to(sink).run({ onEvent: event => {
  if (event.kind !== 'metrics') return
  samples.push(process.memoryUsage().rss)
  waited = Math.max(waited, event.memory.waiting + event.memory.queued)
} })
const [first] = samples
console.log(JSON.stringify({ ...result, waited, grown: Math.max(...samples) - first }))`,
    `${workers}`,
  )) as [{ rows: number; counted: number; waited: number; grown: number }]
  expect([rows, counted]).toEqual([ROWS, ROWS])
  expect(waited).toBeLessThan(8 * MIB)
  expect(grown).toBeLessThan(60 * MIB)
})

test('workers without a split hold back neither the watermark nor the windows of a source that never ends', async () => {
  const windows = await run(
    'idle.mjs',
    `
const numbers = environment({ parallelism: 3 }).stream(generate({ splits: 1, schema: { id: int32, key: int32 } }, id => ({ id, key: id % 5 })))
const windows = numbers.eventTime(row => row.id, { disorder: 0 }).keyBy('key').window(tumbling(100)).aggregate({ n: count() })
let seen = 0
for await (const window of windows) {
  console.log(JSON.stringify(window))
  if (++seen === 20) break
}`,
  )
  expect(windows).toHaveLength(20)
  for (const window of windows) expect(window).toMatchObject({ n: 20 })
})

test('memory that is too little says the least, with which the job runs', async () => {
  workshop.write({
    'counts.mjs': `${imports}
export const counts = (memory, job) => environment({ parallelism: 2, memory, job })
  .dataset(generate({ rows: 900, schema: { k: int32 } }, i => ({ k: i % 3 }))).groupBy('k').aggregate({ n: count() })`,
    'counts-job.mjs': `import { counts } from './counts.mjs'\nawait counts(Number(process.env.MEMORY)).collect()`,
  })
  const [refused, less, least] = await run(
    'little.mjs',
    `
import { counts } from './counts.mjs'
const job = new URL('./counts-job.mjs', import.meta.url)
const attempt = async memory => {
  process.env.MEMORY = memory
  const said = await counts(memory, job).collect().catch(({ code, message, hint }) => ({ code, message, hint }))
  console.log(JSON.stringify(said))
  return said
}
const { hint } = await attempt(1000)
const least = Number(/at least (\\d+)/.exec(hint)[1])
await attempt(least - 1)
await attempt(least)`,
  )
  expect(refused).toMatchObject({ code: 'MEMORY_LIMIT', message: 'invalid memory: 1000 bytes' })
  expect(less).toMatchObject({ code: 'MEMORY_LIMIT' })
  expect(least).toEqual(expect.arrayContaining([0, 1, 2].map(k => ({ k, n: 300 }))))
})
