/**
 * What can go wrong on a worker, with real threads: one long-lived program runs a job for each fault, one after another,
 * and tells what the job said and what it left behind. Uses the built engine.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Workshop } from '../cli/workshop.ts'

const workshop = new Workshop()
afterAll(() => workshop.remove())

/** The jobs, by the name of their fault. Row 4321 is on worker 1, which alone has odd numbers before any exchange. */
const pipeline = `
import { isMainThread, parentPort } from 'node:worker_threads'
import { environment, generate, int32 } from 'millrace'
import { jsonLines } from 'millrace/files'

const env = environment({ parallelism: 2, workerTimeout: '2s', job: new URL('./job.mjs', import.meta.url) })
const bang = () => { throw new RangeError('bang') }
const at = act => row => { if (row.id === 4321) act(row); return row }
const source = generate({ rows: 9000, schema: { id: int32, k: int32 } }, i => ({ id: i, k: i % 7 }))
const numbers = env.dataset(source)
const keyed = numbers.eventTime(r => r.id, { disorder: 0 }).keyBy('k')
const onlyCaller = isMainThread ? { limit: 3 } : undefined
const block = ms => { for (const end = Date.now() + ms; Date.now() < end; ); }
const idle = () => ({ poll: () => 'wait', offset: () => 0, close() {} })
const live = () => env.dataset({ ...source, open: idle })
const broken = act => ({
  label: 'broken', takes: ['bounded'], place: 'workers',
  open: () => ({ ready: true, write() {}, prepareCommit: async () => [], async abort() {}, async close() {}, ...act }),
  commit: async () => act.commit?.(),
})

const jobs = {
  fine: () => numbers,
  map: () => numbers.map(at(bang)),
  process: () => keyed.process({ state: {}, onElement: (row, c) => { at(bang)(row); c.emit(row) } }),
  timer: () => keyed.process({ state: {}, onElement: (row, c) => c.timers.at(row.id), onTimer: bang }),
  reduce: () => numbers.groupBy('k').reduce((_, row) => at(bang)(row)),
  generate: () => env.dataset(generate({ rows: 9000, schema: { id: int32 } }, id => at(bang)({ id }))),
  open: () => env.dataset({ ...source, open: bang }),
  poll: () => env.dataset({ ...source, open: () => ({ ...idle(), poll: bang }) }),
  write: () => broken({ write: bang }),
  prepare: () => broken({ prepareCommit: async () => bang() }),
  commit: () => broken({ commit: bang }),
  evaluation: () => (isMainThread ? numbers : bang()),
  closure: () => numbers.filter(r => r.id > onlyCaller.limit),
  heap: () => numbers.map(at(() => { for (const kept = []; ; ) kept.push(new Array(1000).fill(kept.length)) })),
  exit: () => numbers.map(at(() => process.exit(0))),
  ended: () => numbers.map(at(() => process.reallyExit(5))),
  rejected: () => (isMainThread || setTimeout(() => Promise.reject(new RangeError('bang')), 50), live()),
  handled: () => {
    if (!isMainThread) process.on('unhandledRejection', () => {})
    return numbers.map(at(() => void Promise.reject(new RangeError('bang'))))
  },
  nothing: () => numbers.map(at(() => { throw null })),
  uncaught: () => (isMainThread || setTimeout(bang, 50), live()),
  hang: () => numbers.map(at(() => { for (;;); })),
  slow: () => numbers.map(at(() => block(700))),
  port: () => numbers.map(at(() => { parentPort.postMessage(null); parentPort.close() })),
  differs: () => numbers.filter(r => r.id > 0).to(jsonLines('other' + Math.random() + '.jsonl')),
  shape: () => (isMainThread ? numbers : numbers.groupBy('k').reduce(a => a)),
  none: () => (isMainThread ? numbers : undefined),
  waits: () => (isMainThread ? numbers : new Promise(() => {})),
}

/** What the job of a fault writes stands in a file of its name, if all goes well. */
export function run(fault) {
  const made = jobs[fault]()
  if (made === undefined) return
  if (made instanceof Promise) return made
  const rows = 'takes' in made ? [numbers.to(made), numbers] : [made]
  const written = rows.map(r => ('run' in r ? r : r.to(jsonLines(fault + '.jsonl'))))
  return env.run(written)
}
`
const job = `
import { run } from './pipeline.mjs'
await run(process.env.FAULT)
`
const program = `
import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { run } from './pipeline.mjs'

const tasks = '/proc/self/task'
const here = () => ({
  resources: process.getActiveResourcesInfo().filter(r => r !== 'PipeWrap' && r !== 'Timeout').sort(),
  threads: existsSync(tasks) ? readdirSync(tasks).length : 0,
  listeners: process.eventNames().map(name => [String(name), process.listenerCount(name)]).sort(),
})
async function outcome(fault) {
  process.env.FAULT = fault
  try {
    await run(fault)
    return 'resolved'
  } catch ({ code, message, hint, details, cause }) {
    return { code, message, hint, operator: details.operator, site: details.site, worker: details.worker, stack: cause?.stack }
  }
}
await outcome('fine')
await wait(50)
const before = here()
for (const fault of process.argv.slice(2)) {
  const said = await outcome(fault)
  // Threads that are gone for the engine may have some milliseconds to go for the system.
  for (let i = 0; i < 50 && JSON.stringify(here()) !== JSON.stringify(before); i++) await wait(20)
  console.log(JSON.stringify({ fault, said, before, after: here(), files: readdirSync('.') }))
}
`

interface Told {
  readonly fault: string
  readonly said: unknown
  readonly before: unknown
  readonly after: unknown
  readonly files: readonly string[]
}

const line = (text: string) => pipeline.split('\n').findIndex(l => l.trim().startsWith(text)) + 1
const at = (text: string) => ({ file: 'pipeline.mjs', line: line(text) })
const inFunction = {
  stack: expect.stringMatching(/^RangeError: bang\n {4}at (Object\.|Timeout\.)?bang .*pipeline\.mjs:7:/),
}
const thrown = { code: 'USER_FUNCTION', message: 'bang', ...inFunction }
const anyWorker = expect.toBeOneOf([0, 1])
const evaluatesAnew = expect.stringContaining('each worker evaluates')

const faults: Readonly<Record<string, object | 'resolved'>> = {
  map: { ...thrown, operator: 'map', worker: 1, site: at('map: ()') },
  process: { ...thrown, operator: 'process', worker: anyWorker, site: at('process: ()') },
  timer: { ...thrown, operator: 'process', worker: anyWorker, site: at('timer: ()') },
  reduce: { ...thrown, operator: 'reduce', worker: anyWorker, site: at('reduce: ()') },
  generate: { ...thrown, message: 'invalid row: RangeError: bang', worker: 1, site: at('generate: ()') },
  open: { ...thrown, operator: 'generate 9000', worker: anyWorker, site: at('open: () => env') },
  poll: { ...thrown, operator: 'generate 9000', worker: anyWorker, site: at('poll: ()') },
  write: { ...thrown, operator: 'broken', worker: anyWorker, site: at('const rows') },
  prepare: { ...thrown, operator: 'broken', worker: anyWorker, site: at('const rows') },
  commit: { ...thrown, operator: 'broken', site: at('const rows') },
  evaluation: { ...thrown, worker: anyWorker, hint: evaluatesAnew },
  closure: { code: 'USER_FUNCTION', operator: 'filter', worker: anyWorker, hint: evaluatesAnew },
  heap: { code: 'MEMORY_LIMIT', message: 'worker 1 ran out of heap', hint: expect.stringContaining('more workers') },
  exit: { code: 'JOB_EXITED', worker: 1, site: at('exit: ()'), message: expect.stringContaining('process.exit(0)') },
  ended: { code: 'WORKER_LOST', worker: 1, message: 'worker 1 ended with exit code 5' },
  rejected: { code: 'USER_FUNCTION', message: 'bang', worker: anyWorker, hint: expect.stringContaining('rejected') },
  handled: 'resolved',
  nothing: { code: 'USER_FUNCTION', message: 'null', operator: 'map', worker: 1, site: at('nothing: ()') },
  uncaught: { ...thrown, worker: anyWorker, hint: expect.stringContaining('nobody caught') },
  hang: { code: 'WORKER_LOST', worker: 1, message: 'worker 1 hangs: no sign of life for 2 s' },
  slow: 'resolved',
  port: 'resolved',
  differs: { code: 'PLAN_DIFFERS', worker: anyWorker, message: expect.stringMatching(/has "sink .*", not "sink/) },
  shape: { code: 'PLAN_DIFFERS', worker: anyWorker, message: expect.stringMatching(/has ".*reduce.*", not ".*source/) },
  none: { code: 'PLAN_DIFFERS', message: expect.stringMatching(/^missing job: .* ran no job on this worker/) },
  waits: { code: 'PLAN_DIFFERS', message: expect.stringMatching(/^missing job: .* waits for something/) },
}

/** For some ways of filling a worker's heap Node 24 ends the whole process, before anybody can say anything. */
const heapEndsProcess = Number(process.versions.node.split('.')[0]) >= 24
const tried = Object.entries(faults).filter(([fault]) => !(heapEndsProcess && fault === 'heap'))

describe('a fault on a worker ends its job, and nothing else', () => {
  let told: readonly Told[] = []
  let code: number | null
  beforeAll(async () => {
    workshop.install()
    workshop.write({ 'pipeline.mjs': pipeline, 'job.mjs': job, 'program.mjs': program })
    const { outcome } = workshop.node('--max-old-space-size=64', 'program.mjs', ...tried.map(([fault]) => fault))
    const ended = await outcome
    expect(ended.stderr).toBe('')
    code = ended.code
    told = ended.stdout
      .trimEnd()
      .split('\n')
      .map((text): Told => JSON.parse(text))
  }, 240_000)

  if (heapEndsProcess) test.skip('heap: on Node 24 the process may end with the worker', () => {})

  test.each(tried)('%s', (fault, expected) => {
    const { said, before, after, files } = told.find(t => t.fault === fault)!
    if (typeof expected === 'string') expect(said).toBe(expected)
    else expect(said).toMatchObject(expected)
    expect(after).toEqual(before)
    expect(files.includes(`${fault}.jsonl`)).toBe(expected === 'resolved')
    expect(files.filter(name => name.startsWith('.'))).toEqual([])
  })

  test('the program ends by itself, and nothing is left', () => {
    expect(code).toBe(0)
    expect(workshop.leftovers()).toEqual([])
  })
})
