/**
 * Jobs with checkpoints that fail and go on in the same process, with real threads: one long-lived program runs a job for each
 * fault, which happens once, and tells what came out and what is left. Uses the built engine.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Workshop } from '../cli/workshop.ts'

const workshop = new Workshop()
beforeAll(() => workshop.install())
afterAll(() => workshop.remove())

const ROWS = 6000

const pipeline = `
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { count, environment, generate, int32, sum, tumbling } from 'millrace'
import { csv, jsonLines } from 'millrace/files'

const [fault, how, workers] = (process.env.FAULT ?? '').split(' ')
const parallelism = Number(workers)
const dir = 'state-' + fault + '-' + how + workers
const env = environment({
  parallelism, batchRows: 20, workerTimeout: '2s', job: new URL('./job.mjs', import.meta.url),
  checkpoints: { dir, every: 10, restart: { kind: 'fixed', attempts: 2, delay: 1 } },
})
/** The first time that anybody comes here in this job. */
const once = () => {
  const mark = 'mark-' + fault + '-' + how + workers
  if (existsSync(mark)) return false
  writeFileSync(mark, '')
  return true
}
const faults = {
  throws: () => { throw new RangeError('bang') },
  ends: () => process.reallyExit(5),
  hangs: () => { for (;;); },
  later: () => setTimeout(() => { throw new RangeError('bang') }, 1),
  heap: () => { for (const kept = []; ; ) kept.push(new Array(1000).fill(kept.length)) },
}
const hasCheckpoint = () =>
  existsSync(dir) && readdirSync(dir).some(name => existsSync(dir + '/' + name + '/manifest'))
/** The first rows; the others when there is a checkpoint to go on from. */
const gated = source => ({
  ...source,
  open(split, context) {
    const reader = source.open(split, context)
    let rows = 0
    return {
      poll(maxRows) {
        if (rows < 600 || hasCheckpoint()) {
          const polled = reader.poll(maxRows)
          rows += polled.length ?? 0
          return polled
        }
        setTimeout(context.wake, 2)
        return 'wait'
      },
      offset: () => reader.offset(),
      close: () => reader.close(),
    }
  },
})
const source = gated(generate({ rows: ${ROWS}, schema: { id: int32, k: int32 } }, i => ({ id: i, k: i % 7 })))
// Row 4321 is on worker 1 of 2.
const rows = env.stream(source).map(row => {
  if (row.id === 4321 && once()) faults[fault]()
  return row
})
const windows = rows.as({ id: int32, k: int32 }).eventTime('id', { disorder: 10 })
  .keyBy('k').window(tumbling(100)).aggregate({ n: count(), ids: sum('id') })

export async function run(onEvent) {
  const name = fault + '-' + how + workers
  if (how === 'folder') return windows.to(jsonLines(name + '/')).run({ onEvent })
  if (how === 'file') return windows.to(csv(name + '.csv')).run({ onEvent })
  const totals = rows.keyBy('k').count()
  if (how === 'collect') return JSON.stringify((await totals.collect()).sort((a, b) => a.k - b.k))
  const seen = []
  for await (const row of windows) seen.push(row)
  return JSON.stringify(seen.length)
}
`
const program = `
import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
const tasks = '/proc/self/task'
const here = () => ({
  resources: process.getActiveResourcesInfo().filter(r => r !== 'PipeWrap' && r !== 'Timeout').sort(),
  threads: existsSync(tasks) ? readdirSync(tasks).length : 0,
})
let before
for (const fault of process.argv.slice(2)) {
  process.env.FAULT = fault
  const { run } = await import('./pipeline.mjs?' + fault)
  const events = []
  const result = await run(({ kind, id, error }) => {
    if (/^rest|fail/.test(kind)) events.push(kind === 'restarting' ? error.message : kind === 'restored' ? 'restored ' + (id > 0) : kind)
  }).catch(error => 'failed: ' + error.stack)
  for (let i = 0; i < 50 && before && JSON.stringify(here()) !== JSON.stringify(before); i++) await wait(20)
  if (before === undefined) await wait(50)
  before ??= here()
  console.log(JSON.stringify({ fault, events, result: typeof result === 'string' ? result : 'done', before, after: here() }))
}
`

interface Told {
  readonly fault: string
  readonly events: readonly string[]
  readonly result: string
  readonly before: unknown
  readonly after: unknown
}

const expected: Readonly<Record<string, string>> = {
  throws: 'bang',
  ends: 'worker 1 ended with exit code 5',
  hangs: 'worker 1 hangs: no sign of life for 2 s',
  later: 'bang',
  heap: 'worker 1 ran out of heap',
}
/** For some ways of filling a worker's heap Node 24 ends the whole process. */
const heap = Number(process.versions.node.split('.')[0]) >= 24 ? [] : ['heap folder 2']
const cases = [
  'throws folder 1',
  'throws folder 2',
  'throws file 1',
  'throws file 2',
  'throws collect 1',
  'throws collect 2',
  'ends folder 2',
  'ends collect 2',
  'hangs file 2',
  'later folder 2',
  ...heap,
]

/** Windows of 100 ids, by key; computed from the ids alone. */
function windowsByHand(): string[] {
  const windows = new Map<string, { k: number; windowStart: number; n: number; ids: number }>()
  for (let id = 0; id < ROWS; id++) {
    const windowStart = Math.floor(id / 100) * 100
    const window = windows.get(`${id % 7} ${windowStart}`) ?? { k: id % 7, windowStart, n: 0, ids: 0 }
    windows.set(`${id % 7} ${windowStart}`, { ...window, n: window.n + 1, ids: window.ids + id })
  }
  return [...windows.values()].map(({ k, windowStart, n, ids }) => `${k} ${windowStart} ${n} ${ids}`).sort()
}

function written(name: string): string[] {
  const path = join(workshop.folder, name)
  if (name.endsWith('.csv')) {
    const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
    return lines
      .map(line => line.split(','))
      .map(([k, start, , n, ids]) => `${k} ${Date.parse(start!)} ${n} ${ids}`)
      .sort() // prettier-ignore
  }
  const files = readdirSync(path).filter(file => !file.startsWith('.'))
  const lines = files.flatMap(file => readFileSync(join(path, file), 'utf8').trimEnd().split('\n'))
  const row = (line: string) => {
    const { k, windowStart, n, ids } = JSON.parse(line)
    return `${k} ${Date.parse(windowStart)} ${n} ${ids}`
  }
  return lines.map(row).sort()
}

describe('a job with checkpoints goes on after', () => {
  let told: readonly Told[] = []
  beforeAll(async () => {
    workshop.write({ 'pipeline.mjs': pipeline, 'program.mjs': program })
    workshop.write({ 'job.mjs': "import { run } from './pipeline.mjs'\nawait run()\n" })
    const ended = await workshop.node('--max-old-space-size=64', 'program.mjs', ...cases).outcome
    expect(ended.stderr).toBe('')
    told = ended.stdout
      .trimEnd()
      .split('\n')
      .map((text): Told => JSON.parse(text))
  }, 240_000)

  test.each(cases)('%s', name => {
    const [fault, how, workers] = name.split(' ') as [string, string, string]
    const { events, result, before, after } = told.find(t => t.fault === name)!
    expect(result).not.toContain('failed')
    expect(existsSync(join(workshop.folder, `mark-${fault}-${how}${workers}`))).toBe(true)
    if (how !== 'collect') expect(events).toEqual([expected[fault], 'restored true'])
    expect(after).toEqual(before)
    if (how === 'collect') {
      const counts = Array.from({ length: 7 }, (_, k) => ({ k, count: Math.ceil((ROWS - k) / 7) }))
      expect(JSON.parse(result)).toEqual(counts)
    } else expect(written(`${fault}-${how}${workers}${how === 'file' ? '.csv' : '/'}`)).toEqual(windowsByHand())
  })

  test('and leaves nothing behind', () => {
    // A part that a thread was writing when it ended is swept from the checkpoint folder when its process is gone, too.
    const mine = workshop.list().filter(name => !name.startsWith('node_modules') && !name.startsWith('state-'))
    expect(mine.filter(name => /(^|\/)\./.test(name))).toEqual([])
  })
})
